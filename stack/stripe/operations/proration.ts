import type { LineDraft } from "../entities/invoice.ts";
import type { Price, Subscription, SubscriptionItem } from "../store/types.ts";

export function amountOf(price: Price, quantity: number): number {
  return (price.unit_amount ?? 0) * quantity;
}

/** One line for one whole period of an item. */
export function fullLine(
  item: SubscriptionItem,
  period: { start: number; end: number },
): LineDraft {
  const quantity = item.quantity ?? 1;
  return {
    item,
    amount: amountOf(item.price, quantity),
    period,
    proration: false,
    description: `${quantity} × ${item.price.nickname ?? item.price.id}`,
  };
}

/** The share of an item's whole-period amount that falls on the rest of its period. */
export function partialLine(
  item: SubscriptionItem,
  from: number,
  wholePeriod: { start: number; end: number },
  sign: 1 | -1,
): LineDraft {
  const { start, end } = wholePeriod;
  const share = Math.max(0, Math.min(1, (end - from) / (end - start)));
  const amount = Math.round(amountOf(item.price, item.quantity ?? 1) * share);
  const name = item.price.nickname ?? item.price.id;
  return {
    item: structuredClone(item),
    amount: sign * amount,
    period: { start: from, end },
    proration: true,
    description: sign < 0 ? `Unused time on ${name}` : `Remaining time on ${name}`,
  };
}

export function periodOf(item: SubscriptionItem): { start: number; end: number } {
  return { start: item.current_period_start, end: item.current_period_end };
}

/** How often a price is billed, for comparison. */
export function rhythmOf({ recurring }: Price): string {
  return `${recurring?.interval_count} ${recurring?.interval}`;
}

/** The lines that an item's change of price or quantity makes: credit for the old, charge for the new. */
export function changeLines(
  before: SubscriptionItem,
  after: SubscriptionItem,
  at: number,
): LineDraft[] {
  const period = periodOf(before);
  const lines = [partialLine(before, at, period, -1)];
  lines.push(
    rhythmOf(before.price) === rhythmOf(after.price)
      ? partialLine({ ...after, current_period_end: period.end }, at, period, 1)
      : fullLine(after, periodOf(after)),
  );
  return lines;
}

export function firstItem(subscription: Subscription): SubscriptionItem {
  const [item] = subscription.items.data;
  if (item === undefined) throw new Error(`subscription ${subscription.id} has no items`);
  return item;
}
