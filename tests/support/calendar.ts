const DAY = 86_400;

/** A price's rhythm. */
export interface Rhythm {
  readonly interval: "day" | "week" | "month" | "year";
  readonly intervalCount: number;
}

/** So many months after an instant (Unix seconds, UTC); a month that lacks the day has its last one. */
export function addMonths(from: number, months: number): number {
  const date = new Date(from * 1000);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime() / 1000;
}

/**
 * The end of a period, told apart from Stripe and from the code under test:
 * https://docs.stripe.com/billing/subscriptions/billing-cycle
 */
export function periodEnd(start: number, { interval, intervalCount }: Rhythm): number {
  if (interval === "day") return start + intervalCount * DAY;
  if (interval === "week") return start + intervalCount * 7 * DAY;
  return addMonths(start, intervalCount * (interval === "year" ? 12 : 1));
}
