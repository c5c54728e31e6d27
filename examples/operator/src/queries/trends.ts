import { rowsOf, supabase } from "../supabase.ts";
import { DAYS } from "./sessions.ts";

export interface Day {
  readonly day: string;
  readonly opened: number;
  readonly attempted: number;
  readonly succeeded: number;
  /** Seconds from the payment to the visible subscription; null on a day without one. Of several modes the slowest one's. */
  readonly p50: number | null;
  readonly p95: number | null;
}

export interface Trends {
  readonly days: readonly Day[];
  /** Of all days together, most frequent first. */
  readonly declines: readonly { readonly code: string; readonly attempts: number }[];
}

/** The last days (UTC), oldest first, each of them also where nothing happened. */
function lastDays(): string[] {
  const now = Date.now();
  return Array.from(
    { length: DAYS },
    (_, index) => new Date(now - (DAYS - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );
}

const highest = (values: readonly (number | null)[]): number | null =>
  values.reduce((most, value) => value === null ? most : Math.max(most ?? 0, value), null);

export async function readTrends(organizationId: string): Promise<Trends> {
  const days = lastDays();
  const [first = "", last = ""] = [days[0], days.at(-1)];
  const [funnel, speed, refused] = await Promise.all([
    rowsOf(
      supabase.from("checkout_funnel").select("day, opened, attempted, succeeded")
        .eq("organization_id", organizationId).gte("day", first).lte("day", last),
    ),
    rowsOf(
      supabase.from("time_to_active").select("day, paid_to_active_p50, paid_to_active_p95")
        .eq("organization_id", organizationId).gte("day", first).lte("day", last),
    ),
    rowsOf(
      supabase.from("decline_codes").select("code, attempts")
        .eq("organization_id", organizationId).gte("day", first).lte("day", last),
    ),
  ]);
  const codes = new Map<string, number>();
  for (const { code, attempts } of refused) {
    codes.set(code ?? "unknown", (codes.get(code ?? "unknown") ?? 0) + (attempts ?? 0));
  }
  return {
    days: days.map((day) => {
      const opened = funnel.filter((row) => row.day === day);
      const paid = speed.filter((row) => row.day === day);
      const sum = (key: "opened" | "attempted" | "succeeded") =>
        opened.reduce((total, row) => total + (row[key] ?? 0), 0);
      return {
        day,
        opened: sum("opened"),
        attempted: sum("attempted"),
        succeeded: sum("succeeded"),
        p50: highest(paid.map((row) => row.paid_to_active_p50)),
        p95: highest(paid.map((row) => row.paid_to_active_p95)),
      };
    }),
    declines: [...codes].map(([code, attempts]) => ({ code, attempts }))
      .toSorted((one, other) => other.attempts - one.attempts),
  };
}
