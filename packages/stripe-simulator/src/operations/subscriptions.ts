import { invalid, StripeRefusal } from "../core/errors.ts";
import { newItem, newSubscription } from "../entities/subscription.ts";
import type { LineDraft } from "../entities/invoice-line.ts";
import type { ItemDraft } from "../entities/subscription.ts";
import { APPLICATION } from "../entities/payment-intent.ts";
import { newSetupIntent } from "../entities/setup-intent.ts";
import type { Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";
import { prepareInvoice } from "./bills.ts";
import { useCurrency } from "./customer-currency.ts";
import { discountsAt, setDiscounts, unredeem } from "./discounts.ts";
import type { GivenDiscount } from "./discounts.ts";
import { linesOf, pendingItems } from "./invoice-items.ts";
import { draftInvoice } from "./invoice-drafts.ts";
import { finalizeInvoice, payInvoice } from "./invoices.ts";
import { payerOf } from "./payers.ts";
import { tellTrialEndIfNear } from "./lifecycle.ts";
import { nextBoundary } from "./periods.ts";
import { fullLine, periodOf } from "./proration.ts";

export type PaymentBehavior =
  | "allow_incomplete"
  | "default_incomplete"
  | "error_if_incomplete"
  | "pending_if_incomplete";

export interface SubscriptionDraft {
  customer: string;
  items: ItemDraft[];
  trialEnd: number | null;
  paymentBehavior: PaymentBehavior;
  discounts: readonly GivenDiscount[];
  fields: Partial<Subscription>;
}

/** `POST /v1/subscriptions` */
export function createSubscription(context: Context, draft: SubscriptionDraft): Subscription {
  const { world, account } = context;
  const now = world.clock.now();
  const price = draft.items[0]?.price;
  if (price === undefined) throw invalid("Missing required param: items.", { param: "items" });
  const trialing = draft.trialEnd !== null;
  const end = draft.trialEnd ?? nextBoundary(now, price);
  const subscription = newSubscription({
    ...draft.fields,
    application: account.connected ? APPLICATION : null,
    billing_cycle_anchor: draft.trialEnd ?? now,
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
  useCurrency(customer, price.currency);
  if (trialing && payerOf(context, subscription) === undefined) askForCard(context, subscription);
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

/** What a new subscription is billed at once: its first period, or nothing for a trial. */
export function firstLines(subscription: Subscription): LineDraft[] {
  const free = subscription.trial_end !== null;
  return subscription.items.data.map((item) =>
    free ? fullLine(item, periodOf(item), 0) : fullLine(item, periodOf(item))
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
  const lines = firstLines(subscription);
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
  // The subscription is told of before its first payment, as it then stands.
  world.emit(account, "customer.subscription.created", subscription, actor);
  if (draft.paymentBehavior === "default_incomplete") invoice.auto_advance = false;
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
