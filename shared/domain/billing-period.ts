export type Interval = "day" | "week" | "month" | "year";

/** A price's rhythm. */
export interface Recurrence {
  readonly interval: Interval;
  readonly intervalCount: number;
}

/** A span of time, in Unix seconds. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

const DAY = 86_400;

/**
 * The end of a period that starts at `start` (Unix seconds), in UTC. A month that lacks the day ends on its last one, as
 * Stripe bills (https://docs.stripe.com/billing/subscriptions/billing-cycle).
 */
export function periodEnd(start: number, { interval, intervalCount }: Recurrence): number {
  switch (interval) {
    case "day":
      return start + intervalCount * DAY;
    case "week":
      return start + intervalCount * 7 * DAY;
    case "month":
      return addMonths(start, intervalCount);
    case "year":
      return addMonths(start, intervalCount * 12);
  }
}

function addMonths(start: number, months: number): number {
  const date = new Date(start * 1000);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return Math.floor(date.getTime() / 1000);
}

/** Stripe refuses an anchor in the past; its clock and ours may differ by a little. */
const CLOCK_MARGIN = 300;

/**
 * The period that a payment bought. It starts when the money came; where so much time has passed since that it would be
 * over (a repair after a long outage), the customer has had nothing of it, and it starts now instead.
 */
export function paidPeriod(paidAt: number, recurrence: Recurrence, now: number): Period {
  const end = periodEnd(paidAt, recurrence);
  if (end > now + CLOCK_MARGIN) return { start: paidAt, end };
  return { start: now, end: periodEnd(now, recurrence) };
}
