import * as z from "zod";

const revision = z.number().int();

/** A subscription's row, as of before it is read at Stripe. */
export const locatedSubscription = z.object({
  subscriptionId: z.uuid(),
  stripeSubscriptionId: z.string(),
  revision,
  stripeItemId: z.string().nullable(),
  stripePriceId: z.string().nullable(),
});
export type LocatedSubscription = z.output<typeof locatedSubscription>;

/** The same of an invoice: revision 0 where there is no row yet. */
export const locatedInvoice = z.object({
  revision,
  /** Null where it is not known, or not ours. */
  subscription: locatedSubscription.nullable(),
});
export type LocatedInvoice = z.output<typeof locatedInvoice>;

/** `stale` where the row was written since it was located, `unknown` where it is about nothing of ours. */
export const recordedSubscription = z.object({
  outcome: z.enum(["recorded", "stale", "unknown"]),
  /** Whether the row said otherwise. */
  changed: z.boolean().optional(),
  /** Why the product stays although the price at Stripe is another. */
  price: z.enum(["unknown", "taken"]).optional(),
});
export type RecordedSubscription = z.output<typeof recordedSubscription>;
