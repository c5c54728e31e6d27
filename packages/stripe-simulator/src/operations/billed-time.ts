import type { LineDraft } from "../entities/invoice-line.ts";
import type { Account, BilledTime } from "../store/account.ts";
import type { Subscription, SubscriptionItem } from "../store/types.ts";
import type { Applied } from "./discounts.ts";
import { discountLines, discountsAt } from "./discounts.ts";
import { creditLine, fullLine, periodOf } from "./proration.ts";

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

/** Remembers the time that a line bills, by what bills it, so that it can be credited. */
export function rememberBilled(
  account: Account,
  line: LineDraft,
  net: number,
  source: string,
): void {
  if (line.item === null || net <= 0) return;
  const known = account.billed.get(line.item.id) ?? [];
  // What ended before this line begins can no longer be credited.
  const live = known.filter((time) => time.end > line.period.start);
  account.billed.set(line.item.id, [...live, { ...line.period, amount: net, source, credits: [] }]);
}

/** Remembers that a line credits time, by the invoice item that it is. */
export function rememberCredited(account: Account, line: LineDraft, source: string): void {
  const times = account.billed.get(line.item?.id ?? "") ?? [];
  const time = times.find((one) => one.source === line.credited);
  time?.credits.push({ from: line.period.start, source });
}

/** Whether something is billed still: what is on a void invoice never was. */
function stands(account: Account, source: string): boolean {
  const item = account.invoiceItems.find(source);
  if (item?.invoice === null) return true;
  const invoice = account.invoices.find(item?.invoice ?? source);
  return invoice !== undefined && invoice.status !== "void";
}

/** The part of billed time that nothing has credited yet. */
function leftOf(account: Account, time: BilledTime): BilledTime {
  const credits = time.credits.filter((one) => stands(account, one.source));
  const end = Math.min(time.end, ...credits.map((one) => one.from));
  const share = (end - time.start) / (time.end - time.start);
  return { ...time, end, amount: Math.round(time.amount * share) };
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
): LineDraft[] {
  if (subscription.billing_mode.type === "flexible") {
    return (account.billed.get(item.id) ?? [])
      .filter((time) => stands(account, time.source))
      .map((time) => leftOf(account, time))
      .filter((time) => time.end > at)
      .map((time) => creditLine(item, at, time, time.amount, time.source));
  }
  const ids = account.lastDiscounts.get(subscription.id) ?? subscription.discounts;
  const items = subscription.items.data;
  const { nets } = netOf(items, discountsAt(account, ids, item.current_period_start));
  const net = nets[items.findIndex((one) => one.id === item.id)] ?? 0;
  return [creditLine(item, at, periodOf(item), net)];
}
