/**
 * What a webhook event asks for. An event only names what to read again at Stripe: its own copy of the object may be
 * older than the one before it.
 */
export type Command =
  | { readonly kind: "settle_intent"; readonly stripePaymentIntentId: string }
  | {
    readonly kind: "sync_subscription";
    readonly stripeSubscriptionId: string;
    /** The event tells that it was made. */
    readonly isNew: boolean;
  }
  | { readonly kind: "ignore" };

/** The part of an event that decides. */
export interface EventLike {
  readonly type: string;
  readonly data: { readonly object: object };
}

const ignore: Command = { kind: "ignore" };

const intentEvents = new Set([
  "payment_intent.succeeded",
  "payment_intent.processing",
  "payment_intent.requires_action",
  "payment_intent.payment_failed",
  "payment_intent.canceled",
  "setup_intent.succeeded",
  "setup_intent.requires_action",
  "setup_intent.setup_failed",
  "setup_intent.canceled",
]);
const subscriptionEvents = new Set([
  "customer.subscription.created",
  "customer.subscription.updated",
  "customer.subscription.deleted",
  "customer.subscription.paused",
  "customer.subscription.resumed",
]);
const invoiceEvents = new Set(["invoice.paid", "invoice.payment_failed"]);

/** A bank may take its time over a refund, or send it back: the refund names the intent that it is of. */
const refundEvents = new Set([
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.refund.updated",
]);

/** The event types that ask for something: what an endpoint at Stripe should be sent. */
export const handledEventTypes: readonly string[] = [
  ...intentEvents,
  ...subscriptionEvents,
  ...invoiceEvents,
  ...refundEvents,
];

export function commandFor(event: EventLike): Command {
  const { object } = event.data;
  const isRefund = refundEvents.has(event.type);
  if (isRefund || intentEvents.has(event.type)) {
    const id = idAt(object, isRefund ? "payment_intent" : "id");
    return id === undefined ? ignore : { kind: "settle_intent", stripePaymentIntentId: id };
  }
  const id = subscriptionEvents.has(event.type)
    ? idAt(object, "id")
    : invoiceEvents.has(event.type)
    ? idAt(object, "parent", "subscription_details", "subscription")
    : undefined;
  return id === undefined ? ignore : {
    kind: "sync_subscription",
    stripeSubscriptionId: id,
    isNew: event.type === "customer.subscription.created",
  };
}

/** What goes into a path and into the database: nothing but what Stripe's ids are made of. */
const stripeId = /^[A-Za-z0-9_]{1,255}$/;

function idAt(value: unknown, ...path: string[]): string | undefined {
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
  return typeof found === "string" && stripeId.test(found) ? found : undefined;
}
