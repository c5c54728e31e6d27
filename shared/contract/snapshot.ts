import * as z from "zod/mini";
import {
  currency,
  email,
  metadata,
  minorUnits,
  personName,
  timestamp,
  uuid,
} from "./primitives.ts";
import { proration } from "./proration.ts";

export const checkoutStatus = z.enum([
  "pending",
  "requires_action",
  "processing",
  "succeeded",
  "failed",
  "expired",
  "canceled",
]);
export type CheckoutStatus = z.infer<typeof checkoutStatus>;

export const checkoutMode = z.enum(["standard", "trial", "free", "change"]);

export const shownProduct = z.object({
  name: z.string(),
  description: z.optional(z.string()),
  interval: z.enum(["day", "week", "month", "year"]),
  intervalCount: z.int().check(z.minimum(1)),
  /** The features' names, in the merchant's order. */
  features: z.array(z.string()),
});

export const subscription = z.object({
  id: uuid,
  customerId: uuid,
  productId: uuid,
  priceId: uuid,
  /** Stripe's status word: https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
  status: z.string(),
  /** Seats. */
  quantity: z.int().check(z.minimum(0)),
  currentPeriodStart: timestamp,
  currentPeriodEnd: timestamp,
  /** It ends with the current period, however Stripe was told so. */
  cancelAtPeriodEnd: z.boolean(),
  /** When it will end by itself, or has. */
  cancelAt: z.optional(timestamp),
  /** Stripe goes on to bill it and collects nothing: https://docs.stripe.com/billing/subscriptions/pause-payment */
  collectionPaused: z.optional(z.object({
    /** What becomes of the invoices meanwhile, in Stripe's word. */
    behavior: z.string(),
    resumesAt: z.optional(timestamp),
  })),
  /** A change that is made once it is paid: https://docs.stripe.com/billing/subscriptions/pending-updates */
  pendingUpdate: z.optional(z.object({ expiresAt: timestamp })),
  /** A schedule will change or end it: https://docs.stripe.com/billing/subscriptions/subscription-schedules */
  scheduled: z.boolean(),
  trialEnd: z.optional(timestamp),
});

/** What status answers and every Realtime message carries; two snapshots of one version are equal. */
export const snapshot = z.object({
  id: uuid,
  /** Rises by one with every change; keep the highest. */
  version: z.int().check(z.minimum(1)),
  status: checkoutStatus,
  checkoutMode,
  amount: minorUnits,
  currency,
  discountAmount: minorUnits,
  taxAmount: minorUnits,
  /** As create's: below zero a credit that the customer had, above it what they owed. */
  adjustmentAmount: z.int(),
  totalAmount: minorUnits,
  product: shownProduct,
  expiresAt: timestamp,
  completedAt: z.optional(timestamp),
  error: z.optional(z.object({ code: z.string(), message: z.string() })),
  subscription: z.optional(subscription),
  /** The keys of the features granted now. */
  features: z.array(z.string()),
});
export type Snapshot = z.infer<typeof snapshot>;

/** The private Realtime channel that carries the snapshots, and the broadcast event's name. */
export const realtimeChannel = z.object({
  topic: z.string(),
  event: z.literal("checkout.updated"),
});

/** Status, to the owning session token: all that create answered, so that a page can go on after a reload. */
export const ownedSnapshot = z.extend(snapshot, {
  /** Empty where no card is needed. */
  clientSecret: z.string(),
  paymentIntentId: z.nullable(z.string()),
  priceId: uuid,
  quantity: z.int().check(z.minimum(1)),
  trialDays: z.int().check(z.minimum(0)),
  proration: z.optional(proration),
  stripePublishableKey: z.string(),
  stripeAccountId: z.optional(z.string()),
  customer: z.object({ email: z.optional(email), name: z.optional(personName) }),
  /** As create was given it. */
  metadata,
  realtime: realtimeChannel,
});
export type OwnedSnapshot = z.infer<typeof ownedSnapshot>;
