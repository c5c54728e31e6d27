import { type ErrorCode, notHonored } from "./error-table.ts";

// Which errors an operation may answer, by what can go wrong in it. An answer of a test that is not listed fails that test.

/** Whatever is asked. */
const always: readonly ErrorCode[] = ["internal_error", "timed_out", "database_unavailable"];
/** A JSON body is read. */
const body: readonly ErrorCode[] = [
  "invalid_json",
  "invalid_request",
  "body_too_large",
  "content_type_unsupported",
];
/** A customer proves who they are. */
const customer: readonly ErrorCode[] = [
  "session_token_invalid",
  "operation_not_allowed",
  "auth_unavailable",
];
/** Stripe is asked. */
const stripe: readonly ErrorCode[] = ["stripe_unavailable", "merchant_account_unavailable"];
/** Stripe is asked for what it may refuse. */
const sold: readonly ErrorCode[] = [
  ...stripe,
  "amount_too_small",
  "amount_too_large",
  "address_invalid",
  "tax_id_invalid",
  "coupon_expired",
  "currency_conflict",
  "price_unavailable",
  "price_mismatch",
  "tax_unavailable",
];
/** A session is asked for something that it has come past. */
const ended: readonly ErrorCode[] = ["session_closed", "session_expired"];

const list = (...groups: readonly (readonly ErrorCode[])[]): readonly ErrorCode[] => [
  ...new Set([...always, ...groups.flat()]),
];

/** What stands between an open session and its end, with a payment method or without. */
const carriedOut = [...sold, ...ended, ...notHonored, "change_in_progress"] as const;

export const operationErrors = {
  createToken: list(body, ["api_key_invalid", "rate_limited"]),
  revokeToken: list(["api_key_invalid", "token_not_found"]),
  create: list(body, customer, sold, ended, [
    "rate_limited",
    "address_required",
    "already_on_price",
    "already_subscribed",
    "balance_due",
    "change_in_progress",
    "change_to_free",
    "change_unavailable",
    "coupon_exhausted",
    "coupon_first_time_only",
    "coupon_not_applicable",
    "coupon_not_found",
    "currency_mismatch",
    "idempotency_mismatch",
    "mode_unavailable",
    "payment_overdue",
    "price_not_found",
    "quantity_not_allowed",
    "subscription_changed",
    "subscription_ended",
    "subscription_not_found",
  ]),
  confirmByPath: list(body, carriedOut, [
    "client_secret_invalid",
    "rate_limited",
    "card_declined",
    "authentication_failed",
    "payment_failed",
    "payment_method_invalid",
    "bank_account_unverified",
    "payment_in_progress",
    "coupon_first_time_only",
  ]),
  confirmFree: list(customer, carriedOut, ["session_not_found", "not_free"]),
  status: list(customer, stripe, ["session_not_found", "rate_limited"]),
  cancel: list(customer, stripe, ended, notHonored, [
    "session_not_found",
    "session_completed",
    "payment_processing",
  ]),
  read: list(customer),
  readBy: list(customer, ["invalid_request"]),
  subscriptions: list(customer, stripe, ["invalid_request", "rate_limited"]),
  ending: list(body, customer, stripe, [
    "rate_limited",
    "subscription_not_found",
    "subscription_ended",
    "change_unavailable",
    "change_in_progress",
  ]),
  portal: list(body, customer, stripe, [
    "rate_limited",
    "return_url_not_allowed",
    "customer_not_found",
  ]),
  webhook: list(sold, [
    "invalid_json",
    "invalid_request",
    "body_too_large",
    "signature_invalid",
    "event_in_work",
    "event_dead",
  ]),
  reconcile: list(["secret_key_invalid"]),
  health: list(["invalid_request", "secret_key_invalid"]),
  document: ["internal_error", "timed_out"],
} satisfies Readonly<Record<string, readonly ErrorCode[]>>;
