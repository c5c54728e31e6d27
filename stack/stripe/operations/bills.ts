import type { ComposedLine, LineDraft } from "../entities/invoice.ts";
import { newInvoice } from "../entities/invoice.ts";
import type { Invoice, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";
import { discountLines } from "./discounts.ts";
import type { Applied } from "./discounts.ts";
import type { Span } from "./proration.ts";

export interface Bill {
  reason: NonNullable<Invoice["billing_reason"]>;
  lines: readonly LineDraft[];
  discounts: readonly Applied[];
  period: Span;
  finalizesAt: number | null;
}

function noTax(): Invoice["automatic_tax"] {
  return { disabled_reason: null, enabled: false, liability: null, provider: null, status: null };
}

/** An invoice with discounts taken off its lines; nothing is kept of it. */
export function prepareInvoice(context: Context, subscription: Subscription, bill: Bill): Invoice {
  const { world, account } = context;
  const taken = discountLines(bill.lines, bill.discounts);
  const lines = bill.lines.map((line, index): ComposedLine => ({
    ...line,
    discounts: taken[index] ?? [],
    taxes: [],
  }));
  const { reason, period, finalizesAt } = bill;
  return newInvoice(subscription, account.customers.find(subscription.customer), {
    now: world.clock.now(),
    reason,
    lines,
    discounts: bill.discounts.map((one) => one.discount.id),
    automaticTax: noTax(),
    taxIds: [],
    period,
    finalizesAt,
    connected: account.connected,
  });
}
