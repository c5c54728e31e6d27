export type Interval = "day" | "week" | "month" | "year";

const DAY = 86_400;

/**
 * The instant `count` intervals after `from`, kept to the day of month of `anchor` where the month
 * has it (31 January → 28 February → 31 March), in UTC, as Stripe counts periods.
 */
export function addIntervals(
  from: number,
  interval: Interval,
  count: number,
  anchor = from,
): number {
  if (interval === "day") return from + count * DAY;
  if (interval === "week") return from + count * 7 * DAY;
  const start = new Date(from * 1000);
  const months = interval === "month" ? count : count * 12;
  const year = start.getUTCFullYear();
  const month = start.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(new Date(anchor * 1000).getUTCDate(), lastDay);
  const midnight = Date.UTC(year, month, day) / 1000;
  return midnight + (from % DAY);
}
