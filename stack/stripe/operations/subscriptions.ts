import { addIntervals, dayOfMonth } from "../core/dates.ts";
import { invalid, StripeRefusal } from "../core/errors.ts";
import { newItem, newSubscription } from "../entities/subscription.ts";
import type { LineDraft } from "../entities/invoice.ts";
import type { ItemDraft } from "../entities/subscription.ts";
import { APPLICATION } from "../entities/payment-intent.ts";
import { newSetupIntent } from "../entities/setup-intent.ts";
import type { Price, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";
import { netOf } from "./billed-time.ts";
import { prepareInvoice } from "./bills.ts";
import { discountsAt, setDiscounts, unredeem } from "./discounts.ts";
import type { Applied, GivenDiscount } from "./discounts.ts";
import { linesOf, pendingItems } from "./invoice-items.ts";
import { draftInvoice } from "./invoice-drafts.ts";
import { finalizeInvoice, payInvoice } from "./invoices.ts";
import { payerOf } from "./payers.ts";
import { tellTrialEndIfNear } from "./lifecycle.ts";
import { debitLine, fullLine, periodOf, wholePeriodOf } from "./proration.ts";

export type PaymentBehavior =
  | "allow_incomplete"
  | "default_incomplete"
  | "error_if_incomplete"
  | "pending_if_incomplete";

export interface SubscriptionDraft {
  customer: string;
  items: ItemDraft[];
  anchor: number | undefined;
  prorate: boolean;
  trialEnd: number | null;
  paymentBehavior: PaymentBehavior;
  discounts: readonly GivenDiscount[];
  fields: Partial<Subscription>;
}

/** The end of a period that begins at `from`; `day` is the day of the month that it is billed on. */
export function nextBoundary(from: number, price: Price, day = dayOfMonth(from)): number {
  const { interval = "month", interval_count = 1 } = price.recurring ?? {};
  return addIntervals(from, interval, interval_count, day);
}

type Cycle = Pick<Subscription, "billing_cycle_anchor" | "billing_cycle_anchor_config">;

/** The day of the month on which a subscription is billed, also when its anchor's month was too short. */
export function billingDay(cycle: Cycle): number {
  return cycle.billing_cycle_anchor_config?.day_of_month ?? dayOfMonth(cycle.billing_cycle_anchor);
}

function checkAnchor(now: number, draft: SubscriptionDraft, price: Price): void {
  if (draft.anchor === undefined) return;
  if (draft.anchor <= now) {
    throw invalid("billing_cycle_anchor must be a timestamp in the future", {
      param: "billing_cycle_anchor",
    });
  }
  const start = draft.trialEnd ?? now;
  const natural = nextBoundary(start, price);
  if (draft.anchor > natural) {
    throw invalid(
      `billing_cycle_anchor cannot be later than next natural billing date (${natural}) for plan`,
      { param: "billing_cycle_anchor" },
    );
  }
}

/** `POST /v1/subscriptions` */
export function createSubscription(context: Context, draft: SubscriptionDraft): Subscription {
  const { world, account, actor } = context;
  const now = world.clock.now();
  const price = draft.items[0]?.price;
  if (price === undefined) throw invalid("Missing required param: items.", { param: "items" });
  checkAnchor(now, draft, price);
  const trialing = draft.trialEnd !== null;
  const anchor = draft.anchor ?? draft.trialEnd ?? now;
  const end = draft.trialEnd ?? draft.anchor ?? nextBoundary(now, price);
  const subscription = newSubscription({
    ...draft.fields,
    application: account.connected ? APPLICATION : null,
    billing_cycle_anchor: anchor,
    created: now,
    currency: price.currency,
    customer: draft.customer,
    status: trialing ? "trialing" : "active",
    trial_start: trialing ? now : null,
    trial_end: draft.trialEnd,
  });
  subscription.items.data = draft.items.map((item) =>
    newItem(now, subscription.id, item, { start: now, end })
  );
  setDiscounts(context, subscription, draft.discounts);
  account.subscriptions.add(subscription);
  account.liveSubscriptions.add(subscription);
  const customer = account.customers.get(draft.customer, "customer");
  customer.currency ??= price.currency;
  const free = !trialing && draft.anchor !== undefined && !draft.prorate;
  if (trialing && payerOf(context, subscription) === undefined) askForCard(context, subscription);
  // The subscription is told of first, and before its first payment: as Stripe, as it then stands.
  if (free) {
    world.emit(account, "customer.subscription.created", subscription, actor);
    return subscription;
  }
  firstInvoice(context, subscription, draft, now);
  if (trialing) tellTrialEndIfNear(context, subscription);
  return subscription;
}

function askForCard({ world, account, actor }: Context, subscription: Subscription): void {
  const setup = newSetupIntent({
    created: world.clock.now(),
    usage: "off_session",
    customer: subscription.customer,
    payment_method_types: ["card"],
  });
  account.setupIntents.add(setup);
  subscription.pending_setup_intent = setup.id;
  world.emit(account, "setup_intent.created", setup, actor);
}

/** What a new subscription is billed at once: its first period, the part before its anchor, or nothing. */
export function firstLines(
  subscription: Subscription,
  discounts: readonly Applied[],
  now: number,
  anchored: boolean,
): LineDraft[] {
  const items = subscription.items.data;
  if (subscription.trial_end !== null) {
    return items.map((item) => fullLine(item, periodOf(item), 0));
  }
  if (!anchored) return items.map((item) => fullLine(item, periodOf(item)));
  const { nets } = netOf(items, discounts);
  const day = billingDay(subscription);
  return items.map((item, index) =>
    debitLine(item, now, wholePeriodOf(item, day), nets[index] ?? 0)
  );
}

function firstInvoice(
  context: Context,
  subscription: Subscription,
  draft: SubscriptionDraft,
  now: number,
): void {
  const { world, account, actor } = context;
  const discounts = discountsAt(account, subscription.discounts, now);
  const lines = firstLines(subscription, discounts, now, draft.anchor !== undefined);
  const start = { start: now, end: now };
  const waiting = linesOf(context, pendingItems(context, subscription));
  const expected = prepareInvoice(context, subscription, {
    reason: "subscription_create",
    lines: [...waiting, ...lines],
    discounts,
    period: start,
    finalizesAt: null,
  });
  const method = payerOf(context, subscription);
  const mustPay = expected.amount_due > 0;
  if (mustPay) subscription.status = "incomplete";
  if (mustPay && method === undefined && draft.paymentBehavior !== "default_incomplete") {
    forget(context, subscription);
    throw new StripeRefusal(400, {
      type: "invalid_request_error",
      code: "resource_missing",
      message:
        "This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
    });
  }
  const invoice = draftInvoice(context, subscription, "subscription_create", lines, start);
  world.emit(account, "customer.subscription.created", subscription, actor);
  finalizeInvoice(context, invoice);
  if (!mustPay || draft.paymentBehavior === "default_incomplete") return;
  try {
    payInvoice(context, invoice, method);
  } catch (error) {
    if (draft.paymentBehavior !== "error_if_incomplete") return;
    forget(context, subscription);
    throw error;
  }
}

function forget(context: Context, subscription: Subscription): void {
  const { account } = context;
  unredeem(context, subscription);
  account.subscriptions.remove(subscription.id);
  account.liveSubscriptions.delete(subscription);
}
