import * as z from "zod/mini";
import {
  catalogueKey,
  couponCode,
  currency,
  email,
  metadata,
  minorUnits,
  personName,
  timestamp,
  uuid,
  webUrl,
} from "./primitives.ts";
import { proration } from "./proration.ts";
import { checkoutMode, checkoutStatus, realtimeChannel, shownProduct } from "./snapshot.ts";

/** Where a customer lives or has a business. Taxes follow from it. */
export const address = z.object({
  /** ISO 3166-1 alpha-2. */
  country: z.string().check(z.trim(), z.toUpperCase(), z.regex(/^[A-Z]{2}$/)),
  postalCode: z.optional(
    z.string().check(z.trim(), z.minLength(1), z.maxLength(20), z.regex(/^[\p{L}\p{N} -]*$/u)),
  ),
  /** State, county or province; ISO 3166-2 where there is one. */
  state: z.optional(personName),
  city: z.optional(personName),
  line1: z.optional(personName),
  line2: z.optional(personName),
});
export type Address = z.infer<typeof address>;

const empty = [
  z.pipe(z.literal(""), z.transform(() => undefined)),
  z.pipe(z.null(), z.transform(() => undefined)),
] as const;

/** SDKs send null or an empty text for what they do not know: both are left out. */
const unlessEmpty = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.optional(z.union([schema, ...empty]));

export const createRequest = z.object({
  /** The price's id, or its key in the catalogue. */
  priceId: z.union([uuid, catalogueKey]),
  customerEmail: unlessEmpty(email),
  customerName: unlessEmpty(personName),
  customer: unlessEmpty(z.object({
    email: unlessEmpty(email),
    name: unlessEmpty(personName),
    /** As the customer's tax office writes it, such as `DE123456789`; its kind is told by its form and the country. */
    taxId: unlessEmpty(
      z.string().check(z.trim(), z.minLength(1), z.maxLength(50), z.regex(/^[\p{L}\p{N} .\-/]*$/u)),
    ),
    address: unlessEmpty(address),
  })),
  /** The customer's subscription that is to change to the price; without it, a new one is bought. */
  existingSubscriptionId: unlessEmpty(uuid),
  /**
   * Seats, within the price's bounds. Left out, one; with `existingSubscriptionId`, as many as that has. One that Stripe bills keeps its
   * seats in any case.
   */
  quantity: unlessEmpty(z.int().check(z.minimum(1), z.maximum(1_000_000))),
  couponCode: unlessEmpty(couponCode),
  metadata: unlessEmpty(metadata),
  /** Older SDKs send it; the price decides the mode. */
  mode: unlessEmpty(z.string().check(z.maxLength(50))),
  /** SDKs send the two. They are kept with the session, and nothing answers, sends or follows them. */
  successUrl: unlessEmpty(webUrl),
  cancelUrl: unlessEmpty(webUrl),
});
export type CreateRequest = z.infer<typeof createRequest>;
/** As a caller writes it: what is left out is filled in here. */
export type CreateInput = z.input<typeof createRequest>;

/** The header `Idempotency-Key`. */
export const idempotencyKeyHeader = z.string().check(
  z.minLength(1),
  z.maxLength(255),
  z.regex(/^[\x21-\x7e]+$/),
);

export const createResponse = z.object({
  id: uuid,
  /** The Stripe client secret that Stripe.js and confirm take; empty where no card is needed. */
  clientSecret: z.string(),
  /** A set-up intent's (`seti_…`) where nothing is due now; null where no card is needed. */
  paymentIntentId: z.nullable(z.string()),
  priceId: uuid,
  /** The key that the price has now; none where it was replaced, or never had one. */
  priceKey: z.optional(catalogueKey),
  /** Seats; `amount` is for all of them. */
  quantity: z.int().check(z.minimum(1)),
  amount: minorUnits,
  currency,
  /** Of a trial, what its first charge will be less. */
  discountAmount: minorUnits,
  taxAmount: minorUnits,
  /**
   * What the customer had at Stripe before and is settled with this: below zero a credit, above it what they owed. Amount less
   * discount, with tax and this, is the total.
   */
  adjustmentAmount: z.int(),
  /** Due now: zero where a trial begins, or a change of price costs nothing yet. */
  totalAmount: minorUnits,
  /** Where `existingSubscriptionId` was given. */
  proration: z.optional(proration),
  product: shownProduct,
  customer: z.object({ email: z.optional(email), name: z.optional(personName) }),
  stripePublishableKey: z.string(),
  stripeAccountId: z.optional(z.string()),
  trialDays: z.int().check(z.minimum(0)),
  checkoutMode,
  status: checkoutStatus,
  expiresAt: timestamp,
  realtime: realtimeChannel,
});
export type CreateResponse = z.infer<typeof createResponse>;

/** The same as the older SDK reads it, beside what others of its age read at the top. */
export const sdkCreateResponse = z.extend(createResponse, { checkoutSession: createResponse });
