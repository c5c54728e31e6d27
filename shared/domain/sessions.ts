import * as z from "zod";
import { address, createResponse } from "../contract/create.ts";
import { catalogueKey, metadata } from "../contract/primitives.ts";
import { snapshot } from "../contract/snapshot.ts";
import { sessionStatuses } from "./session-status.ts";

/** The trace that the call which opened a session was part of; null where its caller named none. */
export const traceId = z.string().nullable();

const minorUnits = z.number().int();
const unixSeconds = z.number().int();

/** Of a session that changes a subscription; figures of zero until Stripe's preview is recorded. */
const sessionChange = z.object({
  /** Null for a free subscription, of which Stripe knows nothing; so is the next. */
  stripeSubscriptionId: z.string().nullable(),
  fromStripePriceId: z.string().nullable(),
  trialing: z.boolean(),
  restarts: z.boolean(),
  credited: minorUnits,
  charged: minorUnits,
  /** Of the new plan, in the place of a free one. */
  trialDays: z.number().int().min(0),
});
const taxId = z.object({ type: z.string(), value: z.string() });

/** A discount as the session froze it: a percentage or an amount. */
export const frozenDiscount = z.object({
  code: z.string(),
  percentOff: z.number().optional(),
  amountOff: z.number().int().optional(),
  /** It is for the session's product alone. */
  productBound: z.boolean().optional(),
  currency: z.string().optional(),
  duration: z.enum(["once", "repeating", "forever"]),
  /** Of a repeating one. */
  months: z.number().int().optional(),
});
export type FrozenDiscount = z.infer<typeof frozenDiscount>;

/** Where Stripe Tax adds to each invoice: who pays it, from where. */
export const sessionTax = z.object({ address, taxId: taxId.nullable() }).nullable();

/** A session as `begin_checkout` answers it: the public answer without what only Stripe knows. */
export const createdSession = createResponse
  .omit({
    clientSecret: true,
    paymentIntentId: true,
    proration: true,
    stripePublishableKey: true,
    realtime: true,
  })
  .extend({
    priceKey: catalogueKey.nullable(),
    change: sessionChange.nullable(),
    stripeAccountId: z.string().nullable(),
    stripePaymentIntentId: z.string().nullable(),
    stripeCustomerId: z.string().nullable(),
    organizationId: z.uuid(),
    applicationFeeAmount: z.number().int(),
    intentKind: z.enum(["payment", "setup", "none"]),
    topic: z.string(),
    /** Null only where nothing is ever charged. */
    stripePriceId: z.string().nullable(),
    discount: frozenDiscount.nullable(),
    discountId: z.uuid().nullable(),
    tax: sessionTax,
    /** Whether the amounts are those of Stripe's preview. */
    previewed: z.boolean(),
    /** The merchant's. */
    metadata,
    traceId,
  });
export type CreatedSession = z.infer<typeof createdSession>;

/** What only the owner sees of a session, without what only Stripe knows. */
export const ownedSession = createdSession.pick({
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
  revision: z.number().int(),
  status: z.enum(sessionStatuses),
  /** Past its expiry, and not marked as expired yet. */
  pastExpiry: z.boolean(),
  /** Whether the intent that it was found by is the session's current one. */
  current: z.boolean(),
  stripePaymentIntentId: z.string(),
  stripeAccountId: z.string().nullable(),
  livemode: z.boolean(),
  traceId,
  /** Its money goes back: what appears at Stripe for it now is surplus. */
  refunding: z.boolean(),
  /** What a subscription that was made for it is known by; times in Unix seconds. */
  expected: z.object({
    /** The one that the session ended in. */
    stripeSubscriptionId: z.string().nullable(),
    stripeCustomerId: z.string().nullable(),
    stripePriceId: z.string().nullable(),
    payableSince: unixSeconds.nullable(),
    decidedAt: unixSeconds.nullable(),
  }),
  snapshot,
});
export type LocatedCheckout = z.infer<typeof locatedCheckout>;
