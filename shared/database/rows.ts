import * as z from "zod";
import { address, createResponse } from "../contract/create.ts";
import { metadata } from "../contract/primitives.ts";
import type { ChangeAmounts, InvoiceAmounts } from "../domain/invoice-amounts.ts";
import { snapshot } from "../contract/snapshot.ts";
import { sessionStatuses } from "../domain/session-status.ts";

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
const sessionTax = z.object({ address, taxId: taxId.nullable() }).nullable();

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
  /** What a client secret that is shown for it must come to. */
  clientSecretDigest: z.string(),
  stripeAccountId: z.string().nullable(),
  livemode: z.boolean(),
  /** Its money goes back: what appears at Stripe for it now is surplus. */
  refunding: z.boolean(),
  /** What a subscription that was made for it is known by; times in Unix seconds. */
  expected: z.object({
    /** The one that the session ended in. */
    stripeSubscriptionId: z.string().nullable(),
    stripeCustomerId: z.string().nullable(),
    stripePriceId: z.string().nullable(),
    paidAt: unixSeconds.nullable(),
    decidedAt: unixSeconds.nullable(),
  }),
  snapshot,
});
export type LocatedCheckout = z.infer<typeof locatedCheckout>;

/** What a decided change of a subscription needs at Stripe. */
export const changePlan = z.object({
  sessionId: z.uuid(),
  stripeAccountId: z.string().nullable(),
  stripeSubscriptionId: z.string(),
  /** Of our row, as of the plan. */
  revision: z.number().int(),
  stripeItemId: z.string(),
  /** The item's price and quantity as they were previewed. */
  fromStripePriceId: z.string(),
  quantity: z.number().int(),
  trialing: z.boolean(),
  toStripePriceId: z.string(),
  /** The new price has another rhythm: a new period begins with it. */
  restarts: z.boolean(),
  /** Null where there is nothing to prorate. */
  proratedAt: unixSeconds.nullable(),
  currency: z.string(),
  /** Zero where nothing was due; then the next two are null. */
  paid: minorUnits,
  stripePaymentIntentId: z.string().nullable(),
  stripePaymentMethodId: z.string().nullable(),
  /** Tried for so long that it is given up if it fails once more. */
  overdue: z.boolean(),
});
export type ChangePlan = z.infer<typeof changePlan>;

/** What Stripe's preview of a change came to, as `record_preview` takes it. */
export interface ChangePreview extends InvoiceAmounts, ChangeAmounts {
  readonly itemId: string;
  /** Of the item as it is. */
  readonly stripePriceId: string;
  readonly quantity: number;
  readonly trialing: boolean;
  readonly restarts: boolean;
  /** Unix seconds; null where there is nothing to prorate. */
  readonly proratedAt: number | null;
}

/** What Stripe has not been told yet of a customer. */
export const customerNews = z.object({
  revision: z.number().int(),
  email: z.string().nullable(),
  name: z.string().nullable(),
});
export type CustomerNews = z.infer<typeof customerNews>;

