import { beforeAll, describe, expect, it } from "vitest";
import { describeCalls } from "./periodic/calls.ts";
import { makeDiscounts } from "./periodic/history.ts";
import { deletesOf, planOf, reads } from "./periodic/measure.ts";
import { expected, KINDS, kinds, MONTHS, present } from "./retention/kinds.ts";
import { openMonths } from "./retention/months.ts";
import { openDatabase, openShop } from "./support.ts";

/**
 * A year, month by month, in a clock that moves the past back: what has had its time goes and nothing else, what is kept for a while
 * grows with that while and not with the years, and no plan changes on the way (law 13). Nothing is partitioned: docs/scale.md.
 */

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);

/** As reconcile asks for it; a month has 43,200 of its runs. */
const BATCH = 500;
const prune = { p_limit: BATCH, p_days: 35 };

interface Month {
  readonly prunes: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
}
const year: Month[] = [];

beforeAll(async () => {
  await makeDiscounts(owner);
  const months = await openMonths(service, keyDigest, database.superuserUrl);
  for (let month = 0; month < MONTHS; month += 1) {
    if (month > 0) await months.pass();
    await months.fill(month);
    let prunes = 0;
    for (let more = true; more; prunes += 1) {
      ({ more } = await service.call<{ more: boolean }>("prune", prune));
    }
    const counts: Record<string, number> = {};
    for (const kind of kinds) counts[kind] = (await present(owner, kind)).length;
    year.push({ prunes, counts, bytes: await months.sizes() });
  }
  await months.close();
});

it.each(kinds)("of the %s exactly what has not had its time is there", async (kind) => {
  const there = await present(owner, kind);
  expect(there.length).toBeGreaterThan(0);
  expect(there).toEqual(expected(kind));
});

describe("once its time has come round", () => {
  /** From the third month on a whole window lies behind; what is removed makes room for what comes from the fourth on. */
  const [WHOLE, SETTLED] = [2, 3];

  it.each(kinds.filter((kind) => KINDS[kind].days !== Infinity))(
    "a table has of the %s as many at the end of each month",
    (kind) => {
      const counts = year.slice(WHOLE).map(({ counts: of }) => of[kind]);
      expect(counts).toHaveLength(MONTHS - WHOLE);
      expect(new Set(counts)).toEqual(new Set([expected(kind).length]));
    },
  );

  it.each(["webhook_events", "rate_counters", "reconcile_runs"])(
    "%s takes no more bytes, indexes included",
    (table) => {
      const [then, now] = [year[SETTLED]?.bytes[table] ?? 0, year.at(-1)?.bytes[table] ?? Infinity];
      expect(then).toBeGreaterThan(0);
      // What was given up on stays for a person, and each page is some kilobytes.
      expect(now).toBeLessThan(then * 1.2);
    },
  );

  it("a month is removed in as few batches as it has, and one that finds no more", () => {
    const most = Math.max(...kinds.map((kind) => KINDS[kind].perMonth));
    for (const { prunes } of year) expect(prunes).toBeLessThanOrEqual(most / BATCH + 1);
  });
});

describe("after a year", () => {
  it("a run that finds nothing to remove reads no more than a day's counters", async () => {
    const { sequential, fetched } = await reads(service, "prune", prune);
    // They are a page, which the planner may read whole; of many it reads none (periodic-cost.test.ts). A few are of the calls below.
    const { counters } = await owner.row<{ counters: number }>(
      "select count(*)::integer as counters from billing.rate_counters",
    );
    expect(counters).toBeLessThan(expected("counters").length + 10);
    expect(sequential).toBeLessThanOrEqual(counters);
    // The planner looks at the ends of an index.
    expect(fetched).toBeLessThanOrEqual(5);
  });

  it("what is removed is found by the index of what has had its time", async () => {
    const plans = await deletesOf(owner, "prune", prune);
    const indexes = {
      webhook_events: "webhook_events_processed_idx",
      session_tokens: "session_tokens_unopened_idx",
      reconcile_runs: "reconcile_runs_finished_at_idx",
    };
    expect(new Set(plans.keys())).toEqual(new Set([...Object.keys(indexes), "rate_counters"]));
    for (const [table, index] of Object.entries(indexes)) {
      const nodes = plans.get(table) ?? [];
      expect(nodes.map((node) => node["Node Type"])).not.toContain("Seq Scan");
      const found = nodes.find((node) => node["Index Name"] === index);
      // Bounded by the time, not filtered by it.
      expect(found?.["Index Cond"]).toMatch(/< \(?statement_timestamp/);
    }
  });

  it.each<[string, Record<string, number>, string]>([
    ["claim_sessions", { p_limit: 10 }, "checkout_sessions_repair_at_idx"],
    ["claim_events", { p_limit: 10, p_lease_seconds: 60 }, "webhook_events_due_idx"],
  ])("%s reads what is due and no more", async (name, values, index) => {
    const nodes = await planOf(owner, name, values);
    expect(nodes.map((node) => node["Node Type"])).not.toContain("Seq Scan");
    expect(nodes.map((node) => node["Index Name"])).toContain(index);
  });

  it("without its index a removal reads every event: these tests can fail", async () => {
    await owner.rows("begin");
    await owner.rows("drop index billing.webhook_events_processed_idx");
    const plans = await deletesOf(owner, "prune", prune);
    const read = (plans.get("webhook_events") ?? []).filter((node) =>
      node["Node Type"] === "Seq Scan"
    );
    await owner.rows("rollback");
    expect(read).toHaveLength(1);
  });

  describeCalls(service, keyDigest);
});
