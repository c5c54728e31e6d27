// What crosses the API, from the contract that the service checks it by. Types alone: nothing of zod is in the built files.
export type {
  ConfirmFreeRequest,
  ConfirmResponse,
  ConfirmWithSecretRequest,
} from "../../../shared/contract/confirm.ts";
export type { CreateInput, CreateResponse } from "../../../shared/contract/create.ts";
export type {
  CheckResponse,
  Entitlement,
  EntitlementsResponse,
} from "../../../shared/contract/entitlements.ts";
export type {
  PricedProduct,
  ProductPrice,
  ProductsResponse,
  ReplaceableSubscription,
} from "../../../shared/contract/products.ts";
export type { PortalResponse } from "../../../shared/contract/portal.ts";
export type {
  EndingResponse,
  NextInvoice,
  OwnSubscription,
  SubscriptionsResponse,
} from "../../../shared/contract/subscription.ts";
export type { CheckoutStatus, OwnedSnapshot, Snapshot } from "../../../shared/contract/snapshot.ts";
