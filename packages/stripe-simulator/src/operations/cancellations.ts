import { invalid } from "../core/errors.ts";
import type { Subscription } from "../store/types.ts";
import { creditsFor } from "./billed-time.ts";
import type { Context } from "./context.ts";
import { addInvoiceItem, pendingItems } from "./invoice-items.ts";
import { draftInvoice } from "./invoice-drafts.ts";
import { giveUpIncomplete } from "./invoice-endings.ts";
import { finalizeInvoice, payInvoice } from "./invoices.ts";
import { endSubscription } from "./lifecycle.ts";
import { payerOf } from "./payers.ts";

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

/** Ends a subscription as it stands; one that nobody has paid for never began. */
export function endAsItStands(context: Context, subscription: Subscription): void {
  if (subscription.status === "incomplete") {
    giveUpIncomplete(context, subscription, "cancellation_requested");
  } else endSubscription(context, subscription, "cancellation_requested");
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
  const { id, customer, status } = subscription;
  if (options.prorate && status !== "trialing" && status !== "incomplete") {
    for (const item of subscription.items.data) {
      for (const line of creditsFor(account, subscription, item, world.clock.now())) {
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
  endAsItStands(context, subscription);
}

export const PERIOD_ENDS = ["min_period_end", "max_period_end"] as const;
/** A date, or the first or last end of the items' periods. */
export type CancelAt = number | (typeof PERIOD_ENDS)[number];

export function checkCancelAt(
  { world }: Context,
  at: CancelAt | null | undefined,
  atPeriodEnd?: boolean,
): void {
  if (typeof at === "string" && atPeriodEnd === true) {
    throw invalid(
      "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
      {
        code: "parameters_exclusive",
        param: "cancel_at",
      },
    );
  }
  if (typeof at !== "number" || at > world.clock.now()) return;
  throw invalid("`cancel_at` must be in the future", { param: "cancel_at" });
}

function dateOf({ items }: Subscription, at: CancelAt | null | undefined): number | null {
  if (typeof at !== "string") return at ?? null;
  const ends = items.data.map((item) => item.current_period_end);
  return at === "min_period_end" ? Math.min(...ends) : Math.max(...ends);
}

/** An end with the period moves with that. */
export function endWithPeriod(subscription: Subscription): void {
  if (subscription.cancel_at_period_end) {
    subscription.cancel_at = dateOf(subscription, "min_period_end");
  }
}

/** Sets when a subscription will end by itself, or that it will not. */
export function setCancellation(
  { world }: Context,
  subscription: Subscription,
  atPeriodEnd: boolean | undefined,
  at: CancelAt | null | undefined,
): void {
  if (atPeriodEnd === undefined && at === undefined) return;
  const now = world.clock.now();
  subscription.cancel_at_period_end = atPeriodEnd ?? subscription.cancel_at_period_end;
  subscription.cancel_at = dateOf(subscription, at);
  endWithPeriod(subscription);
  const canceling = subscription.cancel_at !== null;
  subscription.canceled_at = canceling ? now : null;
  if (subscription.cancellation_details !== null) {
    subscription.cancellation_details.reason = canceling ? "cancellation_requested" : null;
  }
}
