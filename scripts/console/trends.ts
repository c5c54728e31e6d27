import type { Rows } from "./connection.ts";

export interface Decline {
  readonly code: string;
  readonly attempts: number;
}

/** The last days (UTC), oldest first: each list has one value a day. Durations in seconds. */
export interface Trends {
  readonly days: readonly string[];
  readonly opened: readonly number[];
  readonly attempted: readonly number[];
  readonly succeeded: readonly number[];
  /**
   * From the payment to the subscription that is visible; null on a day without one. Of several organizations or modes the slowest
   * one's, for percentiles cannot be added up.
   */
  readonly paidToActiveP50: readonly (number | null)[];
  readonly paidToActiveP95: readonly (number | null)[];
  /** Of all days together, most frequent first. */
  readonly declines: readonly Decline[];
}

export const DAYS = 14;
const CODES = 8;

/** With both ends said, so that the views' indexes by day serve it. */
const lastDays = `v.day between (now() at time zone 'UTC')::date - ${
  DAYS - 1
} and (now() at time zone 'UTC')::date
  and ($1::uuid is null or v.organization_id = $1)`;

interface Day {
  readonly day: string;
  readonly opened: number;
  readonly attempted: number;
  readonly succeeded: number;
}

interface Speed {
  readonly day: string;
  readonly p50: number | null;
  readonly p95: number | null;
}

/** What the views of 20261101001950_operations.sql say of the last days. */
export async function readTrends(rows: Rows, organization: string | null): Promise<Trends> {
  const days = await rows<{ day: string }>(
    `select ((now() at time zone 'UTC')::date - n)::text as day from generate_series(${
      DAYS - 1
    }, 0, -1) n`,
  );
  const funnel = await rows<Day>(
    `select v.day::text as day, sum(v.opened)::float8 as opened, sum(v.attempted)::float8 as attempted,
       sum(v.succeeded)::float8 as succeeded
     from billing.checkout_funnel v where ${lastDays} group by 1`,
    [organization],
  );
  const speed = await rows<Speed>(
    `select v.day::text as day, max(v.paid_to_active_p50) as p50, max(v.paid_to_active_p95) as p95
     from billing.time_to_active v where ${lastDays} group by 1`,
    [organization],
  );
  const declines = await rows<Decline>(
    `select v.code, sum(v.attempts)::float8 as attempts
     from billing.decline_codes v where ${lastDays} group by 1 order by 2 desc, 1 limit ${CODES}`,
    [organization],
  );
  const each = <Of extends { readonly day: string }, Value>(
    found: readonly Of[],
    pick: (one: Of) => Value,
    otherwise: Value,
  ): Value[] => {
    const byDay = new Map(found.map((one) => [one.day, pick(one)]));
    return days.map(({ day }) => byDay.get(day) ?? otherwise);
  };
  return {
    days: days.map(({ day }) => day),
    opened: each(funnel, ({ opened }) => opened, 0),
    attempted: each(funnel, ({ attempted }) => attempted, 0),
    succeeded: each(funnel, ({ succeeded }) => succeeded, 0),
    paidToActiveP50: each(speed, ({ p50 }) => p50, null),
    paidToActiveP95: each(speed, ({ p95 }) => p95, null),
    declines,
  };
}
