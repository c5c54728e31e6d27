import type { LineDraft } from "../entities/invoice.ts";
import type { Account } from "../store/account.ts";
import type { Subscription, SubscriptionItem } from "../store/types.ts";
import type { Applied } from "./discounts.ts";
import { discountLines, discountsAt } from "./discounts.ts";
import { creditLine, fullLine, periodOf, wholePeriodOf } from "./proration.ts";

/** What each item costs for a whole period after discounts, and which discounts that took. */
export function netOf(
  items: readonly SubscriptionItem[],
  discounts: readonly Applied[],
): { nets: number[]; used: Set<string> } {
  const lines = items.map((item) => fullLine(item, periodOf(item)));
  const taken = discountLines(lines, discounts);
  const nets = lines.map((line, index) =>
    line.amount - (taken[index] ?? []).reduce((all, one) => all + one.amount, 0)
  );
  return { nets, used: new Set(taken.flat().map((one) => one.discount)) };
}

/** Remembers the time that a line has been billed for, so that it can be credited. */
export function rememberBilled(account: Account, line: LineDraft, net: number): void {
  if (line.item === null || net <= 0) return;
  const known = account.billed.get(line.item.id) ?? [];
  // What ended before this line begins can no longer be credited.
  const live = known.filter((time) => time.end > line.period.start);
  account.billed.set(line.item.id, [...live, { ...line.period, amount: net }]);
}

/**
 * The credits for an item's time after an instant. In flexible billing they come from what was
 * billed for it, so that time which Stripe never billed gives none; in classic billing from what the
 * item costs now, with the discounts of its last bill.
 */
export function creditsFor(
  account: Account,
  subscription: Subscription,
  item: SubscriptionItem,
  at: number,
  day: number,
): LineDraft[] {
  if (subscription.billing_mode.type === "flexible") {
    return (account.billed.get(item.id) ?? []).filter((time) => time.end > at)
      .map((time) => creditLine(item, at, time, time.amount));
  }
  const ids = account.lastDiscounts.get(subscription.id) ?? subscription.discounts;
  const items = subscription.items.data;
  const { nets } = netOf(items, discountsAt(account, ids, item.current_period_start));
  const net = nets[items.findIndex((one) => one.id === item.id)] ?? 0;
  return [creditLine(item, at, wholePeriodOf(item, day), net)];
}

/** Cuts off what has been credited. */
export function forgetBilledAfter(account: Account, item: string, at: number): void {
  const left = (account.billed.get(item) ?? []).flatMap((time) => {
    if (time.end <= at) return [time];
    if (time.start >= at) return [];
    const share = (at - time.start) / (time.end - time.start);
    return [{ start: time.start, end: at, amount: Math.round(time.amount * share) }];
  });
  account.billed.set(item, left);
}
