export type Interval = "day" | "week" | "month" | "year";

const DAY = 86_400;

/** The day of the month, in UTC, on which an instant falls. */
export function dayOfMonth(at: number): number {
  return new Date(at * 1000).getUTCDate();
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

/**
 * The instant `count` intervals after `from`, on a day of the month where the month has it, else on
 * its last (31 January → 28 February → 31 March), in UTC, as Stripe counts periods.
 */
export function addIntervals(
  from: number,
  interval: Interval,
  count: number,
  day = dayOfMonth(from),
): number {
  if (interval === "day") return from + count * DAY;
  if (interval === "week") return from + count * 7 * DAY;
  const start = new Date(from * 1000);
  const months = interval === "month" ? count : count * 12;
  const year = start.getUTCFullYear();
  const month = start.getUTCMonth() + months;
  const midnight = Date.UTC(year, month, Math.min(day, lastDay(year, month))) / 1000;
  return midnight + (from % DAY);
}
