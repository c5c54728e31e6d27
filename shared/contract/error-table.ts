interface ErrorEntry<Status extends number = number> {
  readonly status: Status;
  /** Whether the same request may succeed when it is sent again, unchanged. */
  readonly retry: boolean;
  /** The sentence that a caller is told. It names nothing inside. */
  readonly message: string;
}

type Sentences<Code extends string> = Readonly<Record<Code, string>>;

/** The entries of one status, for requests that are refused again however often they are sent. */
const final = <Status extends number, Code extends string>(
  status: Status,
  sentences: Sentences<Code>,
) => entries(status, false, sentences);
/** The same for what passes by itself. */
const passing = <Status extends number, Code extends string>(
  status: Status,
  sentences: Sentences<Code>,
) => entries(status, true, sentences);

function entries<Status extends number, Code extends string>(
  status: Status,
  retry: boolean,
  sentences: Sentences<Code>,
): Readonly<Record<Code, ErrorEntry<Status>>>;
function entries(status: number, retry: boolean, sentences: Sentences<string>) {
  return Object.fromEntries(
    Object.entries(sentences).map(([code, message]) => [code, { status, retry, message }]),
  );
}

/** Every error that a caller can be told, once. docs/errors.md is made from this table. */
export const errorTable = {
  ...final(400, {
    invalid_json: "The body is not valid JSON.",
    invalid_request: "The request is not valid; details.issues says where.",
    price_unavailable: "This price is not on sale.",
    amount_too_small: "The amount is below what can be charged in this currency.",
    currency_mismatch: "A subscription does not change to a price in another currency.",
    change_to_free: "A paid subscription does not change to a free price; cancel it instead.",
    address_required: "The customer's address is needed: taxes follow from it.",
    address_invalid: "The customer's address is not enough to tell the taxes.",
    tax_id_invalid: "This tax id is not valid.",
    amount_too_large: "The amount is above what can be charged in this currency.",
    quantity_not_allowed:
      "This price is not sold in this quantity; details say how many may be bought.",
    coupon_not_found: "There is no such coupon.",
    coupon_expired: "This coupon has expired.",
    coupon_not_applicable: "This coupon is not for this price; details say why.",
    coupon_first_time_only: "This coupon is for new customers only.",
    coupon_exhausted: "This coupon has been used up.",
    return_url_not_allowed: "The return URL leads to no origin that may call from a browser.",
    mode_unavailable: "This kind of checkout is not available.",
    not_free: "Something is due for this checkout; confirm it with its client secret.",
    payment_method_invalid: "This payment method cannot be used here.",
    bank_account_unverified:
      "This bank account would have to be verified by small deposits, which takes days. Please let your bank verify it at once, or choose another payment method.",
  }),
  ...final(401, {
    api_key_invalid: "The organization's secret key is missing or not valid.",
    secret_key_invalid: "The project's secret key is missing or not valid.",
    session_token_invalid:
      "The session token or sign-in is missing, expired, revoked or not valid.",
    client_secret_invalid: "The client secret belongs to no checkout session.",
    signature_invalid: "The webhook's signature is missing, too old or not valid.",
  }),
  ...final(402, {
    card_declined: "Your card was declined. Please try another card.",
    authentication_failed:
      "We could not confirm this payment with your bank. Please try again, or another card.",
    payment_failed: "The payment failed. Please try another payment method.",
  }),
  ...final(403, {
    operation_not_allowed: "The session token does not allow this operation.",
  }),
  ...final(404, {
    route_not_found: "There is nothing at this path.",
    price_not_found: "There is no such price.",
    session_not_found: "There is no such checkout session.",
    subscription_not_found: "The customer has no such subscription.",
    customer_not_found: "The customer has bought nothing yet that the payment provider knows of.",
    token_not_found: "There is no such session token.",
  }),
  ...final(405, {
    method_not_allowed: "This path does not take this method.",
  }),
  ...final(409, {
    price_mismatch: "This price is not on sale: the catalogue and Stripe do not agree on it.",
    currency_conflict: "The customer's live subscriptions are in another currency.",
    balance_due: "The customer owes an earlier amount, which is to be paid before this begins.",
    payment_in_progress: "Another payment for this product is on its way; nothing was charged.",
    already_subscribed: "The customer already has a live subscription to this product.",
    already_on_price: "The subscription has this price already.",
    subscription_ended: "The subscription has ended; begin a new one.",
    subscription_changed:
      "The subscription has changed since this checkout was created; create a new one.",
    payment_overdue:
      "A payment for this subscription is overdue or on its way; the price changes once it is made.",
    change_unavailable:
      "This subscription is paused, scheduled, about to end or billed otherwise, and cannot be changed here.",
    idempotency_mismatch: "This Idempotency-Key was used for another request.",
    trial_used: "The free trial of this product has been used already; a new checkout has none.",
    session_closed: "The checkout session takes no payment any more; create a new one.",
    session_completed:
      "The checkout session has been completed; details.session shows what it came to.",
    payment_processing: "A payment is on its way; the checkout session cannot be canceled now.",
    payment_refunded: "The payment could not be honored and has been refunded.",
    refund_pending: "The payment could not be honored and is being refunded.",
    refund_failed:
      "The payment could not be honored, and its refund failed; the seller has to be asked.",
    merchant_account_unavailable: "The merchant's Stripe account cannot take payments.",
  }),
  ...passing(409, {
    change_in_progress: "Another change of this subscription is being carried out.",
    event_in_work: "This event is being worked on; deliver it again.",
  }),
  ...final(410, {
    session_expired: "The checkout session has expired; create a new one.",
  }),
  ...final(413, {
    body_too_large: "The body is too large.",
  }),
  ...final(415, {
    content_type_unsupported: "The body must be application/json.",
  }),
  ...passing(429, {
    rate_limited: "Too many requests. Please wait; Retry-After says how many seconds.",
  }),
  ...final(500, {
    event_dead: "This event has failed too often and waits for an operator.",
  }),
  ...passing(500, {
    internal_error: "Something went wrong on our side.",
  }),
  ...passing(503, {
    tax_unavailable: "The taxes cannot be told at the moment.",
    stripe_unavailable: "The payment provider cannot be reached at the moment.",
    timed_out: "This took too long. Nothing is lost: the same request may be sent again.",
    database_unavailable: "The service cannot be reached at the moment.",
    auth_unavailable: "The sign-in cannot be verified at the moment.",
  }),
};

export type ErrorCode = keyof typeof errorTable;

/** Why what was paid or set up came to nothing, as the snapshot says it. */
export const notHonored: readonly ErrorCode[] = [
  "already_subscribed",
  "subscription_changed",
  "trial_used",
  "price_unavailable",
  "price_mismatch",
  "payment_refunded",
  "refund_pending",
  "refund_failed",
];

/** The codes that are answered with one of some statuses. */
export type ErrorCodeOf<Status extends number> = {
  [Code in ErrorCode]: (typeof errorTable)[Code]["status"] extends Status ? Code : never;
}[ErrorCode];