/** What a session that was paid, or whose card was set up, still needs at Stripe. */
export const fulfilmentPlan = z.object({
  sessionId: z.uuid(),
  /** Where a subscription at Stripe changes its price, and no new one is made. */
  change: changePlan.nullable(),
  organizationId: z.uuid(),
  stripeAccountId: z.string().nullable(),
  intentKind: z.enum(["payment", "setup"]),
  /** Zero where no trial is due. */
  trialDays: z.number().int().min(0),
  tax: sessionTax,
  /** What the customer was shown and has paid. */
  totalAmount: minorUnits,
  currency: z.string(),
  stripePaymentIntentId: z.string(),
  stripePaymentMethodId: z.string(),
  /** Unix seconds. */
  paidAt: z.number().int(),
  refundReason: z.string().nullable(),
  /** When that was decided, in Unix seconds. */
  decidedAt: z.number().int().nullable(),
  /** Whether a refund may be made now: not before the wait after one that failed is over. */
  mayRefund: z.boolean(),
  /** Tried for so long that it is given up if it fails once more, and that Stripe may soon forget its idempotency keys. */
  overdue: z.boolean(),
  /** How often Stripe has told of the subscription while there was no row for it. */
  news: z.number().int(),
  stripePriceId: z.string(),
  quantity: z.number().int(),
  discount: frozenDiscount.nullable(),
  discountId: z.uuid().nullable(),
  /** The merchant's. */
  metadata,
  applicationFeeBps: z.number().int(),
  applicationFeeAmount: z.number().int(),
  customer: z.object({
    id: z.uuid(),
    externalId: z.string(),
    /** As Stripe is told when the customer is made there; frozen until then. */
    email: z.string().nullable(),
    name: z.string().nullable(),
    news: customerNews.nullable(),
    /** Unix seconds, as is the next. */
    createdAt: z.number().int(),
    /** Since when a payment of this customer has been tried to be honored, and thus a customer been made at Stripe. */
    soughtSince: z.number().int(),
    /** Older than Stripe surely keeps the key under which it may have been made. */
    keysMayBeGone: z.boolean(),
    stripeGeneration: z.number().int(),
    stripeCustomerId: z.string().nullable(),
  }),
});
export type FulfilmentPlan = z.infer<typeof fulfilmentPlan>;

/** Why a paid session is not fulfilled, as `refuse_fulfillment` takes it. */
export type RefusalReason =
  | "fulfillment_refused"
  | "subscription_changed"
  | "amount_mismatch"
  | "deadline_passed";

/** What Stripe says of a session's intent, as `record_intent` takes it. */
export interface IntentFacts {
  readonly id: string;
  readonly status: string;
  readonly paymentMethodId?: string;
  readonly chargeId?: string;
  /** Minor units that refunds and lost disputes have taken of it. */
  readonly amountReturned?: number;
  /** Of the card or bank account that was set up. */
  readonly fingerprint?: string;
  /** Unix seconds; left out where the database's clock is to say. */
  readonly succeededAt?: number;
  readonly error?: {
    readonly code: string;
    readonly declineCode: string;
    readonly message: string;
  };
}

/** What Stripe says of a subscription; times in Unix seconds. */
export interface SubscriptionFacts {
  readonly id: string;
  readonly status: string;
  readonly stripeItemId: string;
  readonly stripePriceId: string;
  /** Seats. */
  readonly quantity: number;
  readonly currentPeriodStart: number;
  readonly currentPeriodEnd: number;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt: number | null;
  /** What becomes of its invoices while none is collected; null where they are. */
  readonly collectionPaused: string | null;
  readonly collectionResumesAt: number | null;
  /** Of a change that waits for its payment. */
  readonly pendingUpdateExpiresAt: number | null;
  /** A schedule of Stripe's will change or end it. */
  readonly scheduled: boolean;
  readonly canceledAt: number | null;
  readonly endedAt: number | null;
  readonly trialEnd: number | null;
}

/** What Stripe says of the refund of a payment; without id and status where it has made none and refuses to. */
export interface SeenRefund {
  readonly id?: string;
  readonly status?: string;
  /** How many refunds of the payment have failed. */
  readonly failures: number;
}

/** What Stripe says of an invoice of a subscription; amounts in minor units, times in Unix seconds. */
export interface InvoiceFacts {
  readonly id: string;
  readonly subscriptionId: string;
  readonly paymentIntentId: string | null;
  readonly number: string | null;
  readonly status: string;
  readonly billingReason: string | null;
  readonly currency: string;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly amountRefunded: number;
  readonly periodStart: number;
  readonly periodEnd: number;
  readonly finalizedAt: number | null;
  readonly paidAt: number | null;
  readonly attemptCount: number;
  readonly nextPaymentAttempt: number | null;
}

/** What Stripe says of a dispute; the amount in minor units, the time in Unix seconds. */
export interface DisputeFacts {
  readonly id: string;
  readonly chargeId: string;
  readonly paymentIntentId: string;
  readonly status: string;
  readonly reason: string;
  readonly amount: number;
  readonly currency: string;
  readonly openedAt: number;
}
