import type { Connection } from "../support.ts";

export const DAYS = 30;
export const MONTHS = 12;
export const kinds = [
  "sessions",
  "tokens that opened one",
  "attempts",
  "tokens that opened nothing",
  "revoked tokens of Supabase Auth",
  "worked events",
  "dead events",
  "counters",
  "records of runs",
] as const;
export type Kind = (typeof kinds)[number];

/** Rows a month, and how long one stays where it does not stay for good, in days. */
export const KINDS: Readonly<Record<Kind, { readonly perMonth: number; readonly days: number }>> = {
  sessions: { perMonth: 500, days: Infinity },
  "tokens that opened one": { perMonth: 500, days: Infinity },
  attempts: { perMonth: 500, days: Infinity },
  // An hour's token, and a day after its end.
  "tokens that opened nothing": { perMonth: 1000, days: 1 + 1 / 24 },
  "revoked tokens of Supabase Auth": { perMonth: 10, days: Infinity },
  "worked events": { perMonth: 3000, days: 35 },
  "dead events": { perMonth: 10, days: Infinity },
  counters: { perMonth: 1000, days: 1 },
  "records of runs": { perMonth: 700, days: 35 },
};

/** What is to be there of a kind after all months, oldest first: nothing that is stored is asked for it. */
export function expected(kind: Kind): number[] {
  const { perMonth, days } = KINDS[kind];
  const all = perMonth * MONTHS;
  return Array.from({ length: all }, (_, index) => index + 1)
    .filter((n) => (all - n + 0.5) * DAYS / perMonth <= days);
}

/** The number of each row that is there of a kind. */
const numbers: Readonly<Record<Kind, string>> = {
  sessions:
    "select substr(external_user_id, 6) as n from billing.checkout_sessions where external_user_id like 'user-%'",
  "tokens that opened one":
    "select substr(external_user_id, 6) as n from billing.session_tokens where external_user_id like 'user-%'",
  attempts:
    "select substr(stripe_payment_method_id, 8) as n from billing.checkout_attempts where stripe_payment_method_id like 'pm_past%'",
  "tokens that opened nothing":
    "select substr(external_user_id, 6) as n from billing.session_tokens where external_user_id like 'idle-%'",
  "revoked tokens of Supabase Auth":
    "select substr(external_user_id, 9) as n from billing.session_tokens where external_user_id like 'revoked-%'",
  "worked events":
    "select substr(stripe_event_id, 9) as n from billing.webhook_events where stripe_event_id like 'evt_past%'",
  "dead events":
    "select substr(stripe_event_id, 9) as n from billing.webhook_events where stripe_event_id like 'evt_dead%'",
  counters:
    "select subject as n from billing.rate_counters where name = 'confirm_per_address' and subject ~ '^\\d+$'",
  "records of runs": "select report->>'n' as n from billing.reconcile_runs where report ? 'n'",
};

export async function present(owner: Connection, kind: Kind): Promise<number[]> {
  const rows = await owner.rows<{ n: number }>(
    `select n::int as n from (${numbers[kind]}) found order by 1`,
  );
  return rows.map(({ n }) => n);
}
