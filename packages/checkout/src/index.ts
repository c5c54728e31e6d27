export {
  type CallOptions,
  type CheckoutClient,
  type CheckoutClientOptions,
  createCheckoutClient,
  type Watched,
} from "./client.ts";
export {
  CheckoutError,
  ConflictError,
  type ErrorCode,
  ExpiredError,
  ForbiddenError,
  InvalidRequestError,
  NetworkError,
  NotFoundError,
  PaymentError,
  RateLimitedError,
  ServiceError,
  UnauthorizedError,
  UnexpectedAnswerError,
} from "./errors.ts";
export { isOver } from "./snapshot.ts";
export type * from "./types.ts";
export type { Watch, WatchCallbacks, WatchOptions } from "./watch.ts";
