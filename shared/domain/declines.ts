import { errorTable } from "../contract/error-table.ts";
import { declineSentences } from "../contract/sentences.ts";

/** Why a payment was refused, in the form the contract shows. */
export interface PaymentFailure {
  readonly code: "card_declined" | "authentication_failed" | "payment_failed";
  /** Stripe's decline code, or its error code where the bank gave none. */
  readonly declineCode: string;
  /** Fit for the customer. */
  readonly message: string;
}

/** A refusal as Stripe reports it. */
export interface StripeRefusal {
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly decline_code?: string | undefined;
  readonly payment_method?: { readonly type: string } | undefined;
}

const failed = (
  code: PaymentFailure["code"],
  declineCode: string,
  message: string = errorTable[code].message,
): PaymentFailure => ({ code, declineCode, message });

/** The contract's form of a refusal by Stripe or by the customer's bank. */
export function paymentFailure(refusal: StripeRefusal): PaymentFailure {
  if (
    refusal.code === "payment_intent_authentication_failure" ||
    refusal.code === "setup_intent_authentication_failure"
  ) {
    return failed("authentication_failed", refusal.code);
  }
  const declineCode = refusal.decline_code || refusal.code || "generic_decline";
  const method = refusal.payment_method?.type ?? "card";
  if (method !== "card" || (refusal.type !== undefined && refusal.type !== "card_error")) {
    return failed("payment_failed", declineCode);
  }
  return failed("card_declined", declineCode, declineSentences.get(declineCode));
}
