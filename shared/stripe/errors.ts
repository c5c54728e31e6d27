import Stripe from "stripe";
import { CheckoutError, type ErrorCode } from "../errors.ts";

const byStripeCode = new Map<string, ErrorCode>(Object.entries(
  {
    amount_too_small: "amount_too_small",
    amount_too_large: "amount_too_large",
    account_invalid: "merchant_account_unavailable",
    platform_account_required: "merchant_account_unavailable",
    charges_not_enabled: "merchant_account_unavailable",
    customer_tax_location_invalid: "address_invalid",
    tax_id_invalid: "tax_id_invalid",
  } as const,
));

/** Stripe says no, and would again: the request itself cannot be carried out. */
export class StripeRefusal extends CheckoutError {
  readonly stripeCode: string;
  readonly param: string;

  constructor(code: ErrorCode, error: Stripe.errors.StripeError, cause: Error) {
    super(code, { cause });
    this.stripeCode = error.code ?? "";
    this.param = error.param ?? "";
  }
}

/** The merchant took the connected account away from the platform: nothing on it can be read or changed. */
export class AccountGone extends CheckoutError {
  constructor(cause: Error) {
    super("merchant_account_unavailable", { cause });
  }
}

/** Whether the refusal is that the customer is no longer there. */
export const isCustomerGone = (error: unknown): boolean =>
  error instanceof StripeRefusal && error.stripeCode === "resource_missing" &&
  error.param === "customer";

/** Whether the refusal is that the object itself is not there. */
export const isGone = (error: unknown): boolean =>
  error instanceof StripeRefusal && error.stripeCode === "resource_missing" &&
  (error.param === "id" || error.param === "");

/** Parameters that are about a person: Stripe's words on a wrong one may quote it. */
const personal =
  /^(customer_details|mandate_data|address|shipping|billing_details|name|email|receipt_email|phone|tax_id\w*|value|metadata)\b/;

/** Stripe's own words, or only what they are about; the rest is at Stripe, under the request's id. */
const wordsOf = ({ param, message }: Stripe.errors.StripeError): string =>
  param !== undefined && personal.test(param) ? `on ${param}` : message;

/** Stripe's failure as ours. Its text goes to the log as the cause; the caller gets the table's words. */
export function asCheckoutError(error: unknown): Error {
  if (!(error instanceof Stripe.errors.StripeError)) {
    return error instanceof Error ? error : new Error("something that is no error was thrown");
  }
  const cause = new Error(
    [error.type, error.code, error.statusCode, error.requestId, wordsOf(error)].join(" "),
  );
  const passing = error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeRateLimitError ||
    error.statusCode === 409 || (error.statusCode ?? 0) >= 500;
  if (passing) return new CheckoutError("stripe_unavailable", { cause });
  if (error instanceof Stripe.errors.StripePermissionError) {
    // A restricted key that lacks a permission is refused with another code.
    if (error.code === "account_invalid") return new AccountGone(cause);
    return new CheckoutError("merchant_account_unavailable", { cause });
  }
  const code = byStripeCode.get(error.code ?? "") ?? "internal_error";
  return isFinal(error)
    ? new StripeRefusal(code, error, cause)
    : new CheckoutError(code, { cause });
}

/** What a bank says when it has no answer yet: https://docs.stripe.com/declines/codes */
const passingDeclines = new Set([
  "issuer_not_available",
  "processing_error",
  "reenter_transaction",
  "try_again_later",
]);

/**
 * Whether the same request would be refused again. An account that cannot take payments today may tomorrow, a bank may be
 * back, and a parameter that Stripe does not know is our own fault: none of them is a reason to give money back.
 */
function isFinal(error: Stripe.errors.StripeError): boolean {
  if (error instanceof Stripe.errors.StripeCardError) {
    // stripe-node has an empty text where Stripe gave no decline code.
    return !passingDeclines.has(error.decline_code || (error.code ?? ""));
  }
  return error instanceof Stripe.errors.StripeInvalidRequestError &&
    byStripeCode.get(error.code ?? "") !== "merchant_account_unavailable" &&
    !(error.code ?? "").startsWith("parameter_");
}
