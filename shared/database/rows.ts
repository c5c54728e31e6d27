import * as z from "zod";
import { address, createResponse } from "../contract/create.ts";
import { snapshot } from "../contract/snapshot.ts";
import { sessionStatuses } from "../domain/session-status.ts";

const taxId = z.object({ type: z.string(), value: z.string() });

/** A session as `begin_checkout` answers it: the public answer without what only Stripe knows. */
export const createdSession = createResponse
  .omit({ clientSecret: true, paymentIntentId: true, stripePublishableKey: true, realtime: true })
  .extend({
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

/** What a session that was paid, or whose card was set up, still needs at Stripe. */
export const fulfilmentPlan = z.object({
  sessionId: z.uuid(),
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
