import type { ComposedLine, LineDraft } from "../entities/invoice-line.ts";
import { newInvoice } from "../entities/invoice.ts";
import type { Levy } from "../core/tax-rates.ts";
import type { Invoice, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";
import { discountLines } from "./discounts.ts";
import type { Applied } from "./discounts.ts";
import { payerOf } from "./payers.ts";
import type { Span } from "./proration.ts";
import { buyerOf, leviesOf, lineTaxes, taxOn } from "./taxes.ts";
import type { Buyer } from "./taxes.ts";

export interface Bill {
  reason: NonNullable<Invoice["billing_reason"]>;
  lines: readonly LineDraft[];
  discounts: readonly Applied[];
  period: Span;
  finalizesAt: number | null;
  /** Who buys, where a preview says other than the customer does. */
  buyer?: Buyer;
}

function automaticTax(levies: readonly Levy[] | null, wanted: boolean): Invoice["automatic_tax"] {
  const enabled = wanted && levies !== null;
  return {
    disabled_reason: wanted && !enabled ? "finalization_requires_location_inputs" : null,
    enabled,
    liability: enabled ? { type: "self" } : null,
    provider: enabled ? "stripe" : null,
    status: enabled ? "complete" : null,
  };
}

/** An invoice with discounts taken off its lines and taxes put on; nothing is kept of it. */
export function prepareInvoice(context: Context, subscription: Subscription, bill: Bill): Invoice {
  const { world, account } = context;
  const customer = account.customers.find(subscription.customer);
  const wanted = subscription.automatic_tax.enabled;
  const buyer = bill.buyer ?? buyerOf(account, customer, payerOf(context, subscription));
  const levies = wanted ? leviesOf(buyer) : null;
  const taken = discountLines(bill.lines, bill.discounts);
  const lines = bill.lines.map((line, index): ComposedLine => {
    const discounts = taken[index] ?? [];
    const net = line.amount - discounts.reduce((all, one) => all + one.amount, 0);
    const taxes = taxOn(net, line.taxBehavior, levies ?? [], line.currency);
    return { ...line, discounts, taxes: lineTaxes(account, taxes, line.taxBehavior) };
  });
  const { reason, period, finalizesAt } = bill;
  return newInvoice(subscription, customer, {
    now: world.clock.now(),
    reason,
    lines,
    discounts: bill.discounts.map((one) => one.discount.id),
    automaticTax: automaticTax(levies, wanted),
    taxIds: customer === undefined
      ? []
      : account.taxIds.all().filter((one) => one.customer === customer.id)
        .map(({ type, value }) => ({ type, value })),
    period,
    finalizesAt,
    connected: account.connected,
  });
}
