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
  "customer.subscription.pending_update_applied",
  "customer.subscription.pending_update_expired",
  "customer.subscription.trial_will_end",
]);
const invoiceEvents = new Set([
  "invoice.paid",
  "invoice.payment_failed",
  "invoice.payment_action_required",
  "invoice.finalized",
  "invoice.voided",
  "invoice.marked_uncollectible",
]);
const chargeEvents = new Set(["charge.refunded"]);
const disputeEvents = new Set([
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
]);
const productEvents = new Set(["product.created", "product.updated", "product.deleted"]);
const priceEvents = new Set(["price.created", "price.updated", "price.deleted"]);
const accountEvents = new Set([
  "account.updated",
  "account.application.authorized",
  "account.application.deauthorized",
]);

/** A bank may take its time over a refund, or send it back. */
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
  ...chargeEvents,
  ...disputeEvents,
  ...productEvents,
  ...priceEvents,
  ...accountEvents,
];

export function commandFor({ type, data: { object } }: EventLike): Command {
  const id = idOf(object);
  if (id === undefined) return ignore;
  if (refundEvents.has(type)) return { kind: "follow_refund", stripeRefundId: id };
  if (intentEvents.has(type)) return { kind: "settle_intent", stripePaymentIntentId: id };
  if (subscriptionEvents.has(type)) {
    return {
      kind: "sync_subscription",
      stripeSubscriptionId: id,
      isNew: type === "customer.subscription.created",
      trialWillEnd: type === "customer.subscription.trial_will_end",
    };
  }
  if (invoiceEvents.has(type)) return { kind: "sync_invoice", stripeInvoiceId: id };
  if (chargeEvents.has(type)) return { kind: "sync_charge", stripeChargeId: id };
  if (disputeEvents.has(type)) return { kind: "sync_dispute", stripeDisputeId: id };
  if (productEvents.has(type)) return { kind: "sync_product", stripeProductId: id };
  if (priceEvents.has(type)) return { kind: "sync_price", stripePriceId: id };
  return accountEvents.has(type) ? { kind: "sync_account" } : ignore;
}

/** What goes into a path and into the database: nothing but what Stripe's ids are made of. */
const stripeId = /^[A-Za-z0-9_]{1,255}$/;

function idOf(object: object): string | undefined {
  const id: unknown = Reflect.get(object, "id");
  return typeof id === "string" && stripeId.test(id) ? id : undefined;
}
