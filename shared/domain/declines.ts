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

const GENERIC = "Your card was declined. Please try another card.";

/**
 * What to tell the customer for a decline code. Codes that hint at fraud or theft are not listed: Stripe asks that their
 * reason is not shown (https://docs.stripe.com/declines/codes).
 */
const messages = new Map(Object.entries({
  authentication_required: "Your bank wants to confirm this payment with you. Please try again.",
  approve_with_id: "The payment could not be authorized. Please try again, or another card.",
  call_issuer:
    "Your bank did not allow this payment. Please contact your bank, or try another card.",
  card_not_supported: "Your card does not support this kind of purchase. Please try another card.",
  card_velocity_exceeded: "You have reached the limit of your card. Please try another card.",
  currency_not_supported: "Your card does not support this currency. Please try another card.",
  do_not_honor:
    "Your bank did not allow this payment. Please contact your bank, or try another card.",
  expired_card: "Your card has expired. Please try another card.",
  incorrect_cvc: "Your card's security code is incorrect. Please check it.",
  incorrect_number: "Your card number is incorrect. Please check it.",
  incorrect_zip: "Your card's postal code is incorrect. Please check it.",
  insufficient_funds: "Your card has insufficient funds. Please try another card.",
  invalid_cvc: "Your card's security code is incorrect. Please check it.",
  invalid_number: "Your card number is incorrect. Please check it.",
  invalid_expiry_month: "Your card's expiry date is incorrect. Please check it.",
  invalid_expiry_year: "Your card's expiry date is incorrect. Please check it.",
  issuer_not_available: "Your bank could not be reached. Please try again.",
  processing_error: "An error occurred while processing your card. Please try again.",
  reenter_transaction: "An error occurred while processing your card. Please try again.",
  try_again_later: "An error occurred while processing your card. Please try again.",
  withdrawal_count_limit_exceeded:
    "You have reached the limit of your card. Please try another card.",
}));

/** The contract's form of a refusal by Stripe or by the customer's bank. */
export function paymentFailure(refusal: StripeRefusal): PaymentFailure {
  if (
    refusal.code === "payment_intent_authentication_failure" ||
    refusal.code === "setup_intent_authentication_failure"
  ) {
    return {
      code: "authentication_failed",
      declineCode: refusal.code,
      message:
        "We could not confirm this payment with your bank. Please try again, or another card.",
    };
  }
  const declineCode = refusal.decline_code || refusal.code || "generic_decline";
  const method = refusal.payment_method?.type ?? "card";
  if (method !== "card" || (refusal.type !== undefined && refusal.type !== "card_error")) {
    return {
      code: "payment_failed",
      declineCode,
      message: "The payment failed. Please try another payment method.",
    };
  }
  return { code: "card_declined", declineCode, message: messages.get(declineCode) ?? GENERIC };
}
