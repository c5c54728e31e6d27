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

export interface DateConfig {
  day_of_month: number;
  month: number | null;
  hour: number | null;
  minute: number | null;
  second: number | null;
}

/**
 * The first instant after `now` on a day of the month (or its last day), in one month of the year
 * where given, at a time of the day; what is not given of the time is that of `now`.
 */
export function nextOccurrence(now: number, config: DateConfig): number {
  const start = new Date(now * 1000);
  const time = (config.hour ?? start.getUTCHours()) * 3600 +
    (config.minute ?? start.getUTCMinutes()) * 60 + (config.second ?? start.getUTCSeconds());
  for (let ahead = 0; ahead <= 12; ahead += 1) {
    const month = start.getUTCMonth() + ahead;
    if (config.month !== null && (month % 12) + 1 !== config.month) continue;
    const year = start.getUTCFullYear();
    const day = Math.min(config.day_of_month, lastDay(year, month));
    const at = Date.UTC(year, month, day) / 1000 + time;
    if (at > now) return at;
  }
  throw new RangeError("there is no such day");
}
