import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { reconcileAt } from "../support/reconcile-at.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());

const fails = (): Promise<unknown> => Promise.reject(new Error("the database is not there"));

describe("a stage that throws", () => {
  const stages = [
    "claimEvents",
    "claimSessions",
    "expireGrants",
    "renewFree",
    "prune",
    "claimUnavailableAccounts",
    "claimAccount",
    "recordRun",
  ] as const;

  it.each(stages)("stops none of the others: %s", async (broken) => {
    const called = new Set<string>();
    await reconcileAt(stack(), Math.floor(Date.now() / 1000), ({ repairs: real }) => ({
      repairs: {
        ...real,
        ...Object.fromEntries(stages.map((stage) => [stage, (...args: never[]) => {
          called.add(stage);
          const run: (...args: never[]) => Promise<unknown> = real[stage];
          return stage === broken ? fails() : run(...args);
        }])),
      },
    }));
    expect([...called]).toEqual(stages);
  });
});

describe("what has had its time", () => {
  it.each([
    [
      "events",
      `insert into billing.webhook_events
       (stripe_event_id, type, livemode, payload, status, processed_at, received_at)
     select 'evt_past' || n, 'invoice.paid', false, '{}', 'processed', now(), now() - interval '40 days'
     from generate_series(1, 1200) n`,
    ],
    [
      "counters",
      `insert into billing.rate_counters (name, subject, count, window_started_at)
     select 'confirm_per_address', n::text, 1, now() - interval '40 days' from generate_series(1, 1200) n`,
    ],
    [
      "records of runs",
      `insert into billing.reconcile_runs (finished_at, report)
     select now() - interval '40 days', '{}' from generate_series(1, 1200) n`,
    ],
  ])("is gone after one run, also where it is several batches: %s", async (_what, make) => {
    await shop.query(make);
    await reconcileAt(stack(), Math.floor(Date.now() / 1000));
    expect(
      await shop.one(
        `select (select count(*)::int from billing.webhook_events
             where status = 'processed' and received_at < now() - interval '35 days') as events,
           (select count(*)::int from billing.rate_counters
             where window_started_at < now() - interval '1 day') as counters,
           (select count(*)::int from billing.reconcile_runs
             where finished_at < now() - interval '35 days') as runs`,
      ),
    ).toEqual({ events: 0, counters: 0, runs: 0 });
  });
});

describe("an account with more missed events than a page holds", () => {
  it("is read span by span, and goes on from where it came to", async () => {
    const now = Math.floor(Date.now() / 1000);
    const since = now - 90 * 86_400;
    const account = `acct_${randomUUID().replaceAll("-", "")}`;
    await shop.query("update billing.stripe_cursors set checked_at = now() + interval '1 hour'");
    await shop.query(
      `insert into billing.stripe_cursors (stripe_account_id, events_until, intents_until, checked_at, livemode)
       values ($1, to_timestamp($2), now(), '-infinity', false)`,
      [account, since],
    );
    const read: { from: number; to: number }[] = [];
    const run = (limit: number) =>
      reconcileAt(stack(), now, ({ stripe }) => ({
        stripe: {
          ...stripe,
          backlog: {
            ...stripe.backlog,
            undelivered: async (_account, span) => {
              if (span.to - span.from > 10 * 86_400) return undefined;
              if (read.length >= limit) throw new Error("Stripe is out of reach");
              read.push(span);
              return [];
            },
          },
        },
      }));
    await run(2);
    const { until } = await shop.one<{ until: number }>(
      "select extract(epoch from events_until)::bigint::float8 as until from billing.stripe_cursors where stripe_account_id = $1",
      [account],
    );
    expect(read[0]?.from).toBe(since);
    expect(until).toBe(read[1]?.to);
    await shop.query(
      "update billing.stripe_cursors set checked_at = '-infinity' where stripe_account_id = $1",
      [account],
    );
    await run(1_000);
    expect(read[2]?.from).toBe(until);
    expect(read.at(-1)?.to).toBe(now);
    // Nothing between two of them is left out.
    expect(read.slice(1).every(({ from }, index) => from <= (read[index]?.to ?? 0) + 1)).toBe(true);
    await shop.query("delete from billing.stripe_cursors where stripe_account_id = $1", [account]);
    await shop.query("update billing.stripe_cursors set checked_at = now()");
  });
});
