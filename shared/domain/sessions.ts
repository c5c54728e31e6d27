import * as z from "zod/mini";
import { address, createResponse } from "../contract/create.ts";
import { catalogueKey, metadata } from "../contract/primitives.ts";
import { snapshot } from "../contract/snapshot.ts";
import { sessionStatuses } from "./session-status.ts";

/** The trace that the call which opened a session was part of; null where its caller named none. */
export const traceId = z.nullable(z.string());

const minorUnits = z.int();
const unixSeconds = z.int();

/** Of a session that changes a subscription; figures of zero until Stripe's preview is recorded. */
const sessionChange = z.object({
  /** Null for a free subscription, of which Stripe knows nothing; so is the next. */
  stripeSubscriptionId: z.nullable(z.string()),
  fromStripePriceId: z.nullable(z.string()),
  trialing: z.boolean(),
  restarts: z.boolean(),
  credited: minorUnits,
  charged: minorUnits,
  /** Of the new plan, in the place of a free one. */
  trialDays: z.int().check(z.minimum(0)),
});
const taxId = z.object({ type: z.string(), value: z.string() });

/** A discount as the session froze it: a percentage or an amount. */
export const frozenDiscount = z.object({
  code: z.string(),
  percentOff: z.optional(z.number()),
  amountOff: z.optional(z.int()),
  /** It is for the session's product alone. */
  productBound: z.optional(z.boolean()),
  currency: z.optional(z.string()),
  duration: z.enum(["once", "repeating", "forever"]),
  /** Of a repeating one. */
  months: z.optional(z.int()),
});
export type FrozenDiscount = z.infer<typeof frozenDiscount>;

/** Where Stripe Tax adds to each invoice: who pays it, from where. */
export const sessionTax = z.nullable(z.object({ address, taxId: z.nullable(taxId) }));

/** A session as `begin_checkout` answers it: the public answer without what only Stripe knows. */
export const createdSession = z.extend(
  z.omit(createResponse, {
    clientSecret: true,
    paymentIntentId: true,
    proration: true,
    stripePublishableKey: true,
    realtime: true,
  }),
  {
    priceKey: z.nullable(catalogueKey),
    change: z.nullable(sessionChange),
    stripeAccountId: z.nullable(z.string()),
    stripePaymentIntentId: z.nullable(z.string()),
    stripeCustomerId: z.nullable(z.string()),
    organizationId: z.uuid(),
    applicationFeeAmount: z.int(),
    intentKind: z.enum(["payment", "setup", "none"]),
    topic: z.string(),
    /** Null only where nothing is ever charged. */
    stripePriceId: z.nullable(z.string()),
    discount: z.nullable(frozenDiscount),
    discountId: z.nullable(z.uuid()),
    tax: sessionTax,
    /** Whether the amounts are those of Stripe's preview. */
    previewed: z.boolean(),
    /** The merchant's. */
    metadata,
    traceId,
  },
);
export type CreatedSession = z.infer<typeof createdSession>;

/** What only the owner sees of a session, without what only Stripe knows. */
export const ownedSession = z.pick(createdSession, {
  priceId: true,
  quantity: true,
  trialDays: true,
  customer: true,
  change: true,
  topic: true,
  stripeAccountId: true,
  stripePaymentIntentId: true,
  metadata: true,
});
export type OwnedSession = z.infer<typeof ownedSession>;

/** Where a session stands; `revision` says as of when. */
export const locatedCheckout = z.object({
  sessionId: z.uuid(),
  revision: z.int(),
  status: z.enum(sessionStatuses),
  /** Past its expiry, and not marked as expired yet. */
  pastExpiry: z.boolean(),
  /** Whether the intent that it was found by is the session's current one. */
  current: z.boolean(),
  stripePaymentIntentId: z.string(),
  stripeAccountId: z.nullable(z.string()),
  livemode: z.boolean(),
  traceId,
  /** Its money goes back: what appears at Stripe for it now is surplus. */
  refunding: z.boolean(),
  /** What a subscription that was made for it is known by; times in Unix seconds. */
  expected: z.object({
    /** The one that the session ended in. */
    stripeSubscriptionId: z.nullable(z.string()),
    stripeCustomerId: z.nullable(z.string()),
    stripePriceId: z.nullable(z.string()),
    payableSince: z.nullable(unixSeconds),
    decidedAt: z.nullable(unixSeconds),
  }),
  snapshot,
});
export type LocatedCheckout = z.infer<typeof locatedCheckout>;
