import type { ErrorCode, ErrorCodeOf } from "../../../shared/contract/error-table.ts";

export type { ErrorCode };

/** A code that this version does not know: a newer service may answer one, and something between may answer in its place. */
type Unlisted = string & Record<never, never>;

/** What is known of a call that failed. */
export interface Failure {
  readonly code: string;
  /** Fit for the customer where the service answered it. */
  readonly message: string;
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly requestId?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Seconds to wait before asking again, where the service said so. */
  readonly retryAfter?: number | undefined;
}

/**
 * Below 500 these alone pass by themselves, and of the others this one does not: shared/contract/error-table.ts, which a test
 * holds equal.
 */
const passing: readonly string[] = ["change_in_progress", "event_in_work"] satisfies ErrorCode[];
const lasting: readonly string[] = ["event_dead"] satisfies ErrorCode[];

/** A call that failed. Which class it is of follows from the status; what exactly happened is its `code`. */
export class CheckoutError extends Error implements Failure {
  override readonly name: string = "CheckoutError";
  readonly code: ErrorCode | "network_error" | "unexpected_answer" | "unknown_error" | Unlisted;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfter: number | undefined;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.code = failure.code;
    this.status = failure.status;
    this.requestId = failure.requestId;
    this.details = failure.details;
    this.retryAfter = failure.retryAfter;
  }

  /** Whether the same call may succeed when it is made again, unchanged. */
  get retryable(): boolean {
    const { code, status } = this;
    return status === 0 || status === 429 || passing.includes(code) ||
      (status >= 500 && !lasting.includes(code));
  }
}

/** 400, 405, 413, 415: the request itself is at fault, or asks for what is not sold. */
export class InvalidRequestError extends CheckoutError {
  override readonly name = "InvalidRequestError";
  declare readonly code: ErrorCodeOf<400 | 405 | 413 | 415> | Unlisted;
}

/** 401: the caller's token or secret is missing, expired or not valid. */
export class UnauthorizedError extends CheckoutError {
  override readonly name = "UnauthorizedError";
  declare readonly code: ErrorCodeOf<401> | Unlisted;
}

/** 402: the payment method was refused. The session stays open for another one; `message` is fit for the customer. */
export class PaymentError extends CheckoutError {
  override readonly name = "PaymentError";
  declare readonly code: ErrorCodeOf<402> | Unlisted;

  /** Stripe's word, where there is one: https://docs.stripe.com/declines/codes */
  get declineCode(): string | undefined {
    const code = this.details?.["declineCode"];
    return typeof code === "string" ? code : undefined;
  }
}

/** 403: the token is valid and not for this. */
export class ForbiddenError extends CheckoutError {
  override readonly name = "ForbiddenError";
  declare readonly code: ErrorCodeOf<403> | Unlisted;
}

/** 404 */
export class NotFoundError extends CheckoutError {
  override readonly name = "NotFoundError";
  declare readonly code: ErrorCodeOf<404> | Unlisted;
}

/** 409: how things stand does not allow it. */
export class ConflictError extends CheckoutError {
  override readonly name = "ConflictError";
  declare readonly code: ErrorCodeOf<409> | Unlisted;
}

/** 410: create a new session. */
export class ExpiredError extends CheckoutError {
  override readonly name = "ExpiredError";
  declare readonly code: ErrorCodeOf<410> | Unlisted;
}

/** 429: `retryAfter` says how many seconds to wait. */
export class RateLimitedError extends CheckoutError {
  override readonly name = "RateLimitedError";
  declare readonly code: ErrorCodeOf<429> | Unlisted;
}

/** 500 and above. */
export class ServiceError extends CheckoutError {
  override readonly name = "ServiceError";
  declare readonly code: ErrorCodeOf<500 | 503> | Unlisted;
}

/** There was no answer, or it broke off, or it took too long. What was asked for may have been done all the same. */
export class NetworkError extends CheckoutError {
  override readonly name = "NetworkError";

  constructor(cause: unknown) {
    super({
      code: "network_error",
      message: "The service could not be reached.",
      status: 0,
    }, cause);
  }
}

/** A success that is none of this service's: a page in its place, or nothing; of a token that was asked for, with status 0. */
export class UnexpectedAnswerError extends CheckoutError {
  override readonly name = "UnexpectedAnswerError";

  constructor(status: number, cause?: unknown) {
    super({
      code: "unexpected_answer",
      message: "The service answered what this version of the client does not know.",
      status,
    }, cause);
  }
}

const classes: Readonly<Record<number, new (failure: Failure) => CheckoutError>> = {
  400: InvalidRequestError,
  401: UnauthorizedError,
  402: PaymentError,
  403: ForbiddenError,
  404: NotFoundError,
  405: InvalidRequestError,
  409: ConflictError,
  410: ExpiredError,
  413: InvalidRequestError,
  415: InvalidRequestError,
  429: RateLimitedError,
};

/** The error that a failure is told as. */
export function errorOf(failure: Failure): CheckoutError {
  const Class = classes[failure.status] ?? (failure.status >= 500 ? ServiceError : CheckoutError);
  return new Class(failure);
}
