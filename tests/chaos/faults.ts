import * as fc from "fast-check";

/** One that a call to Stripe meets. */
export const requestFault = fc.record({
  kind: fc.constantFrom(
    "rate_limit" as const,
    "error_before" as const,
    "error_after" as const,
    "cut_before" as const,
    "cut_after" as const,
    "latency" as const,
    "webhook_early" as const,
  ),
  path: fc.constantFrom(
    "/v1/payment_intents",
    "/v1/payment_intents/*",
    "/v1/payment_intents/*/confirm",
    "/v1/payment_intents/*/cancel",
    "/v1/setup_intents",
    "/v1/setup_intents/*",
    "/v1/setup_intents/*/confirm",
    "/v1/customers",
    "/v1/payment_methods/*/attach",
    "/v1/subscriptions",
    "/v1/subscriptions",
    "/v1/subscriptions/*",
    "/v1/subscriptions/*",
    "/v1/invoices",
    "/v1/invoices/*",
    "/v1/invoices/*/pay",
    "/v1/invoices/*/attach_payment",
    "/v1/invoices/*/void",
    "/v1/invoices/create_preview",
    "/v1/prices/*",
    "/v1/coupons",
    "/v1/refunds",
    "/v1/events",
  ),
  skip: fc.nat({ max: 2 }),
  // The client tries a call four times, so that more are needed for a caller to see it.
  count: fc.constantFrom(1, 2, 4, 8),
  ms: fc.integer({ min: 20, max: 400 }),
  phase: fc.constantFrom("before" as const, "after" as const),
});
/** What is read is old by the time it arrives. */
export const staleRead = fc.record({
  kind: fc.constant("latency" as const),
  method: fc.constant("GET"),
  path: fc.constantFrom(
    "/v1/payment_intents/*",
    "/v1/setup_intents/*",
    "/v1/subscriptions/*",
    "/v1/invoices/*",
  ),
  phase: fc.constant("after" as const),
  ms: fc.integer({ min: 50, max: 400 }),
  skip: fc.nat({ max: 2 }),
  count: fc.integer({ min: 1, max: 3 }),
});
/** Nothing at Stripe works for a while. */
export const outage = fc.record({
  kind: fc.constantFrom("rate_limit" as const, "error_before" as const, "cut_before" as const),
  count: fc.constantFrom(8, 16),
});
const chance = fc.record({
  kind: fc.constantFrom("error_before" as const, "error_after" as const, "cut_after" as const),
  method: fc.constantFrom("GET", "POST"),
  count: fc.constant(6),
  probability: fc.constantFrom(0.1, 0.3, 0.6),
});
const deliveryFault = fc.record({
  kind: fc.constantFrom(
    "webhook_duplicate" as const,
    "webhook_delay" as const,
    "webhook_drop" as const,
    "webhook_reorder" as const,
  ),
  type: fc.constantFrom(
    "*",
    "payment_intent.*",
    "payment_intent.succeeded",
    "setup_intent.*",
    "customer.*",
  ),
  count: fc.constantFrom(1, 3, null),
  copies: fc.integer({ min: 1, max: 3 }),
  ms: fc.integer({ min: 10, max: 500 }),
});

/** Any fault that the simulator knows, most of them on the way of a checkout. */
export const anyFault = fc.oneof(
  { weight: 4, arbitrary: requestFault },
  { weight: 3, arbitrary: fc.oneof(chance, outage, staleRead, staleRead) },
  { weight: 3, arbitrary: deliveryFault },
);
