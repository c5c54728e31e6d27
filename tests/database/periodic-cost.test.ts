import { Client } from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { complete, Connection, openDatabase, openSession, openShop, record } from "./support.ts";

/** Law 13: the cost of repeated work follows what is due, never what ever was. */

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);

const PAST = 100_000;
/** Of whatever else there is. */
const REST = 20_000;
/** Rows that a run may fetch where nothing is due: the planner looks at the ends of an index. */
const ENDS = 5;

/** The id of one of a series. */
const id = (what: string) => `md5('${what}' || n)::uuid`;

/** A history, made from one of each; no trigger looks at it. */
async function makeHistory(): Promise<void> {
  const session = await openSession(service, keyDigest);
  await record(service, session, "succeeded");
  await complete(service, session);
  const client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
  const admin = new Connection(client);
  try {
    await admin.rows("set session_replication_role = replica");
    const series = `generate_series(1, ${REST}) as n`;
    const sessions = `generate_series(1, ${PAST}) as n`;
    await admin.rows(
      `insert into public.session_tokens
       select made.* from (select one from public.session_tokens one limit 1) kind, ${series},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${
        id("token")
      }, 'opened_at', now(),
         'created_at', now() - interval '31 days', 'expires_at', now() - interval '30 days')) made`,
    );
    await admin.rows(
      `insert into public.checkout_sessions
       select made.* from (select one from public.checkout_sessions one limit 1) kind, ${sessions},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("session")},
         'session_token_id', md5('token' || n % ${REST})::uuid, 'payment_intent_id', ${
        id("intent")
      },
         'subscription_id', ${id("subscription")}, 'external_user_id', 'user-' || n,
         'status', (array['succeeded', 'expired', 'canceled', 'failed'])[n % 4 + 1],
         'created_at', now() - interval '30 days', 'updated_at', now() - interval '30 days',
         'expires_at', now() - interval '30 days', 'due_at', null)) made`,
    );
    await admin.rows(
      `insert into public.payment_intents
       select made.* from (select one from public.payment_intents one limit 1) kind, ${sessions},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("intent")},
         'checkout_session_id', ${id("session")}, 'stripe_payment_intent_id', 'pi_past' || n,
         'client_secret_digest', 'digest-' || n,
         'status', case when n % 4 in (0, 3) then 'succeeded' else 'canceled' end)
         -- A payment that failed its session went back long ago.
         || case when n % 4 = 3 then jsonb_build_object('refund_status', 'succeeded',
           'stripe_refund_id', 're_' || n, 'refunded_at', now() - interval '30 days') else '{}' end) made`,
    );
    await admin.rows(
      `insert into public.checkout_attempts
       (checkout_session_id, payment_intent_id, number, stripe_payment_method_id, status, finished_at)
       select ${id("session")}, ${id("intent")}, 1, 'pm_1', 'failed', now() from ${series}`,
    );
    await admin.rows(
      `insert into public.subscriptions
       select made.* from (select one from public.subscriptions one limit 1) kind, ${series},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("subscription")},
         'checkout_session_id', ${id("session")}, 'stripe_subscription_id', 'sub_past' || n,
         'customer_id', ${id("customer")}, 'payment_intent_id', ${id("intent")},
         'current_period_end', now() - interval '3 days')) made`,
    );
    await admin.rows(
      `insert into public.feature_grants
       select made.* from (select one from public.feature_grants one limit 1) kind, ${series},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("grant")},
         'subscription_id', ${id("subscription")}, 'customer_id', ${id("customer")},
         'revoked_at', case when n % 2 = 0 then now() end,
         'expires_at', case when n % 2 = 0 then now() - interval '3 days' end)) made`,
    );
    await admin.rows(
      `insert into public.webhook_events
       (stripe_event_id, type, livemode, payload, status, processed_at, received_at)
       select 'evt_past' || n, 'invoice.paid', false, '{}',
         case when n % 2 = 0 then 'processed' else 'dead' end, case when n % 2 = 0 then now() end,
         -- What was given up on stays for a person, however old.
         now() - case when n % 2 = 0 then interval '1 day' else interval '60 days' end
       from ${series}`,
    );
    await admin.rows(
      `insert into public.rate_counters (name, subject, count, window_started_at)
       select 'confirm_per_address', n::text, 1, now() from ${series}`,
    );
  } finally {
    await client.end();
  }
}

const GROWING = [
  "checkout_sessions",
  "payment_intents",
  "checkout_attempts",
  "webhook_events",
  "session_tokens",
  "subscriptions",
  "feature_grants",
  "rate_counters",
];

/** What this connection has read of the tables that grow with the past, and has not yet reported. */
async function counters() {
  const { sequential, fetched } = await service.row<{ sequential: string; fetched: string }>(
    `select coalesce(sum(seq_tup_read), 0) as sequential, coalesce(sum(idx_tup_fetch), 0) as fetched
     from pg_stat_xact_user_tables where schemaname = 'public' and relname = any ($1)`,
    [GROWING],
  );
  return { sequential: Number(sequential), fetched: Number(fetched) };
}

