import type { Invoice, Subscription } from "../store/types.ts";
import { billTheRest } from "./cancellations.ts";
import type { Context } from "./context.ts";
import { draftInvoice } from "./invoice-drafts.ts";
import { giveUpIncomplete, markUncollectible, voidInvoice } from "./invoice-endings.ts";
import { finalizeInvoice, payInvoice } from "./invoices.ts";
import { payerOf } from "./payers.ts";
import { changeSubscription, endSubscription } from "./lifecycle.ts";
import { firstItem, fullLine } from "./proration.ts";
import { subscriptionOf } from "./subscription-invoices.ts";
import { billingDay, nextBoundary } from "./periods.ts";

const DAY = 86_400;
const INCOMPLETE_SECONDS = 23 * 3600;

/** The next thing that time does to a subscription. */
export interface Due {
  at: number;
  run: (context: Context) => void;
}

/** What falls due next for a subscription; undefined when nothing ever will. */
export function nextForSubscription(
  context: Context,
  subscription: Subscription,
): Due | undefined {
  const { account } = context;
  const { status, trial_end, cancel_at } = subscription;
  if (subscription.ended_at !== null || status === "paused") return undefined;
  if (status === "incomplete") {
    return {
      at: subscription.created + INCOMPLETE_SECONDS,
      run: (now) => giveUpIncomplete(now, subscription),
    };
  }
  const dues: Due[] = [];
  if (status === "trialing" && trial_end !== null) {
    if (!account.trialEndTold.has(subscription.id)) {
      dues.push({
        at: Math.max(trial_end - 3 * DAY, subscription.created),
        run: (now) => tellTrialEnd(now, subscription),
      });
    }
    dues.push({ at: trial_end, run: (now) => endTrial(now, subscription) });
  } else {
    dues.push({
      at: firstItem(subscription).current_period_end,
      run: (now) => endPeriod(now, subscription),
    });
  }
  const resumes = subscription.pause_collection?.resumes_at ?? null;
  if (resumes !== null) dues.push({ at: resumes, run: (now) => collectAgain(now, subscription) });
  if (cancel_at !== null) {
    dues.push({
      at: cancel_at,
      run: (now) => endAtPeriod(now, subscription),
    });
  }
  // At one instant the cancellation goes before the renewal, so the list is read from its end.
  return dues.reduceRight((first, due) => (due.at < first.at ? due : first));
}

function collectAgain(context: Context, subscription: Subscription): void {
  changeSubscription(context, subscription, () => {
    subscription.pause_collection = null;
  });
}

function tellTrialEnd({ world, account, actor }: Context, subscription: Subscription): void {
  account.trialEndTold.add(subscription.id);
  world.emit(account, "customer.subscription.trial_will_end", subscription, actor);
}

function endTrial(context: Context, subscription: Subscription): void {
  const missing = payerOf(context, subscription) === undefined;
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method;
  if (subscription.cancel_at_period_end || (missing && behavior === "cancel")) {
    endSubscription(
      context,
      subscription,
      subscription.cancel_at_period_end ? "cancellation_requested" : "payment_failed",
    );
    return;
  }
  if (missing && behavior === "pause") {
    changeSubscription(context, subscription, () => {
      subscription.status = "paused";
    });
    context.world.emit(
      context.account,
      "customer.subscription.paused",
      subscription,
      context.actor,
    );
    return;
  }
  renew(context, subscription);
}

function endAtPeriod(context: Context, subscription: Subscription): void {
  billTheRest(context, subscription);
  endSubscription(context, subscription, "cancellation_requested");
}

function endPeriod(context: Context, subscription: Subscription): void {
  if (subscription.cancel_at_period_end) {
    endAtPeriod(context, subscription);
  } else renew(context, subscription);
}

/** Begins the next period and drafts its invoice, which is collected an hour later. */
function renew(context: Context, subscription: Subscription): void {
  const before = firstItem(subscription);
  const ended = { start: before.current_period_start, end: before.current_period_end };
  changeSubscription(context, subscription, () => {
    if (subscription.status === "trialing") subscription.status = "active";
    for (const item of subscription.items.data) {
      item.current_period_start = item.current_period_end;
      item.current_period_end = nextBoundary(
        item.current_period_start,
        item.price,
        billingDay(subscription),
      );
    }
    const lines = subscription.items.data.map((item) =>
      fullLine(item, { start: item.current_period_start, end: item.current_period_end })
    );
    draftInvoice(context, subscription, "subscription_cycle", lines, ended);
  });
}

/** What falls due next for an invoice: to be finalized, or to be tried again. */
export function nextForInvoice(invoice: Invoice): Due | undefined {
  if (!invoice.auto_advance) return undefined;
  if (invoice.status === "draft" && invoice.automatically_finalizes_at !== null) {
    return {
      at: invoice.automatically_finalizes_at,
      run: (context) => {
        const paused = subscriptionOf(context, invoice)?.pause_collection?.behavior;
        if (paused === "keep_as_draft") {
          invoice.auto_advance = false;
          invoice.automatically_finalizes_at = null;
          return;
        }
        finalizeInvoice(context, invoice);
        if (invoice.status !== "open") return;
        if (paused === "void") voidInvoice(context, invoice);
        else if (paused === "mark_uncollectible") markUncollectible(context, invoice);
        else collect(context, invoice);
      },
    };
  }
  if (invoice.status === "open" && invoice.next_payment_attempt !== null) {
    return { at: invoice.next_payment_attempt, run: (context) => collect(context, invoice) };
  }
  return undefined;
}

function collect(context: Context, invoice: Invoice): void {
  const id = invoice.parent?.subscription_details?.subscription ?? "";
  const subscription = context.account.subscriptions.find(id);
  invoice.next_payment_attempt = null;
  if (subscription === undefined || subscription.ended_at !== null) return;
  // Nothing is tried any more for a subscription that has been given up.
  if (subscription.status === "unpaid") return;
  try {
    payInvoice(context, invoice, payerOf(context, subscription));
  } catch {
    // The refusal stands on the invoice; nobody waits for an answer here.
  }
}
