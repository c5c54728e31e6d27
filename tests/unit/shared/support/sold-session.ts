import type { CreatedSession } from "../../../../shared/domain/sessions.ts";
import { ORGANIZATION, SESSION } from "../stripe/plans.ts";

/** A session of two seats as `begin_checkout` answers it, with nothing at Stripe yet. */
export const session: CreatedSession = {
  id: SESSION,
  priceId: "0197f0c1-2345-4890-8bcd-1234567890ac",
  priceKey: "pro-monthly",
  quantity: 2,
  amount: 5_800,
  currency: "usd",
  discountAmount: 0,
  taxAmount: 0,
  adjustmentAmount: 0,
  totalAmount: 5_800,
  product: { name: "Pro", interval: "month", intervalCount: 1, features: [] },
  customer: {},
  trialDays: 0,
  checkoutMode: "standard",
  status: "pending",
  expiresAt: "2026-11-23T12:00:00.000Z",
  change: null,
  stripeAccountId: null,
  stripePaymentIntentId: null,
  stripeCustomerId: null,
  organizationId: ORGANIZATION,
  applicationFeeAmount: 0,
  intentKind: "payment",
  topic: `checkout:${SESSION}`,
  stripePriceId: "price_1NabcDEF",
  discount: null,
  discountId: null,
  tax: null,
  previewed: false,
  metadata: {},
  traceId: null,
};

/** What Stripe says of its price. */
export const soldPrice = {
  id: "price_1NabcDEF",
  object: "price",
  active: true,
  billing_scheme: "per_unit",
  currency: "usd",
  product: { id: "prod_OabcDEF", object: "product", active: true },
  recurring: { interval: "month", interval_count: 1, usage_type: "licensed" },
  transform_quantity: null,
  unit_amount: 2_900,
};
