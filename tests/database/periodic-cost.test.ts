import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeCalls } from "./periodic/calls.ts";
import { describeConsole, LIVING } from "./periodic/console.ts";
import { makeHistory, PAST } from "./periodic/history.ts";
import { describeMembers } from "./periodic/members.ts";
import { planOf, reads, timeOf } from "./periodic/measure.ts";
import { openAuth } from "./signed-in.ts";
import { openDatabase, openSession, openShop, record } from "./support.ts";

/** Law 13: the cost of repeated work follows what is due, never what ever was. */

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);

/** Rows that a run may fetch where nothing is due: the planner looks at the ends of an index. */
const ENDS = 5;
/** Milliseconds for a claim of ten: two or three on an idle machine, where looking at every session takes seconds. */
const SOON = 25;

/** Sessions that wait for a payment, and are due. */
async function dueSessions(count: number): Promise<string[]> {
  const ids = [];
  for (let made = 0; made < count; made += 1) {
    const session = await openSession(service, keyDigest);
    await record(service, session, "processing");
    ids.push(session.sessionId);
  }
  await owner.rows("alter table billing.checkout_sessions disable trigger user");
  await owner.rows(
    "update billing.checkout_sessions set repair_at = now() - interval '1 second' where id = any ($1)",
    [ids],
  );
  await owner.rows("alter table billing.checkout_sessions enable trigger user");
  return ids;
}

const repeated: [string, Record<string, unknown>][] = [
  ["claim_sessions", { p_limit: 10 }],
  ["claim_events", { p_limit: 10, p_lease_seconds: 60 }],
  ["expire_grants", { p_limit: 10 }],
  ["renew_free_subscriptions", { p_limit: 10 }],
  ["prune", { p_limit: 10, p_days: 35 }],
  ["claim_account", { p_interval_seconds: 50, p_livemode: false }],
  ["claim_unavailable_accounts", { p_limit: 10, p_interval_seconds: 50, p_livemode: false }],
  ["claim_subscriptions", { p_stripe_account_id: "", p_livemode: false, p_limit: 10 }],
  ["unknown_intents", {
    p_stripe_payment_intent_ids: ["pi_of_another"],
    p_organization_ids: [randomUUID()],
  }],
];

beforeAll(async () => {
  await makeHistory(service, keyDigest, database.superuserUrl);
  await openSession(service, keyDigest, LIVING);
}, 300_000);

describe.each([
  ["that no statistics tell of", false],
  ["that was analyzed", true],
])("a long past %s", (_name, analyzed) => {
  beforeAll(async () => {
    if (analyzed) await owner.rows("analyze");
  });

  it("is a past: nothing of it is due", async () => {
    const { ended, wrong } = await owner.row<{ ended: string; wrong: string }>(
      `select count(*) as ended,
         count(*) filter (where s.repair_at is not null or billing_private.session_repair_at(s) is not null) as wrong
       from billing.checkout_sessions s where s.external_user_id like 'user-%'`,
    );
    expect(Number(ended)).toBe(PAST);
    expect(Number(wrong)).toBe(0);
  });

  it.each(repeated)("costs a run of %s nothing", async (name, args) => {
    const { sequential, fetched } = await reads(service, name, args);
    expect(sequential).toBe(0);
    expect(fetched).toBeLessThanOrEqual(ENDS);
  });

  it("is passed by: what is due is read, up to the limit and no more", async () => {
    const ids = await dueSessions(12);
    const some = await reads<string[]>(service, "claim_sessions", { p_limit: 5 });
    expect(some.answer).toHaveLength(5);
    expect(some.sequential).toBe(0);
    // Each is found, locked and updated.
    expect(some.fetched).toBeLessThanOrEqual(5 * 4 + ENDS);
    const all = await reads<string[]>(service, "claim_sessions", { p_limit: 100 });
    expect(new Set(all.answer)).toEqual(new Set(ids));
    expect(await timeOf(owner, "claim_sessions", { p_limit: 10 })).toBeLessThan(SOON);
    await owner.rows("delete from billing.checkout_sessions where id = any ($1)", [ids]);
  });

  it("is passed by also where another account's subscriptions have waited for long", async () => {
    const account = { p_stripe_account_id: "acct_gone1", p_livemode: false, p_limit: 5 };
    const some = await reads<string[]>(service, "claim_subscriptions", account);
    expect(some.answer).toHaveLength(5);
    expect(some.sequential).toBe(0);
    expect(some.fetched).toBeLessThanOrEqual(5 * 4 + ENDS);
    const values = { p_stripe_account_id: "'acct_gone1'", p_livemode: "false", p_limit: 5 };
    expect(await timeOf(owner, "claim_subscriptions", values)).toBeLessThan(SOON);
  });

  it.each<[string, Record<string, number | string>, string]>([
    ["claim_sessions", { p_limit: 10 }, "checkout_sessions_repair_at_idx"],
    ["claim_events", { p_limit: 10, p_lease_seconds: 60 }, "webhook_events_due_idx"],
    [
      "claim_subscriptions",
      { p_limit: 10, p_livemode: "false", p_stripe_account_id: "'acct_gone1'" },
      "subscriptions_reread_at_idx",
    ],
    [
      "claim_account",
      { p_interval_seconds: 50, p_livemode: "false" },
      "stripe_cursors_checked_at_idx",
    ],
  ])("is not in the plan of %s", async (name, values, index) => {
    const nodes = await planOf(owner, name, values);
    expect(nodes.filter((node) => node["Node Type"] === "Seq Scan")).toEqual([]);
    const found = nodes.filter((node) => node["Index Name"] === index);
    expect(found).toHaveLength(1);
    // Bounded by the time, not filtered by it: what waits for later is not read either.
    expect(found[0]?.["Index Cond"]).toMatch(/<= \(?statement_timestamp/);
  });
});

describe("without the index", () => {
  beforeEach(() => owner.rows("begin"));
  afterEach(() => owner.rows("rollback"));

  it("the plan reads every session there ever was: these tests can fail", async () => {
    await owner.rows("drop index billing.checkout_sessions_repair_at_idx");
    const nodes = await planOf(owner, "claim_sessions", { p_limit: 10 });
    const read = nodes.filter((node) => node["Node Type"] === "Seq Scan");
    expect(read.map((node) => node["Relation Name"])).toEqual(["checkout_sessions"]);
  });
});

describeCalls(service, keyDigest);
describeConsole(owner);
describeMembers(owner, await openAuth(database.superuserUrl));
