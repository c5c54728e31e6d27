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

/** The instant so many periods after `start`, each counted from there: a shorter month on the way shortens no later one. */
export function afterPeriods(
  start: number,
  { interval, intervalCount }: Recurrence,
  periods: number,
): number {
  return periods === 0
    ? start
    : periodEnd(start, { interval, intervalCount: intervalCount * periods });
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

/** Seconds by which Stripe's clock and ours may differ. */
export const CLOCK_MARGIN = 300;

/**
 * The period that a payment bought, for a subscription that is made now. It starts when the money came; where so much
 * time has passed since that it would be over (a repair after a long outage), the customer has had nothing of it, and it
 * starts now instead.
 *
 * Stripe refuses an anchor in the past, and one later than the end of a period that would start as the subscription is
 * made. Months are cut short differently from day to day (30 April is a month after both 30 and 31 March), so the end is
 * the earliest over all moments at which Stripe may make it.
 */
export function paidPeriod(paidAt: number, recurrence: Recurrence, now: number): Period {
  const end = periodEnd(paidAt, recurrence);
  const made = { from: Math.max(paidAt, now - CLOCK_MARGIN), to: now + CLOCK_MARGIN };
  const natural = earliestEnd(made.from, made.to, recurrence);
  if (end > now + CLOCK_MARGIN) return { start: paidAt, end: Math.min(end, natural) };
  return { start: now, end: earliestEnd(now - CLOCK_MARGIN, now + CLOCK_MARGIN, recurrence) };
}

/** The earliest end of a period that starts in that span: at its first moment, or as a new day begins within it. */
function earliestEnd(from: number, to: number, recurrence: Recurrence): number {
  let earliest = periodEnd(from, recurrence);
  for (let day = Math.ceil(from / DAY) * DAY; day <= to; day += DAY) {
    earliest = Math.min(earliest, periodEnd(day, recurrence));
  }
  return earliest;
}
