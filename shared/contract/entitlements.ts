import * as z from "zod/mini";
import { timestamp, uuid } from "./primitives.ts";

/** A feature's key, as the merchant chose it in the catalogue. */
export const featureKey = z.string().check(z.regex(/^[a-z0-9][a-z0-9_.-]{0,99}$/));

/** How much of a feature; null is no limit. */
const limit = z.nullable(z.int().check(z.minimum(0)));

/**
 * One feature that the customer may use now. Where several subscriptions grant it, the largest limit counts and the entry
 * tells of the subscription that has it.
 */
export const entitlement = z.object({
  featureKey,
  name: z.string(),
  limit,
  productId: uuid,
  productName: z.string(),
  subscriptionId: uuid,
  /** The subscription's: https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
  status: z.string(),
  currentPeriodEnd: timestamp,
  grantedAt: timestamp,
});
export type Entitlement = z.infer<typeof entitlement>;

/** Ordered by key; empty for a user who has bought nothing. */
export const entitlementsResponse = z.object({ entitlements: z.array(entitlement) });
export type EntitlementsResponse = z.infer<typeof entitlementsResponse>;

/** The query of a check, under the SDK's name. */
export const checkRequest = z.object({ feature_key: featureKey });

/** Whether one feature may be used. A key that is in no catalogue is answered as one that is not granted. */
export const checkResponse = z.object({
  featureKey,
  /** Granted, and with a limit that leaves something to use. */
  hasAccess: z.boolean(),
  /** 0 where the feature is not granted, so that `used < limit` needs no other check; null is no limit. */
  limit,
  /** What grants it. */
  entitlement: z.optional(entitlement),
});
export type CheckResponse = z.infer<typeof checkResponse>;

/** The same with the names that the SDK reads, as the function `features` answers it. */
export const sdkCheckResponse = z.extend(checkResponse, {
  feature_key: featureKey,
  has_access: z.boolean(),
});

export const sdkEntitlementsResponse = z.object({
  entitlements: z.array(z.extend(entitlement, {
    feature_key: featureKey,
    feature_title: z.string(),
    product_name: z.string(),
    subscription_status: z.string(),
    granted_at: timestamp,
  })),
});
