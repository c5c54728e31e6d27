import type { ChangePlan, FulfillmentPlan } from "../../../../shared/domain/plans.ts";
import { CREATED, subscription } from "./answers.ts";

export const SESSION = "0197f0c1-2345-4890-8bcd-1234567890ab";
/** Our rows' ids. */
export const ORGANIZATION = "0197f0c1-2345-4890-8bcd-1234567890cd";
export const CUSTOMER = "0197f0c1-2345-4890-8bcd-1234567890ef";
export const DISCOUNT = "0197f0c1-2345-4890-8bcd-1234567890aa";
/** Unix seconds: five before the fixture's subscription was made. */
export const PAID = CREATED + 95;

export const HOME = { country: "DE", postalCode: "10115", city: "Berlin", line1: "Am Markt 1" };

/** A paid session of one seat. */
export const plan: FulfillmentPlan = {
  sessionId: SESSION,
  organizationId: ORGANIZATION,
  stripeAccountId: null,
  change: null,
  intentKind: "payment",
  trialDays: 0,
  tax: null,
  totalAmount: 2_900,
  currency: "usd",
  stripePaymentIntentId: "pi_3NabcDEF",
  stripePaymentMethodId: "pm_1NabcDEF",
  payableSince: PAID,
  refundReason: null,
  decidedAt: null,
  mayRefund: true,
  overdue: false,
  keysMayBeGone: false,
  news: 0,
  stripePriceId: "price_1NabcDEF",
  quantity: 1,
  discount: null,
  discountId: null,
  metadata: {},
  traceId: null,
  applicationFeeBps: 250,
  applicationFeeAmount: 72,
  customer: {
    id: CUSTOMER,
    externalId: "user_42",
    email: "jenny@example.com",
    name: null,
    news: null,
    stripeGeneration: 1,
    createdAt: PAID,
    soughtSince: PAID,
    keysMayBeGone: false,
    stripeCustomerId: "cus_OabcDEF",
  },
};

/** When the change was previewed, by Stripe's clock. */
export const PRORATED = CREATED + 86_400;

/** A paid change to a dearer price of the same rhythm. */
export const changePlan: ChangePlan = {
  sessionId: SESSION,
  traceId: null,
  stripeAccountId: null,
  stripeSubscriptionId: "sub_1NabcDEF",
  revision: 3,
  stripeItemId: "si_OabcDEF",
  fromStripePriceId: "price_1NabcDEF",
  quantity: 1,
  trialing: false,
  toStripePriceId: "price_dear",
  restarts: false,
  proratedAt: PRORATED,
  currency: "usd",
  paid: 1_450,
  stripePaymentIntentId: "pi_3NabcDEF",
  stripePaymentMethodId: "pm_1NabcDEF",
  overdue: false,
};

/** The open first invoice of the fixture's subscription. */
export const invoice = {
  id: "in_1NabcDEF",
  object: "invoice",
  amount_due: 2_900,
  amount_paid: 0,
  attempt_count: 0,
  auto_advance: false,
  automatic_tax: { enabled: false, status: null },
  billing_reason: "subscription_create",
  created: CREATED + 100,
  currency: "usd",
  customer: "cus_OabcDEF",
  lines: { object: "list", data: [], has_more: false, url: "/v1/invoices/in_1NabcDEF/lines" },
  metadata: {},
  next_payment_attempt: null,
  number: "A-0001",
  parent: {
    type: "subscription_details",
    subscription_details: { metadata: {}, subscription: "sub_1NabcDEF" },
  },
  period_end: CREATED + 100,
  period_start: CREATED + 100,
  starting_balance: 0,
  status: "open",
  status_transitions: { finalized_at: CREATED + 100, paid_at: null },
  total: 2_900,
  total_discount_amounts: [],
  total_taxes: [],
};

/** The invoice that a session's change has made, with the session in the snapshot of the subscription's metadata. */
export const changeInvoice = (sessionId = SESSION) => ({
  ...invoice,
  id: "in_change",
  amount_due: 1_450,
  billing_reason: "subscription_update",
  parent: {
    type: "subscription_details",
    subscription_details: {
      metadata: { price_change_session_id: sessionId },
      subscription: "sub_1NabcDEF",
    },
  },
});

/** The item that a change moves; one that was bought besides stands before it. */
const [item] = subscription.items.data;
const addOn = {
  ...item,
  id: "si_addon",
  price: { ...item?.price, id: "price_addon" },
  quantity: 7,
};

/** A subscription with an add-on, as it is before the change; some of it may differ. */
export const withAddOn = (
  differs: { id?: string; price?: string; quantity?: number } = {},
  rest: object = {},
) => ({
  ...subscription,
  latest_invoice: null,
  items: {
    ...subscription.items,
    data: [addOn, {
      ...item,
      ...(differs.id === undefined ? {} : { id: differs.id }),
      ...(differs.quantity === undefined ? {} : { quantity: differs.quantity }),
      price: {
        id: differs.price ?? "price_1NabcDEF",
        object: "price",
        recurring: { interval: "month", interval_count: 1 },
      },
    }],
  },
  ...rest,
});

/** The subscription as it is once the session's change was made. */
export const changed = (latest: object | null = null) =>
  withAddOn({ price: "price_dear" }, {
    metadata: { price_change_session_id: SESSION },
    latest_invoice: latest,
  });
