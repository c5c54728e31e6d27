import * as z from "zod/mini";
import { metadata } from "../contract/primitives.ts";
import type { ChangeAmounts, InvoiceAmounts } from "./invoice-amounts.ts";
import { frozenDiscount, sessionTax, traceId } from "./sessions.ts";

const minorUnits = z.int();
const unixSeconds = z.int();

/** What a decided change of a subscription needs at Stripe. */
export const changePlan = z.object({
  sessionId: z.uuid(),
  traceId,
  stripeAccountId: z.nullable(z.string()),
  stripeSubscriptionId: z.string(),
  /** Of our row, as of the plan. */
  revision: z.int(),
  stripeItemId: z.string(),
  /** The item's price and quantity as they were previewed. */
  fromStripePriceId: z.string(),
  quantity: z.int(),
  trialing: z.boolean(),
  toStripePriceId: z.string(),
  /** The new price has another rhythm: a new period begins with it. */
  restarts: z.boolean(),
  /** Null where there is nothing to prorate. */
  proratedAt: z.nullable(unixSeconds),
  currency: z.string(),
  /** Zero where nothing was due; then the next two are null. */
  paid: minorUnits,
  stripePaymentIntentId: z.nullable(z.string()),
  stripePaymentMethodId: z.nullable(z.string()),
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
  revision: z.int(),
  email: z.nullable(z.string()),
  name: z.nullable(z.string()),
});
export type CustomerNews = z.infer<typeof customerNews>;

/** What a session that was paid, or whose card was set up, still needs at Stripe. */
export const fulfillmentPlan = z.object({
  sessionId: z.uuid(),
  /** Where a subscription at Stripe changes its price, and no new one is made. */
  change: z.nullable(changePlan),
  organizationId: z.uuid(),
  stripeAccountId: z.nullable(z.string()),
  intentKind: z.enum(["payment", "setup"]),
  /** Zero where no trial is due. */
  trialDays: z.int().check(z.minimum(0)),
  tax: sessionTax,
  /** What the customer was shown and has paid. */
  totalAmount: minorUnits,
  currency: z.string(),
  stripePaymentIntentId: z.string(),
  stripePaymentMethodId: z.string(),
  /** From when on its subscription can have been made, in Unix seconds. */
  payableSince: z.int(),
  refundReason: z.nullable(z.string()),
  /** When that was decided, in Unix seconds. */
  decidedAt: z.nullable(z.int()),
  /** Whether a refund may be made now: not before the wait after one that failed is over. */
  mayRefund: z.boolean(),
  /** Tried for so long that it is given up if it fails once more. */
  overdue: z.boolean(),
  /**
   * So old that Stripe may have forgotten the idempotency keys of an earlier run. It need not be one that is known here: the database may
   * have been restored to a time before it.
   */
  keysMayBeGone: z.boolean(),
  /** How often Stripe has told of the subscription while there was no row for it. */
  news: z.int(),
  stripePriceId: z.string(),
  quantity: z.int(),
  discount: z.nullable(frozenDiscount),
  discountId: z.nullable(z.uuid()),
  /** The merchant's. */
  metadata,
  traceId,
  applicationFeeBps: z.int(),
  applicationFeeAmount: z.int(),
  customer: z.object({
    id: z.uuid(),
    externalId: z.string(),
    /** As Stripe is told when the customer is made there; frozen until then. */
    email: z.nullable(z.string()),
    name: z.nullable(z.string()),
    news: z.nullable(customerNews),
    /** Unix seconds, as is the next. */
    createdAt: z.int(),
    /** Since when a payment of this customer has been tried to be honored, and thus a customer been made at Stripe. */
    soughtSince: z.int(),
    /** Older than Stripe surely keeps the key under which it may have been made. */
    keysMayBeGone: z.boolean(),
    stripeGeneration: z.int(),
    stripeCustomerId: z.nullable(z.string()),
  }),
});
export type FulfillmentPlan = z.infer<typeof fulfillmentPlan>;

/** Why a paid session is not fulfilled, as `refuse_fulfillment` takes it. */
export type RefusalReason =
  | "fulfillment_refused"
  | "subscription_changed"
  | "amount_mismatch"
  | "deadline_passed";
