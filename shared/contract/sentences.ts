/**
 * What the customer is told for a decline code, in place of the error table's sentence. Codes that hint at fraud or theft are not
 * listed: Stripe asks that their reason is not shown (https://docs.stripe.com/declines/codes).
 */
export const declineSentences: ReadonlyMap<string, string> = new Map(Object.entries({
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

/** What confirm says of a session that is not over, by its status. */
export const pendingSentences = {
  pending: "Please choose a payment method.",
  processing: "Your payment is being processed.",
  requires_action: "Your bank wants to confirm this with you.",
} as const;

/** What it says of a session that succeeded, by what its subscription is by now, in Stripe's words. */
export const successSentences: ReadonlyMap<string, string> = new Map(Object.entries({
  active: "Your subscription is active.",
  trialing: "Your free trial has begun.",
  past_due: "This went through; a later invoice of the subscription is not paid yet.",
  unpaid: "This went through; a later invoice of the subscription was not paid.",
  paused: "This went through; the subscription is paused.",
  canceled: "This went through; the subscription has ended since.",
}));
/** The same where its subscription is something else. */
export const SUCCESS = "This went through.";

/** Why a payment is given back, as far as a customer is told it; `other` is every other reason. */
const returned = {
  already_subscribed: "You already have this subscription.",
  subscription_changed: "Your subscription has changed meanwhile.",
  deadline_passed: "Your order could not be completed.",
  money_returned: "Your order was not completed.",
  other: "This offer is no longer available.",
} as const;

const sentencesOf = (end: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(returned).map(([reason, why]) => [reason, `${why} ${end}`]));
const uncharged = (why: string) => ({ other: `${why} Nothing was charged.` });

/**
 * What a customer is told of a session that came to nothing, by its error's code and the reason. The database says it, in the
 * snapshot, and its table `ending_sentences` has the same.
 */
export const endingSentences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  payment_refunded: sentencesOf("Your payment has been refunded."),
  refund_failed: sentencesOf(
    "Your bank did not take the refund of your payment. Please contact the seller.",
  ),
  refund_pending: sentencesOf("Your payment is being refunded."),
  already_subscribed: uncharged("You already have this subscription."),
  trial_used: uncharged("The free trial of this product has been used already."),
  price_mismatch: uncharged(returned.other),
  price_unavailable: uncharged(returned.other),
  subscription_changed: uncharged(returned.subscription_changed),
};
