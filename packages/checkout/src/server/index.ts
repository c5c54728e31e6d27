export { CheckoutError, UnauthorizedError } from "../errors.ts";
export {
  type CheckoutServer,
  type CheckoutServerOptions,
  createCheckoutServer,
  type User,
} from "./server.ts";
export type { CheckResponse, Entitlement, EntitlementsResponse } from "../types.ts";
export type {
  CreateSessionTokenInput,
  CreateSessionTokenResponse,
  RevokeSessionTokenResponse,
} from "../../../../shared/contract/session-token.ts";
