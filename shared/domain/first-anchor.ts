import { CLOCK_MARGIN, paidPeriod, periodEnd, type Recurrence } from "./billing-period.ts";

/**
 * Seconds before the paid period's end at which Stripe's second period begins, where the exact instant would be in doubt:
 * two clocks differ by seconds, and Stripe works through renewals within minutes.
 */
export const EARLY = 3_600;

/** A day of each month (or of one month of each year) and a time, in UTC; a month that lacks the day has its last. */
export interface CalendarDay {
  readonly dayOfMonth: number;
  /** 1 to 12; left out where it is each month. */
  readonly month?: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Where Stripe's second period begins. */
export interface FirstAnchor {
  /** Unix seconds. */
  readonly at: number;
  /** On which day to bill ever after, where `at` itself does not tell because its month is too short. */
  readonly day?: CalendarDay;
}

/**
 * The anchor of a subscription whose first period was paid at `paidAt` (Unix seconds) and that is made now. With `early`
 * it stands EARLY before the period's end, as far as there is room.
 *
 * Stripe bills on the day of the month of an anchor. Where the month after the payment is too short for its day, the
 * anchor is given as a calendar day, of which Stripe takes the next occurrence. That must be none of the very instant of
 * the payment, so the time of day is a little earlier; where that would be another day, or where another than the
 * expected occurrence might be the next, the instant is given instead.
 */
export function firstAnchor(
  paidAt: number,
  recurrence: Recurrence,
  now: number,
  { early = false } = {},
): FirstAnchor {
  const { start, end } = paidPeriod(paidAt, recurrence, now);
  const at = end - EARLY;
  if (at <= now + CLOCK_MARGIN || at <= start + CLOCK_MARGIN) return { at: end };
  const isSure = start === paidAt && end === periodEnd(paidAt, recurrence);
  const day = isSure ? hiddenDay(paidAt, end, recurrence) : undefined;
  if (day !== undefined) return { at, day };
  return { at: early ? at : end };
}

function hiddenDay(
  paidAt: number,
  end: number,
  { interval, intervalCount }: Recurrence,
): CalendarDay | undefined {
  const paid = new Date(paidAt * 1000);
  const dayOfMonth = paid.getUTCDate();
  const knowsCalendar = interval === "month" || interval === "year";
  if (!knowsCalendar || intervalCount !== 1 || dayOfMonth <= new Date(end * 1000).getUTCDate()) {
    return undefined;
  }
  const time = new Date((paidAt - EARLY) * 1000);
  if (time.getUTCDate() !== dayOfMonth) return undefined;
  return {
    dayOfMonth,
    ...(interval === "year" ? { month: paid.getUTCMonth() + 1 } : {}),
    hour: time.getUTCHours(),
    minute: time.getUTCMinutes(),
    second: time.getUTCSeconds(),
  };
}
