/**
 * What a webhook event asks for. An event only names what to read again at Stripe: its own copy of the object may be
 * older than the one before it, and is rendered in the version of whoever set the endpoint up, or of the day the event was
 * made, where fields stand elsewhere or nowhere (https://docs.stripe.com/webhooks/versioning). So its type and the object's id
 * decide, and nothing else.
 */
export type Command =
  | { readonly kind: "settle_intent"; readonly stripePaymentIntentId: string }
  | { readonly kind: "follow_refund"; readonly stripeRefundId: string }
  | {
    readonly kind: "sync_subscription";
    readonly stripeSubscriptionId: string;
    /** The event tells that it was made. */
    readonly isNew: boolean;
    /** The event tells that its trial's end is near. */
    readonly trialWillEnd: boolean;
  }
  | { readonly kind: "sync_invoice"; readonly stripeInvoiceId: string }
  | { readonly kind: "sync_charge"; readonly stripeChargeId: string }
  | { readonly kind: "sync_dispute"; readonly stripeDisputeId: string }
  | { readonly kind: "sync_product"; readonly stripeProductId: string }
  | { readonly kind: "sync_price"; readonly stripePriceId: string }
  /** The account is the one that the event comes from. */
  | { readonly kind: "sync_account" }
  | { readonly kind: "ignore" };

/** The part of an event that decides. */
export interface EventLike {
  readonly type: string;
  readonly data: { readonly object: object };
}

type Ask = (id: string, type: string) => Command;

/** What each type asks for, of the object that it is about. */
const asked: readonly (readonly [ask: Ask, types: readonly string[]])[] = [
  [(id) => ({ kind: "settle_intent", stripePaymentIntentId: id }), [
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "setup_intent.succeeded",
    "setup_intent.requires_action",
    "setup_intent.setup_failed",
    "setup_intent.canceled",
  ]],
  [
    (id, type) => ({
      kind: "sync_subscription",
      stripeSubscriptionId: id,
      isNew: type === "customer.subscription.created",
      trialWillEnd: type === "customer.subscription.trial_will_end",
    }),
    [
      "customer.subscription.created",
      "customer.subscription.updated",
      "customer.subscription.deleted",
      "customer.subscription.paused",
      "customer.subscription.resumed",
      "customer.subscription.pending_update_applied",
      "customer.subscription.pending_update_expired",
      "customer.subscription.trial_will_end",
    ],
  ],
  [(id) => ({ kind: "sync_invoice", stripeInvoiceId: id }), [
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.finalized",
    "invoice.voided",
    "invoice.marked_uncollectible",
  ]],
  // A bank may take its time over a refund, or send it back.
  [(id) => ({ kind: "follow_refund", stripeRefundId: id }), [
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
  ]],
  [(id) => ({ kind: "sync_charge", stripeChargeId: id }), ["charge.refunded"]],
  [(id) => ({ kind: "sync_dispute", stripeDisputeId: id }), [
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
  ]],
  [(id) => ({ kind: "sync_product", stripeProductId: id }), [
    "product.created",
    "product.updated",
    "product.deleted",
  ]],
  [(id) => ({ kind: "sync_price", stripePriceId: id }), [
    "price.created",
    "price.updated",
    "price.deleted",
  ]],
  [() => ({ kind: "sync_account" }), [
    "account.updated",
    "account.application.authorized",
    "account.application.deauthorized",
  ]],
];
const byType = new Map(
  asked.flatMap(([ask, types]) => types.map((type) => [type, ask] as const)),
);

/** The event types that ask for something: what an endpoint at Stripe should be sent. */
export const handledEventTypes: readonly string[] = [...byType.keys()];

export function commandFor({ type, data: { object } }: EventLike): Command {
  const id = idOf(object);
  const ask = byType.get(type);
  return id === undefined || ask === undefined ? { kind: "ignore" } : ask(id, type);
}

/** What goes into a path and into the database: nothing but what Stripe's ids are made of. */
const stripeId = /^[A-Za-z0-9_]{1,255}$/;

function idOf(object: object): string | undefined {
  const id: unknown = Reflect.get(object, "id");
  return typeof id === "string" && stripeId.test(id) ? id : undefined;
}
