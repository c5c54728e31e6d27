import { roundTo } from "../core/currencies.ts";
import type { LineDraft } from "../entities/invoice-line.ts";
import type { Price, Subscription, SubscriptionItem } from "../store/types.ts";

export interface Span {
  start: number;
  end: number;
}

/** What an item costs for a whole period, before discounts. */
export function grossOf(item: SubscriptionItem): number {
  return (item.price.unit_amount ?? 0) * (item.quantity ?? 1);
}

function lineOf(
  item: SubscriptionItem,
  amount: number,
  period: Span,
  description: string,
): Omit<LineDraft, "proration" | "discountable"> {
  return {
    item: structuredClone(item),
    invoiceItem: null,
    amount,
    quantity: item.quantity ?? 1,
    currency: item.price.currency,
    period,
    description,
    pricing: {
      price_details: { price: item.price.id, product: item.price.product },
      type: "price_details",
      unit_amount_decimal: item.price.unit_amount_decimal,
    },
    taxBehavior: item.price.tax_behavior === "inclusive" ? "inclusive" : "exclusive",
    metadata: {},
  };
}

function nameOf(item: SubscriptionItem): string {
  return item.price.nickname ?? item.price.id;
}

/** One line for one whole period of an item, or for a free one (a trial). */
export function fullLine(item: SubscriptionItem, period: Span, amount = grossOf(item)): LineDraft {
  const description = `${item.quantity ?? 1} × ${nameOf(item)}`;
  return { ...lineOf(item, amount, period, description), proration: false, discountable: true };
}

function shareOf(from: number, whole: Span): number {
  return Math.max(0, Math.min(1, (whole.end - from) / (whole.end - whole.start)));
}

/** The charge for the rest of an item's period, of what it costs for a whole one. */
export function debitLine(
  item: SubscriptionItem,
  from: number,
  whole: Span,
  net: number,
): LineDraft {
  const amount = roundTo(net * shareOf(from, whole), item.price.currency);
  const line = lineOf(
    item,
    amount,
    { start: from, end: whole.end },
    `Remaining time on ${nameOf(item)}`,
  );
  return { ...line, proration: true, discountable: false };
}

/**
 * The credit for time that was billed at `net` for `whole` and is not used after `from`; `credited` is
 * what billed it, where one thing did.
 */
export function creditLine(
  item: SubscriptionItem,
  from: number,
  whole: Span,
  net: number,
  credited?: string,
): LineDraft {
  const amount = 0 - roundTo(net * shareOf(from, whole), item.price.currency);
  const line = lineOf(
    item,
    amount,
    { start: Math.max(from, whole.start), end: whole.end },
    `Unused time on ${nameOf(item)}`,
  );
  return {
    ...line,
    proration: true,
    discountable: false,
    ...(credited === undefined ? {} : { credited }),
  };
}

export function periodOf(item: SubscriptionItem): Span {
  return { start: item.current_period_start, end: item.current_period_end };
}

/** How often a price is billed, for comparison. */
export function rhythmOf({ recurring }: Price): string {
  return `${recurring?.interval_count} ${recurring?.interval}`;
}

export function firstItem(subscription: Subscription): SubscriptionItem {
  const [item] = subscription.items.data;
  if (item === undefined) throw new Error(`subscription ${subscription.id} has no items`);
  return item;
}
