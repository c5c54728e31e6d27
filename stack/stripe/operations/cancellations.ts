import type { Subscription } from "../store/types.ts";
import { creditsFor } from "./billed-time.ts";
import type { Context } from "./context.ts";
import { addInvoiceItem, pendingItems } from "./invoice-items.ts";
import { draftInvoice } from "./invoice-drafts.ts";
import { finalizeInvoice, payInvoice } from "./invoices.ts";
import { endSubscription } from "./lifecycle.ts";
import { payerOf } from "./payers.ts";
import { billingDay } from "./subscriptions.ts";

/** Bills what still waits for a subscription's next invoice, of which there will be none. */
export function billTheRest(context: Context, subscription: Subscription): void {
  if (pendingItems(context, subscription).length === 0) return;
  const now = context.world.clock.now();
  const period = { start: now, end: now };
  const invoice = draftInvoice(context, subscription, "subscription_update", [], period);
  finalizeInvoice(context, invoice);
  if (invoice.status !== "open") return;
  try {
    payInvoice(context, invoice, payerOf(context, subscription));
  } catch {
    // The refusal stands on the invoice; the subscription ends all the same.
  }
}

/**
 * Ends a subscription at once. `prorate` credits the time that is left, `invoiceNow` bills all that
 * waits; without either, prorations that wait are dropped.
 */
export function cancelNow(
  context: Context,
  subscription: Subscription,
  options: { prorate: boolean; invoiceNow: boolean },
): void {
  const { account, world } = context;
  const { id, customer } = subscription;
  if (options.prorate && subscription.status !== "trialing") {
    const day = billingDay(subscription);
    for (const item of subscription.items.data) {
      for (const line of creditsFor(account, subscription, item, world.clock.now(), day)) {
        addInvoiceItem(context, { customer, subscription: id, line });
      }
    }
  }
  if (options.invoiceNow) billTheRest(context, subscription);
  else if (!options.prorate) {
    for (const item of pendingItems(context, subscription)) {
      if (item.proration) account.invoiceItems.remove(item.id);
    }
  }
  endSubscription(context, subscription, "cancellation_requested");
}
