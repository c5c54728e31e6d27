import { STATUS_CODE } from "deno-std/http/status.js";

interface ErrorEntry {
  readonly status: number;
  /** Whether the same request may succeed when it is sent again, unchanged. */
  readonly retry: boolean;
  /** The default message. Shown to callers: it names nothing inside. */
  readonly message: string;
}

/** Every error that a caller can be told, once. docs/errors.md is made from this table. */
export const errorTable = {
  invalid_json: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "The body is not valid JSON.",
  },
  invalid_request: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "The request is not valid; details.issues says where.",
  },
  price_unavailable: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This price is not on sale.",
  },
  price_mismatch: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "This price is not on sale: the catalogue and Stripe do not agree on it.",
  },
  currency_conflict: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The customer's live subscriptions are in another currency.",
  },
  balance_due: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The customer owes an earlier amount, which is to be paid before this begins.",
  },
  tax_unavailable: {
    status: STATUS_CODE.ServiceUnavailable,
    retry: true,
    message: "The taxes cannot be told at the moment.",
  },
  amount_too_small: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "The amount is below what can be charged in this currency.",
  },
  currency_mismatch: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "A subscription does not change to a price in another currency.",
  },
  change_to_free: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "A paid subscription does not change to a free price; cancel it instead.",
  },
  address_required: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "The customer's address is needed: taxes follow from it.",
  },
  address_invalid: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "The customer's address is not enough to tell the taxes.",
  },
  tax_id_invalid: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This tax id is not valid.",
  },
  amount_too_large: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "The amount is above what can be charged in this currency.",
  },
  quantity_not_allowed: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This price is not sold in this quantity; details say how many may be bought.",
  },
  coupon_not_found: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "There is no such coupon.",
  },
  coupon_expired: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This coupon has expired.",
  },
  coupon_not_applicable: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This coupon is not for this price; details say why.",
  },
  coupon_first_time_only: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This coupon is for new customers only.",
  },
  coupon_exhausted: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This coupon has been used up.",
  },
  mode_unavailable: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This kind of checkout is not available.",
  },
  not_free: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "Something is due for this checkout; confirm it with its client secret.",
  },
  payment_method_invalid: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message: "This payment method cannot be used here.",
  },
  bank_account_unverified: {
    status: STATUS_CODE.BadRequest,
    retry: false,
    message:
      "This bank account would have to be verified by small deposits, which takes days. Please let your bank verify it at once, or choose another payment method.",
  },
  api_key_invalid: {
    status: STATUS_CODE.Unauthorized,
    retry: false,
    message: "The organization's secret key is missing or not valid.",
  },
  secret_key_invalid: {
    status: STATUS_CODE.Unauthorized,
    retry: false,
    message: "The project's secret key is missing or not valid.",
  },
  session_token_invalid: {
    status: STATUS_CODE.Unauthorized,
    retry: false,
    message: "The session token is missing, expired, revoked or not valid.",
  },
  client_secret_invalid: {
    status: STATUS_CODE.Unauthorized,
    retry: false,
    message: "The client secret belongs to no checkout session.",
  },
  signature_invalid: {
    status: STATUS_CODE.Unauthorized,
    retry: false,
    message: "The webhook's signature is missing, too old or not valid.",
  },
  card_declined: {
    status: STATUS_CODE.PaymentRequired,
    retry: false,
    message: "Your card was declined. Please try another card.",
  },
  authentication_failed: {
    status: STATUS_CODE.PaymentRequired,
    retry: false,
    message: "We could not confirm this payment with your bank. Please try again, or another card.",
  },
  payment_failed: {
    status: STATUS_CODE.PaymentRequired,
    retry: false,
    message: "The payment failed. Please try another payment method.",
  },
  operation_not_allowed: {
    status: STATUS_CODE.Forbidden,
    retry: false,
    message: "The session token does not allow this operation.",
  },
  route_not_found: {
    status: STATUS_CODE.NotFound,
    retry: false,
    message: "There is nothing at this path.",
  },
  price_not_found: {
    status: STATUS_CODE.NotFound,
    retry: false,
    message: "There is no such price.",
  },
  session_not_found: {
    status: STATUS_CODE.NotFound,
    retry: false,
    message: "There is no such checkout session.",
  },
  subscription_not_found: {
    status: STATUS_CODE.NotFound,
    retry: false,
    message: "The customer has no such subscription.",
  },
  token_not_found: {
    status: STATUS_CODE.NotFound,
    retry: false,
    message: "There is no such session token.",
  },
  method_not_allowed: {
    status: STATUS_CODE.MethodNotAllowed,
    retry: false,
    message: "This path does not take this method.",
  },
  payment_in_progress: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "Another payment for this product is on its way; nothing was charged.",
  },
  already_subscribed: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The customer already has a live subscription to this product.",
  },
  already_on_price: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The subscription has this price already.",
  },
  subscription_ended: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The subscription has ended; begin a new one.",
  },
  subscription_changed: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The subscription has changed since this checkout was created; create a new one.",
  },
  payment_overdue: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "A payment for this subscription is overdue; pay it before changing the price.",
  },
  change_unavailable: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message:
      "This subscription is paused, scheduled, about to end or billed otherwise, and cannot be changed here.",
  },
  change_in_progress: {
    status: STATUS_CODE.Conflict,
    retry: true,
    message: "Another change of this subscription is being carried out.",
  },
  idempotency_mismatch: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "This Idempotency-Key was used for another request.",
  },
  trial_used: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The free trial of this product has been used already; a new checkout has none.",
  },
  session_closed: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The checkout session takes no payment any more; create a new one.",
  },
  session_completed: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The checkout session has been completed; details.session shows what it came to.",
  },
  payment_processing: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "A payment is on its way; the checkout session cannot be canceled now.",
  },
  payment_refunded: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The payment could not be honored and has been refunded.",
  },
  refund_pending: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The payment could not be honored and is being refunded.",
  },
  refund_failed: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The payment could not be honored, and its refund failed; the seller has to be asked.",
  },
  merchant_account_unavailable: {
    status: STATUS_CODE.Conflict,
    retry: false,
    message: "The merchant's Stripe account cannot take payments.",
  },
  event_in_work: {
    status: STATUS_CODE.Conflict,
    retry: true,
    message: "This event is being worked on; deliver it again.",
  },
  session_expired: {
    status: STATUS_CODE.Gone,
    retry: false,
    message: "The checkout session has expired; create a new one.",
  },
  body_too_large: {
    status: STATUS_CODE.ContentTooLarge,
    retry: false,
    message: "The body is too large.",
  },
  content_type_unsupported: {
    status: STATUS_CODE.UnsupportedMediaType,
    retry: false,
    message: "The body must be application/json.",
  },
  rate_limited: {
    status: STATUS_CODE.TooManyRequests,
    retry: true,
    message: "Too many requests. Please wait; Retry-After says how many seconds.",
  },
  internal_error: {
    status: STATUS_CODE.InternalServerError,
    retry: true,
    message: "Something went wrong on our side.",
  },
  event_dead: {
    status: STATUS_CODE.InternalServerError,
    retry: false,
    message: "This event has failed too often and waits for an operator.",
  },
  stripe_unavailable: {
    status: STATUS_CODE.ServiceUnavailable,
    retry: true,
    message: "The payment provider cannot be reached at the moment.",
  },
  timed_out: {
    status: STATUS_CODE.ServiceUnavailable,
    retry: true,
    message: "This took too long. Nothing is lost: the same request may be sent again.",
  },
  database_unavailable: {
    status: STATUS_CODE.ServiceUnavailable,
    retry: true,
    message: "The service cannot be reached at the moment.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

/** A refusal that the caller is told. `cause` is for the log alone. */
export class CheckoutError extends Error {
  override readonly name = "CheckoutError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Seconds after which the same request may succeed, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    options: {
      retryAfter?: number;
      message?: string;
      details?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(options.message ?? errorTable[code].message, { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}