/** What a call reads of them; it is rolled back. */
async function reads<T = unknown>(name: string, args: Record<string, unknown>) {
  await service.rows("begin");
  try {
    const before = await counters();
    const answer = await service.call<T>(name, args);
    const after = await counters();
    return {
      answer,
      sequential: after.sequential - before.sequential,
      fetched: after.fetched - before.fetched,
    };
  } finally {
    await service.rows("rollback");
  }
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: PlanNode[];
}
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** The plan of a SQL function's own text. */
async function planOf(name: string, values: Record<string, number>): Promise<PlanNode[]> {
  const { body } = await owner.row<{ body: string }>(
    "select prosrc as body from pg_proc where proname = $1 and pronamespace = 'public'::regnamespace",
    [name],
  );
  const sql = Object.entries(values).reduce(
    (text, [key, value]) => text.replaceAll(new RegExp(`\\b${key}\\b`, "g"), String(value)),
    body,
  );
  const { "QUERY PLAN": [plan] } = await owner.row<{ "QUERY PLAN": { Plan: PlanNode }[] }>(
    `explain (format json) ${sql}`,
  );
  if (plan === undefined) throw new Error("no plan");
  return nodesOf(plan.Plan);
}

/** Sessions that wait for a payment, and are due. */
async function dueSessions(count: number): Promise<string[]> {
  const ids = [];
  for (let made = 0; made < count; made += 1) {
    const session = await openSession(service, keyDigest);
    await record(service, session, "processing");
    ids.push(session.sessionId);
  }
  await owner.rows("alter table public.checkout_sessions disable trigger user");
  await owner.rows(
    "update public.checkout_sessions set due_at = now() - interval '1 second' where id = any ($1)",
    [ids],
  );
  await owner.rows("alter table public.checkout_sessions enable trigger user");
  return ids;
}

const repeated: [string, Record<string, unknown>][] = [
  ["claim_sessions", { p_limit: 10 }],
  ["claim_events", { p_limit: 10, p_lease_seconds: 60 }],
  ["expire_grants", { p_limit: 10 }],
  ["renew_free_subscriptions", { p_limit: 10 }],
  ["prune", { p_limit: 10, p_days: 35 }],
  ["claim_accounts", { p_limit: 10, p_interval_seconds: 50, p_livemode: false }],
  ["claim_unavailable_accounts", { p_limit: 10, p_interval_seconds: 50, p_livemode: false }],
];

beforeAll(makeHistory, 300_000);

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
         count(*) filter (where s.due_at is not null or internal.session_due_at(s) is not null) as wrong
       from public.checkout_sessions s where s.external_user_id like 'user-%'`,
    );
    expect(Number(ended)).toBe(PAST);
    expect(Number(wrong)).toBe(0);
  });

  it.each(repeated)("costs a run of %s nothing", async (name, args) => {
    const { sequential, fetched } = await reads(name, args);
    expect(sequential).toBe(0);
    expect(fetched).toBeLessThanOrEqual(ENDS);
  });

  it("is passed by: what is due is read, up to the limit and no more", async () => {
    const ids = await dueSessions(12);
    const some = await reads<string[]>("claim_sessions", { p_limit: 5 });
    expect(some.answer).toHaveLength(5);
    expect(some.sequential).toBe(0);
    // Each is found, locked and updated.
    expect(some.fetched).toBeLessThanOrEqual(5 * 4 + ENDS);
    const all = await reads<string[]>("claim_sessions", { p_limit: 100 });
    expect(new Set(all.answer)).toEqual(new Set(ids));
    await owner.rows("delete from public.checkout_sessions where id = any ($1)", [ids]);
  });

  it.each([
    ["claim_sessions", { p_limit: 10 }, "checkout_sessions_due_at_idx"],
    ["claim_events", { p_limit: 10, p_lease_seconds: 60 }, "webhook_events_due_idx"],
  ])("is not in the plan of %s", async (name, values, index) => {
    const nodes = await planOf(name, values);
    expect(nodes.filter((node) => node["Node Type"] === "Seq Scan")).toEqual([]);
    const found = nodes.filter((node) => node["Index Name"] === index);
    expect(found).toHaveLength(1);
    // Bounded by the time, not filtered by it: what waits for later is not read either.
    expect(found[0]?.["Index Cond"]).toMatch(/<= statement_timestamp/);
  });
});

describe("without the index", () => {
  beforeEach(() => owner.rows("begin"));
  afterEach(() => owner.rows("rollback"));

  it("the plan reads every session there ever was: these tests can fail", async () => {
    await owner.rows("drop index public.checkout_sessions_due_at_idx");
    const nodes = await planOf("claim_sessions", { p_limit: 10 });
    const read = nodes.filter((node) => node["Node Type"] === "Seq Scan");
    expect(read.map((node) => node["Relation Name"])).toEqual(["checkout_sessions"]);
  });
});
