import * as z from "zod/mini";
import { currency, minorUnits, timestamp, uuid } from "./primitives.ts";

/** The query of `GET /subscription`: `?preview=next_invoice` asks Stripe what comes next. */
export const subscriptionsRequest = z.object({
  preview: z.optional(z.literal("next_invoice")),
});

/** What Stripe would bill next for a subscription if nothing changed until then. */
export const nextInvoice = z.object({
  /** Discounts, taxes, prorations and the customer's balance counted in. */
  amountDue: minorUnits,
  currency,
  /** When it is made. */
  at: timestamp,
});
export type NextInvoice = z.infer<typeof nextInvoice>;

/** A subscription as its customer's account page shows it. */
export const ownSubscription = z.object({
  id: uuid,
  /** Stripe's status word: https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
  status: z.string(),
  productId: uuid,
  priceId: uuid,
  /** For one seat; null where the subscription has a price at Stripe that the catalogue does not have. */
  price: z.nullable(z.object({
    amount: minorUnits,
    currency,
    interval: z.enum(["day", "week", "month", "year"]),
    intervalCount: z.int().check(z.minimum(1)),
  })),
  /** Seats. */
  quantity: z.int().check(z.minimum(0)),
  currentPeriodStart: timestamp,
  currentPeriodEnd: timestamp,
  /** It ends with the current period, however Stripe was told so. */
  cancelAtPeriodEnd: z.boolean(),
  /** When it will end by itself, or has. */
  cancelAt: z.optional(timestamp),
  trialEnd: z.optional(timestamp),
});
export type OwnSubscription = z.infer<typeof ownSubscription>;

export const subscriptionsResponse = z.object({
  /** The live ones, oldest first: a customer has at most one of each product. */
  subscriptions: z.array(z.extend(ownSubscription, {
    /** Where the preview was asked for; null where none comes: it ends, or is free. */
    nextInvoice: z.optional(z.nullable(nextInvoice)),
  })),
});
export type SubscriptionsResponse = z.infer<typeof subscriptionsResponse>;

/** The body of `POST /subscription/cancel` and `POST /subscription/resume`. */
export const endingRequest = z.object({ subscriptionId: uuid });

/** As it is afterwards. */
export const endingResponse = z.object({ subscription: ownSubscription });
export type EndingResponse = z.infer<typeof endingResponse>;
