import type { LineDraft } from "../entities/invoice-line.ts";
import type { Invoice, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";
import { rememberBilled } from "./billed-time.ts";
import { prepareInvoice } from "./bills.ts";
import { discountsAt, retireDiscounts } from "./discounts.ts";
import { linesOf, pendingItems } from "./invoice-items.ts";
import type { Span } from "./proration.ts";

/**
 * Drafts a subscription's invoice: what waits for it, the given lines, and the discounts that hold at
 * this instant, of which those for one invoice are then used up.
 */
export function draftInvoice(
  context: Context,
  subscription: Subscription,
  reason: NonNullable<Invoice["billing_reason"]>,
  lines: readonly LineDraft[],
  period: Span,
): Invoice {
  const { world, account, actor } = context;
  const now = world.clock.now();
  // Only renewals rest as drafts for an hour; the others are finalized by who makes them. Nobody
  // finalizes those of a subscription that has been given up as unpaid.
  const waits = reason === "subscription_cycle" && subscription.status !== "unpaid";
  const waiting = pendingItems(context, subscription);
  const invoice = prepareInvoice(context, subscription, {
    reason,
    lines: [...linesOf(context, waiting), ...lines],
    discounts: discountsAt(account, subscription.discounts, now),
    period,
    finalizesAt: waits ? now + world.options.invoiceDraftSeconds : null,
  });
  if (invoice.automatic_tax.disabled_reason !== null) {
    // Without a place there is no tax, and Stripe switches it off rather than keep the invoice.
    subscription.automatic_tax = {
      disabled_reason: "requires_location_inputs",
      enabled: false,
      liability: null,
    };
  }
  if (subscription.status === "unpaid") invoice.auto_advance = false;
  for (const item of waiting) item.invoice = invoice.id;
  account.invoices.add(invoice);
  account.unpaidInvoices.add(invoice);
  remember(context, subscription, invoice, lines);
  subscription.latest_invoice = invoice.id;
  world.emit(account, "invoice.created", invoice, actor);
  return invoice;
}

/** Keeps what has been billed at which price, for credits, and retires discounts that are used up. */
function remember(
  context: Context,
  subscription: Subscription,
  invoice: Invoice,
  lines: readonly LineDraft[],
): void {
  const { account } = context;
  const own = invoice.lines.data.slice(-lines.length);
  for (const [index, line] of lines.entries()) {
    const off = (own[index]?.discount_amounts ?? []).reduce((all, one) => all + one.amount, 0);
    rememberBilled(account, line, line.amount - off, invoice.id);
  }
  if (lines.some((line) => line.amount > 0)) {
    account.lastDiscounts.set(subscription.id, [...subscription.discounts]);
  }
  const used = invoice.lines.data.flatMap((line) => line.discount_amounts ?? []);
  retireDiscounts(context, subscription, new Set(used.map((one) => one.discount)));
}
