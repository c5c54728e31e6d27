import * as z from "zod";
import { address, createResponse } from "../contract/create.ts";
import { snapshot } from "../contract/snapshot.ts";
import { sessionStatuses } from "../domain/session-status.ts";

const minorUnits = z.number().int();
const unixSeconds = z.number().int();

/** Of a session that changes a subscription; figures of zero until Stripe's preview is recorded. */
const sessionChange = z.object({
  stripeSubscriptionId: z.string().nullable(),
  /** Of the new price; null where it is free. */
  stripePriceId: z.string().nullable(),
  previewed: z.boolean(),
  /** Whether Stripe Tax says what is due besides the figures. */
  taxed: z.boolean(),
  trialing: z.boolean(),
  restarts: z.boolean(),
  credited: minorUnits,
  charged: minorUnits,
});
const taxId = z.object({ type: z.string(), value: z.string() });

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
    /** What Stripe Tax is still to be asked. */
    taxable: z.object({
      amount: z.number().int(),
      stripeProductId: z.string().nullable(),
      address,
      taxId: taxId.nullable(),
    }).nullable(),
    stripeTaxCalculationId: z.string().nullable(),
  });
export type CreatedSession = z.infer<typeof createdSession>;

/** Where a session stands; `revision` says as of when. */
export const locatedCheckout = z.object({
  sessionId: z.uuid(),
  revision: z.number().int(),
  status: z.enum(sessionStatuses),
  /** Its hour is over and it has not been expired yet. */
  due: z.boolean(),
  /** Whether the intent that it was found by is the session's current one. */
  current: z.boolean(),
  stripePaymentIntentId: z.string(),
  /** What a client secret that is shown for it must come to. */
  clientSecretDigest: z.string(),
  stripeAccountId: z.string().nullable(),
  livemode: z.boolean(),
  /** Its money goes back: what appears at Stripe for it now is surplus. */
  refunding: z.boolean(),
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
  /** The item's price, quantity and period as they were previewed. */
  fromStripePriceId: z.string(),
  quantity: z.number().int(),
  periodStart: unixSeconds,
  trialing: z.boolean(),
  toStripePriceId: z.string(),
  restarts: z.boolean(),
  /** Null where there is nothing to prorate. */
  proratedAt: unixSeconds.nullable(),
  /** Of the new price; null as above. */
  stripeProductId: z.string().nullable(),
  currency: z.string(),
  paid: minorUnits,
  /** Null where nothing was due. */
  stripePaymentMethodId: z.string().nullable(),
});
export type ChangePlan = z.infer<typeof changePlan>;

/** What Stripe's preview of a change came to, as `record_change_preview` takes it. */
export interface ChangePreview {
  readonly itemId: string;
  /** Of the item as it is. */
  readonly stripePriceId: string;
  readonly quantity: number;
  /** Unix seconds. */
  readonly periodStart: number;
  readonly trialing: boolean;
  readonly restarts: boolean;
  /** Unix seconds; null where there is nothing to prorate. */
  readonly proratedAt: number | null;
  /** Of the new price; null as above. */
  readonly stripeProductId: string | null;
  /** Minor units, as is the next. */
  readonly credited: number;
  readonly charged: number;
}

/** A discount as the session froze it: a percentage or an amount. */
export const frozenDiscount = z.object({
  code: z.string(),
  percentOff: z.number().optional(),
  amountOff: z.number().int().optional(),
  currency: z.string().optional(),
  duration: z.enum(["once", "repeating", "forever"]),
  /** Of a repeating one. */
  months: z.number().int().optional(),
});
export type FrozenDiscount = z.infer<typeof frozenDiscount>;

/** What a session that was paid, or whose card was set up, still needs at Stripe. */
export const fulfilmentPlan = z.object({
  sessionId: z.uuid(),
  /** Where a subscription at Stripe changes its price, and no new one is made. */
  change: changePlan.nullable(),
  organizationId: z.uuid(),
  stripeAccountId: z.string().nullable(),
  intentKind: z.enum(["payment", "setup"]),
  /** Zero where the first period has been paid. */
  trialDays: z.number().int().min(0),
  /** Where Stripe Tax adds to each period: who pays it, from where. */
  tax: z.object({ address, taxId: taxId.nullable() }).nullable(),
  stripePaymentIntentId: z.string(),
  stripePaymentMethodId: z.string(),
  /** Unix seconds. */
  paidAt: z.number().int(),
  refundReason: z.string().nullable(),
  /** Whether a refund may be made now: not before the wait after one that failed is over. */
  mayRefund: z.boolean(),
  stripePriceId: z.string(),
  quantity: z.number().int(),
  discount: frozenDiscount.nullable(),
  discountId: z.uuid().nullable(),
  interval: z.enum(["day", "week", "month", "year"]),
  intervalCount: z.number().int(),
  applicationFeeBps: z.number().int(),
  applicationFeeAmount: z.number().int(),
  customer: z.object({
    id: z.uuid(),
    externalId: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    /** Unix seconds. */
    createdAt: z.number().int(),
    stripeGeneration: z.number().int(),
    stripeCustomerId: z.string().nullable(),
  }),
});
export type FulfilmentPlan = z.infer<typeof fulfilmentPlan>;

/** What Stripe says of a session's intent, as `record_intent` takes it. */
export interface IntentFacts {
  readonly id: string;
  readonly status: string;
  readonly paymentMethodId?: string;
  readonly chargeId?: string;
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
  readonly stripePriceId: string;
  /** Seats. */
  readonly quantity: number;
  readonly currentPeriodStart: number;
  readonly currentPeriodEnd: number;
  readonly cancelAtPeriodEnd: boolean;
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
