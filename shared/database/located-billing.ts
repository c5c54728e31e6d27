import * as z from "zod/mini";

const revision = z.int();

/** A subscription's row, as of before it is read at Stripe. */
export const locatedSubscription = z.object({
  subscriptionId: z.uuid(),
  stripeSubscriptionId: z.string(),
  revision,
  stripeItemId: z.nullable(z.string()),
  stripePriceId: z.nullable(z.string()),
});
export type LocatedSubscription = z.output<typeof locatedSubscription>;

/** The same of an invoice: revision 0 where there is no row yet. */
export const locatedInvoice = z.object({
  revision,
  /** Null where it is not known, or not ours. */
  subscription: z.nullable(locatedSubscription),
});
export type LocatedInvoice = z.output<typeof locatedInvoice>;

/** `stale` where the row was written since it was located, `unknown` where it is about nothing of ours. */
export const recordedSubscription = z.object({
  outcome: z.enum(["recorded", "stale", "unknown"]),
  /** Whether the row said otherwise. */
  changed: z.optional(z.boolean()),
  /** Why the product stays although the price at Stripe is another. */
  price: z.optional(z.enum(["unknown", "taken"])),
});
export type RecordedSubscription = z.output<typeof recordedSubscription>;
