/** The fields of an intent that Stripe shows to a browser which has its client secret. */
const PUBLIC = new Set([
  "id",
  "object",
  "amount",
  "automatic_payment_methods",
  "canceled_at",
  "cancellation_reason",
  "capture_method",
  "client_secret",
  "confirmation_method",
  "created",
  "currency",
  "description",
  "last_payment_error",
  "last_setup_error",
  "livemode",
  "next_action",
  "payment_method",
  "payment_method_types",
  "processing",
  "receipt_email",
  "setup_future_usage",
  "shipping",
  "source",
  "status",
  "usage",
]);

/** What a browser may see of a payment or setup intent: no metadata, customer, charge or fee. */
export function publicPart(intent: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(intent).filter(([key]) => PUBLIC.has(key)));
}
