import type Stripe from "stripe";
import type { ChangePlan } from "../domain/plans.ts";
import type { Account } from "./account.ts";
import { PAID_BY } from "./invoices.ts";
import { isMerchantsOwn } from "./subscriptions.ts";

/** In the subscription's metadata: the session whose change was the last to be made. */
export const CHANGED_BY = "price_change_session_id";

/** The instant of the figures, by Stripe's clock: with it the same prorations are made later. */
export function proratedAtOf(invoice: Stripe.Invoice): number {
  return invoice.parent?.subscription_details?.subscription_proration_date ?? invoice.created;
}

/** Whether this change is the last that was made of the subscription. */
export const isDone = (subscription: Stripe.Subscription, { sessionId }: ChangePlan) =>
  subscription.metadata[CHANGED_BY] === sessionId;

/** Whether nothing is owed for it. */
export const isPaidFor = ({ status }: Stripe.Subscription) =>
  status === "active" || status === "trialing";

/**
 * Whether the bill of its time has not been paid: a renewal's is a draft for an hour, and a bank debit that is on its way for it leaves
 * the subscription active for days. Stripe credits the time all the same, "assuming that any previous invoices for the subscription will
 * eventually be paid" (https://docs.stripe.com/billing/subscriptions/prorations, Prorations and unpaid invoices). Refused from the draft
 * on: a change makes an invoice of its own, behind which the unpaid one is no longer the last.
 */
export const isOwed = ({ latest_invoice: latest }: Stripe.Subscription) =>
  latest !== null && typeof latest !== "string" && latest.status !== "paid" &&
  latest.status !== "void";

/**
 * Whether an invoice says that this change made it: it carries the subscription's metadata as of its finalization. Whether
 * those of the request which made it are in them is inferred, so that it is known without, too.
 */
export const isNamed = ({ parent }: Stripe.Invoice, { sessionId }: ChangePlan) =>
  parent?.subscription_details?.metadata?.[CHANGED_BY] === sessionId;

/** Whether an invoice says of nobody else that it is theirs. */
export const isFree = ({ metadata }: Stripe.Invoice, { stripePaymentIntentId: own }: ChangePlan) =>
  (metadata?.[PAID_BY] ?? own) === own;

/** Whether an invoice is for what the session has paid. */
export const isOverPaid = ({ amount_due: due, currency }: Stripe.Invoice, plan: ChangePlan) =>
  due === plan.paid && currency === plan.currency;

/** Whether another change than this one was the last to be made of the subscription. */
export const isAnothers = (subscription: Stripe.Subscription, plan: ChangePlan) =>
  (subscription.metadata[CHANGED_BY] ?? "") !== "" && !isDone(subscription, plan);

/** Whether an invoice was paid with what the session has paid. */
export const isPaidBy = (
  { status, metadata }: Stripe.Invoice,
  { stripePaymentIntentId: own }: ChangePlan,
) => status === "paid" && own !== null && metadata?.[PAID_BY] === own;

/**
 * Whether Stripe lets us change it and makes an open invoice of that at once: not where it is the merchant's own, sent, paused, scheduled
 * or pending.
 */
export const isBilledHere = (subscription: Stripe.Subscription, account: Account) =>
  !isMerchantsOwn(subscription, account) &&
  subscription.collection_method === "charge_automatically" &&
  subscription.pause_collection === null && subscription.schedule === null &&
  subscription.pending_update === null;

/**
 * Whether it ends before what a change of it is paid for. An end at a date stays where it is when a new period begins, unlike
 * one at the period's end: https://docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums
 */
export const endsTooEarly = (
  { cancel_at: end, cancel_at_period_end: withPeriod }: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  restarts: boolean,
) => end !== null && !withPeriod && (restarts || end < item.current_period_end);

/** Whether the subscription is still the one that the customer saw. */
export function isAsPreviewed(subscription: Stripe.Subscription, plan: ChangePlan): boolean {
  const item = subscription.items.data.find(({ id }) => id === plan.stripeItemId);
  return isPaidFor(subscription) && isBilledHere(subscription, plan.stripeAccountId) &&
    item?.price.id === plan.fromStripePriceId &&
    (plan.trialing ||
      (!isOwed(subscription) && !endsTooEarly(subscription, item, plan.restarts))) &&
    (item.quantity ?? 1) === plan.quantity &&
    (subscription.status === "trialing") === plan.trialing;
}

/** The change as Stripe takes it. */
export function parametersOf(plan: ChangePlan): Stripe.SubscriptionUpdateParams {
  return {
    items: [{ id: plan.stripeItemId, price: plan.toStripePriceId, quantity: plan.quantity }],
    metadata: { [CHANGED_BY]: plan.sessionId },
    payment_behavior: "default_incomplete",
    ...(plan.stripePaymentMethodId === null
      ? {}
      : { default_payment_method: plan.stripePaymentMethodId }),
    ...prorationOf(plan),
    expand: ["latest_invoice"],
  };
}

/** Whether the change makes an invoice of its own. */
export const billsAtOnce = ({ paid, restarts }: ChangePlan) => paid > 0 || restarts;

/** What is due is billed at once; where nothing is, credit and charge wait for the next invoice. */
function prorationOf(plan: ChangePlan): Stripe.SubscriptionUpdateParams {
  const { proratedAt, restarts } = plan;
  if (proratedAt === null) return { proration_behavior: "none" };
  return {
    proration_date: proratedAt,
    proration_behavior: billsAtOnce(plan) ? "always_invoice" : "create_prorations",
    // Stripe itself begins no new period when the rhythm changes:
    // https://docs.stripe.com/billing/subscriptions/billing-mode/compare
    ...(restarts ? { billing_cycle_anchor: { type: "now" } } : {}),
  };
}
