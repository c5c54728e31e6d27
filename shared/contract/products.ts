import * as z from "zod/mini";
import { catalogueKey, currency, minorUnits, timestamp, uuid } from "./primitives.ts";

// The names and words are the SDK's own: billingos-sdk, src/client/types.ts, GetProductsResponse.

const interval = z.enum(["day", "week", "month", "year"]);

/** Nobody's id: what is asked for by no id and no key is no product, and never goes to the database as it came. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** The query: `?planIds=a,b`, ids or keys, leaves the other products out; what nobody is called by is no product. */
export const productsRequest = z.object({
  planIds: z.optional(
    z.pipe(
      z.string().check(z.maxLength(4_000)),
      z.transform((text) =>
        text.split(",").map((id) => id.trim().toLowerCase()).filter((id) => id !== "")
          .map((id) => catalogueKey.safeParse(id).success ? id : NOBODY)
      ),
    ),
  ),
});

export const pricedFeature = z.object({
  id: uuid,
  /** The feature's key. */
  name: z.string(),
  title: z.string(),
  /** A feature without a limit is a flag; `usage_quota` is the SDK's word for what nothing here counts. */
  type: z.enum(["boolean_flag", "usage_quota", "numeric_limit"]),
  properties: z.object({ limit: z.optional(z.int().check(z.minimum(0))) }),
});

/** What create would say to a change of a subscription to a price. */
export const offeredChange = z.object({
  /** One of `subscriptions`. */
  subscriptionId: uuid,
  /** Why it would be refused, and would be again; left out where it would not. */
  refusal: z.optional(z.object({ code: z.string(), message: z.string() })),
});

export const productPrice = z.object({
  id: uuid,
  /** What the merchant's catalogue calls it; create takes it in the place of the id. */
  key: z.optional(catalogueKey),
  /** For one seat. */
  amount: minorUnits,
  currency,
  interval,
  intervalCount: z.int().check(z.minimum(1)),
  /** How many seats may be bought at once; left out where it is sold as one, and `max` where there is no bound. */
  seats: z.optional(z.object({
    min: z.int().check(z.minimum(1)),
    max: z.optional(z.int().check(z.minimum(1))),
  })),
  /** What may change to it; left out where there are no `subscriptions`. */
  changes: z.optional(z.array(offeredChange)),
});
export type ProductPrice = z.infer<typeof productPrice>;

/** A product that can be bought now, with the prices that are on sale; the least of them first in each currency. */
export const pricedProduct = z.object({
  id: uuid,
  /** What the merchant's catalogue calls it. */
  key: z.optional(catalogueKey),
  name: z.string(),
  /** Empty where there is none: the SDK's type has a string. */
  description: z.string(),
  prices: z.array(productPrice),
  /** In the merchant's order. */
  features: z.array(pricedFeature),
  /** Whether the customer has a live subscription to it. */
  isCurrentPlan: z.boolean(),
  /** Zero unless a trial is due to this customer, and with each paid price of the product. */
  trialDays: z.int().check(z.minimum(0)),
  /** Where the product's metadata say so. */
  highlighted: z.optional(z.boolean()),
});
export type PricedProduct = z.infer<typeof pricedProduct>;

export const currentSubscription = z.object({
  id: uuid,
  productId: uuid,
  priceId: uuid,
  /** https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
  status: z.string(),
  currentPeriodEnd: timestamp,
  cancelAtPeriodEnd: z.boolean(),
  /** When it will end by itself. */
  cancelAt: z.optional(timestamp),
  interval: z.optional(interval),
  /** For all seats; left out, as the interval is, of a price that the catalogue does not have. */
  amount: z.optional(minorUnits),
});

export const replaceableSubscription = z.extend(currentSubscription, {
  productName: z.string(),
  /** Seats. */
  quantity: z.int().check(z.minimum(0)),
  /** Stripe bills nothing for it: what is bought in its place begins as a first purchase does. */
  isFree: z.boolean(),
});
export type ReplaceableSubscription = z.infer<typeof replaceableSubscription>;

export const productsResponse = z.object({
  products: z.array(pricedProduct),
  /** Of several, an active one, and of these the latest. */
  currentSubscription: z.nullable(currentSubscription),
  /**
   * The live ones that may change to what is told here, oldest first: to one of these products, which are alternatives to one another,
   * or to what is sold no more. One to another product that is on sale, which `planIds` leaves out, is held beside them.
   */
  subscriptions: z.array(replaceableSubscription),
});
export type ProductsResponse = z.infer<typeof productsResponse>;
