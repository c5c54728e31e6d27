import type { Subscription } from "../store/types.ts";
import { rememberBilled, rememberCredited } from "./billed-time.ts";
import { endWithPeriod } from "./cancellations.ts";
import type { Context } from "./context.ts";
import { discountsAt, retireDiscounts } from "./discounts.ts";
import { addInvoiceItem, pendingItems } from "./invoice-items.ts";
import { draftInvoice } from "./invoice-drafts.ts";
import { voidInvoice } from "./invoice-endings.ts";
import { finalizeInvoice, payInvoice } from "./invoices.ts";
import { payerOf } from "./payers.ts";
import { planItemChange } from "./item-changes.ts";
import type { ChangePlan, ItemChange } from "./item-changes.ts";
import { changeSubscription } from "./lifecycle.ts";

export interface ChangeOptions {
  /** What the same request changes besides, before the change is billed. */
  also?: () => void;
  anchor?: "now" | "unchanged";
  payment_behavior?: string;
  proration_behavior?: "always_invoice" | "create_prorations" | "none";
  proration_date?: number;
}

/** Changes a subscription's items, and bills or credits the rest of the period as told. */
export function changeItems(
  context: Context,
  subscription: Subscription,
  changes: readonly ItemChange[],
  options: ChangeOptions,
): void {
  const { world, account } = context;
  const now = world.clock.now();
  const at = options.proration_date ?? now;
  const behavior = options.proration_behavior ?? "create_prorations";
  const plan = planItemChange(context, subscription, changes, {
    discounts: discountsAt(account, subscription.discounts, now),
    ...(options.proration_date === undefined ? {} : { at }),
    ...(options.anchor === undefined ? {} : { anchor: options.anchor }),
  });
  const before = structuredClone(subscription);
  const waiting = pendingItems(context, subscription);
  changeSubscription(context, subscription, () => {
    subscription.items.data = plan.items;
    if (plan.restarts) subscription.billing_cycle_anchor = now;
    endWithPeriod(subscription);
    options.also?.();
  });
  if (behavior !== "none") prorate(context, subscription, plan);
  const atOnce = plan.restarts || behavior === "always_invoice";
  const nothing = plan.periods.length === 0 && pendingItems(context, subscription).length === 0;
  if (!atOnce || nothing) return;
  const period = { start: now, end: now };
  const invoice = draftInvoice(context, subscription, "subscription_update", plan.periods, period);
  finalizeInvoice(context, invoice);
  if (invoice.status !== "open") return;
  if (options.payment_behavior === "default_incomplete") {
    changeSubscription(context, subscription, () => {
      if (subscription.status === "active") subscription.status = "past_due";
    });
    return;
  }
  try {
    payInvoice(context, invoice, payerOf(context, subscription));
  } catch (error) {
    if (options.payment_behavior !== "error_if_incomplete") return;
    voidInvoice(context, invoice);
    Object.assign(subscription, before);
    for (const item of waiting) item.invoice = null;
    throw error;
  }
}

/** Makes invoice items of a change's prorations, which the next invoice takes. */
function prorate(
  context: Context,
  subscription: Subscription,
  plan: ChangePlan,
): void {
  const { account } = context;
  const { id, customer } = subscription;
  for (const line of plan.prorations) {
    const item = addInvoiceItem(context, { customer, subscription: id, line });
    rememberCredited(account, line, item.id);
    rememberBilled(account, line, line.amount, item.id);
  }
  retireDiscounts(context, subscription, plan.used);
}
