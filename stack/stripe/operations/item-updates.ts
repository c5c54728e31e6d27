import type { LineDraft } from "../entities/invoice.ts";
import type { Subscription } from "../store/types.ts";
import { forgetBilledAfter, rememberBilled } from "./billed-time.ts";
import type { Context } from "./context.ts";
import { discountsAt, retireDiscounts } from "./discounts.ts";
import { addInvoiceItem, pendingItems } from "./invoice-items.ts";
import { draftInvoice } from "./invoice-drafts.ts";
import { finalizeInvoice, payInvoice, voidInvoice } from "./invoices.ts";
import { payerOf } from "./payers.ts";
import { planItemChange } from "./item-changes.ts";
import type { ChangePlan, ItemChange } from "./item-changes.ts";
import { changeSubscription } from "./lifecycle.ts";

export interface ChangeOptions {
  /** What goes onto the next invoice besides, which may be the one that the change makes. */
  add?: readonly LineDraft[];
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
  const billedBefore = structuredClone(account.billed);
  changeSubscription(context, subscription, () => {
    subscription.items.data = plan.items;
    if (!plan.restarts) return;
    subscription.billing_cycle_anchor = now;
    subscription.billing_cycle_anchor_config = null;
  });
  if (behavior !== "none") prorate(context, subscription, plan, at);
  const { id, customer } = subscription;
  for (const line of options.add ?? []) {
    addInvoiceItem(context, { customer, subscription: id, line });
  }
  const atOnce = plan.restarts || behavior === "always_invoice";
  const nothing = plan.periods.length === 0 && pendingItems(context, subscription).length === 0;
  if (!atOnce || nothing) return;
  const period = { start: now, end: now };
  const invoice = draftInvoice(context, subscription, "subscription_update", plan.periods, period);
  finalizeInvoice(context, invoice);
  if (invoice.status !== "open") return;
  try {
    payInvoice(context, invoice, payerOf(context, subscription));
  } catch (error) {
    if (options.payment_behavior !== "error_if_incomplete") return;
    voidInvoice(context, invoice);
    Object.assign(subscription, before);
    for (const [item, times] of billedBefore) account.billed.set(item, times);
    throw error;
  }
}

/** Makes invoice items of a change's prorations, which the next invoice takes. */
function prorate(
  context: Context,
  subscription: Subscription,
  plan: ChangePlan,
  at: number,
): void {
  const { account } = context;
  const { id, customer } = subscription;
  const credited = new Set(
    plan.prorations.filter((line) => line.amount < 0).flatMap((line) => line.item?.id ?? []),
  );
  for (const item of credited) forgetBilledAfter(account, item, at);
  for (const line of plan.prorations) {
    addInvoiceItem(context, { customer, subscription: id, line });
    rememberBilled(account, line, line.amount);
  }
  retireDiscounts(context, subscription, plan.used);
}
