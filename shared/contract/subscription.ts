import * as z from "zod";
import { currency, minorUnits, timestamp, uuid } from "./primitives.ts";

/** The query of `GET /subscription`: `?preview=next_invoice` asks Stripe what comes next. */
export const subscriptionsRequest = z.object({
  preview: z.literal("next_invoice").optional(),
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
  price: z.object({
    amount: minorUnits,
    currency,
    interval: z.enum(["day", "week", "month", "year"]),
    intervalCount: z.number().int().min(1),
  }).nullable(),
  /** Seats. */
  quantity: z.number().int().min(0),
  currentPeriodStart: timestamp,
  currentPeriodEnd: timestamp,
  /** It ends with the current period, however Stripe was told so. */
  cancelAtPeriodEnd: z.boolean(),
  /** When it will end by itself, or has. */
  cancelAt: timestamp.optional(),
  trialEnd: timestamp.optional(),
});
export type OwnSubscription = z.infer<typeof ownSubscription>;

export const subscriptionsResponse = z.object({
  /** The live ones, oldest first: a customer has at most one of each product. */
  subscriptions: z.array(ownSubscription.extend({
    /** Where the preview was asked for; null where none comes: it ends, or is free. */
    nextInvoice: nextInvoice.nullable().optional(),
  })),
});
export type SubscriptionsResponse = z.infer<typeof subscriptionsResponse>;

/** The body of `POST /subscription/cancel` and `POST /subscription/resume`. */
export const endingRequest = z.object({ subscriptionId: uuid });

/** As it is afterwards. */
export const endingResponse = z.object({ subscription: ownSubscription });
export type EndingResponse = z.infer<typeof endingResponse>;
