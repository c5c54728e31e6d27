import Stripe from "stripe";
import type { ErrorCode } from "../contract/error-table.ts";
import { CheckoutError } from "../runtime/errors.ts";

const byStripeCode = new Map<string, ErrorCode>(Object.entries(
  {
    amount_too_small: "amount_too_small",
    amount_too_large: "amount_too_large",
    account_invalid: "merchant_account_unavailable",
    platform_account_required: "merchant_account_unavailable",
    charges_not_enabled: "merchant_account_unavailable",
    customer_tax_location_invalid: "address_invalid",
    tax_id_invalid: "tax_id_invalid",
    coupon_expired: "coupon_expired",
    // The account's to mend, or Stripe's: https://docs.stripe.com/error-codes
    stripe_tax_inactive: "tax_unavailable",
    taxes_calculation_failed: "tax_unavailable",
    failed_tax_calculation: "tax_unavailable",
  } as const,
));

/** Stripe says no to the request itself. */
export class StripeRefusal extends CheckoutError {
  readonly stripeCode: string;
  readonly param: string;
  /** It would say so again, since it is about what the customer chose and not about what somebody can mend. */
  readonly isFinal: boolean;

  constructor(code: ErrorCode, error: Stripe.errors.StripeError, cause: Error) {
    super(code, { cause });
    this.stripeCode = error.code ?? "";
    this.param = error.param ?? "";
    this.isFinal = isFinal(error);
  }
}

/** The merchant took the connected account away from the platform: nothing on it can be read or changed. */
export class AccountGone extends CheckoutError {
  constructor(cause: Error) {
    super("merchant_account_unavailable", { cause });
  }
}

/** What a call answers; undefined where Stripe refuses, whatever the reason. */
export async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof StripeRefusal) return undefined;
    throw error;
  }
}

/** What a retrieve answers; undefined where Stripe has no such object on this account. */
export async function found<T>(retrieved: Promise<T>): Promise<T | undefined> {
  try {
    return await retrieved;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether the refusal is that the customer whom the request names is no longer there. */
export const isCustomerGone = (error: unknown): boolean =>
  isMissing(error) && error.param === "customer";

/**
 * Whether the refusal is that something which the request names is not there; of a retrieve, the object itself. How the
 * parameter is called then differs from endpoint to endpoint, and says nothing.
 */
export const isMissing = (error: unknown): error is StripeRefusal =>
  error instanceof StripeRefusal && error.stripeCode === "resource_missing";

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
    // Another call under the same key may still be at work.
    error instanceof Stripe.errors.StripeIdempotencyError ||
    error.statusCode === 409 || (error.statusCode ?? 0) >= 500;
  if (passing) return new CheckoutError("stripe_unavailable", { cause });
  // Nothing is known of its status either.
  if (isOthers(error)) return new StripeRefusal("change_unavailable", error, cause);
  if (error instanceof Stripe.errors.StripePermissionError) {
    // A restricted key that lacks a permission is refused with another code.
    if (error.code === "account_invalid") return new AccountGone(cause);
    return new CheckoutError("merchant_account_unavailable", { cause });
  }
  const code = codeOf(error);
  return code !== "merchant_account_unavailable" &&
      (error instanceof Stripe.errors.StripeInvalidRequestError ||
        error instanceof Stripe.errors.StripeCardError)
    ? new StripeRefusal(code, error, cause)
    : new CheckoutError(code, { cause });
}

/**
 * Stripe gives no code where a customer's live subscriptions are in another currency, only these words:
 * https://docs.stripe.com/invoicing/multi-currency-customers
 */
const isOtherCurrency = ({ message }: Stripe.errors.StripeError) =>
  message.startsWith("You cannot combine currencies on a single customer");

/**
 * That the platform has not made the subscription (https://docs.stripe.com/connect/subscriptions, Restrictions). These words are recorded
 * in public repositories; of a code or a parameter nothing is.
 */
const isOthers = ({ message }: Stripe.errors.StripeError) =>
  message.includes("not created by your application");

function codeOf(error: Stripe.errors.StripeError): ErrorCode {
  if (isOtherCurrency(error)) return "currency_conflict";
  return byStripeCode.get(error.code ?? "") ?? "internal_error";
}

/** What a bank says when it has no answer yet: https://docs.stripe.com/declines/codes */
const passingDeclines = new Set([
  "issuer_not_available",
  "processing_error",
  "reenter_transaction",
  "try_again_later",
]);

/** Parameters that stand for what the customer bought and pays with: no setting of ours or the account's makes them right. */
const chosen = /^(items|payment_method|default_payment_method)\b/;

/**
 * Whether the same request would be refused again. Anything else (taxes that cannot be told, a parameter that does not
 * suit, a right that a key lacks) is for somebody to mend, and no reason to give the customer's money back before its time.
 */
function isFinal(error: Stripe.errors.StripeError): boolean {
  if (isOthers(error)) return true;
  if (error instanceof Stripe.errors.StripeCardError) {
    // stripe-node has an empty text where Stripe gave no decline code.
    return !passingDeclines.has(error.decline_code || (error.code ?? ""));
  }
  if (error.code?.startsWith("parameter") === true) return false;
  return error.code === "resource_missing" || chosen.test(error.param ?? "") ||
    isOtherCurrency(error);
}
