import { createHash, randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bought, bought, DAY, invoiceFacts, sync } from "./billing.ts";
import {
  beginArguments,
  complete,
  Connection,
  MONTHLY,
  newToken,
  nowSeconds,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  receive,
  record,
} from "./support.ts";

/** More than the five executions after which Postgres keeps one plan of a statement, where no new one would be better. */
const WARM_UP = 8;

/** A connection as PostgREST has it: each call is a prepared statement. */
class Prepared extends Connection {
  override async rows<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    const name = createHash("sha256").update(text).digest("hex").slice(0, 60);
    return (await this.client.query<T>({ name, text, values })).rows;
  }
}

const database = await openDatabase();
const owner = await database.owner();
const { keyDigest } = await openShop(owner);
await owner.rows("update billing.rate_limits set max_count = 1000000");
const client = new Client({ connectionString: database.superuserUrl });
const service = new Prepared(client);

beforeAll(async () => {
  await client.connect();
  await client.query("set pg_stat_statements.track = 'all'");
  await client.query("set pg_stat_statements.track_planning = on");
  await client.query("set role service_role");
});
afterAll(() => client.end());

const asOwner = async (sql: string) => {
  await client.query("reset role");
  const { rows } = await client.query<{ query: string }>(sql);
  await client.query("set role service_role");
  return rows;
};

/** Statements that are planned although the call has been made often, those inside of functions too. */
async function plannedAnew(call: () => Promise<unknown>): Promise<string[]> {
  for (let run = 0; run < WARM_UP; run += 1) await call();
  await asOwner(
    `select extensions.pg_stat_statements_reset(
       0, (select oid from pg_database where datname = current_database()), 0)`,
  );
  await call();
  const rows = await asOwner(
    `select s.query, s.plans from extensions.pg_stat_statements s join pg_database d on d.oid = s.dbid
     where d.datname = current_database() and s.query not like '%pg_stat_statements%'`,
  );
  expect(rows.length).toBeGreaterThan(1);
  return asOwner(
    `select s.query from extensions.pg_stat_statements s join pg_database d on d.oid = s.dbid
     where d.datname = current_database() and s.plans > 0 and s.query not like '%pg_stat_statements%'`,
  ).then((planned) => planned.map(({ query }) => query));
}

const open = () => openSession(service, keyDigest);
const paid = async (): Promise<OpenSession> => {
  const session = await open();
  await record(service, session, "succeeded");
  return session;
};

describe("once a connection has made a call often, nothing is planned for", () => {
  let token: string;
  let one: OpenSession;
  let done: OpenSession;
  let reader: string;
  let renewed: Bought;
  beforeAll(async () => {
    token = await newToken(service, keyDigest);
    reader = await newToken(service, keyDigest, "reader");
    one = await openSession(service, keyDigest, "reader");
    done = await paid();
    await complete(service, done);
    const { stripePriceId } = await service.row<{ stripePriceId: string }>(
      `select stripe_price_id as "stripePriceId" from billing.product_prices where id = $1`,
      [MONTHLY],
    );
    renewed = await bought(service, keyDigest, { stripePriceId }, "renewed");
  });

  it.each<[string, () => Promise<unknown>]>([
    [
      "a page that polls",
      () => service.call("read_checkout", { p_session_id: one.sessionId, p_limited: true }),
    ],
    [
      "the reading of one that has succeeded",
      () => service.call("read_checkout", { p_session_id: done.sessionId }),
    ],
    ["the owner's reading", () =>
      service.call("read_checkout", {
        p_session_id: one.sessionId,
        p_token_id: reader,
        p_livemode: false,
      })],
    ["locate_checkout", () => service.call("locate_checkout", { p_session_id: one.sessionId })],
    ["begin_checkout, asked again", () => service.call("begin_checkout", beginArguments(token))],
    ["begin_checkout with its intent", open],
    [
      "record_intent of one that is on its way",
      async () => record(service, await open(), "processing"),
    ],
    ["record_intent of one that is paid", paid],
    ["complete_checkout", async () => complete(service, await paid())],
    ["receive_event", () => receive(service)],
    ["receive_event about an invoice", () =>
      service.call("receive_event", {
        p_stripe_event_id: `evt_${randomUUID()}`,
        p_type: "invoice.paid",
        p_livemode: false,
        p_payload: {
          data: {
            object: {
              id: "in_unheard",
              parent: { subscription_details: { subscription: renewed.facts["id"] } },
            },
          },
        },
        p_lease_seconds: 60,
        p_command: "sync_invoice",
      })],
    ["record_invoice with its subscription", async () => {
      const { revision } = await service.call<{ revision: number }>("locate_subscription", {
        p_stripe_subscription_id: renewed.facts["id"],
      });
      const p_subscription = { ...renewed.facts, currentPeriodEnd: nowSeconds() + DAY + revision };
      await service.call("record_invoice", {
        p_seen_revision: 0,
        p_invoice: invoiceFacts(renewed),
        p_subscription,
        p_seen_subscription_revision: revision,
      });
    }],
    ["record_subscription of what is known", () => sync(service, renewed)],
    [
      "locate_payment",
      () =>
        service.call("locate_payment", { p_stripe_payment_intent_id: renewed.session.intentId }),
    ],
  ])("%s", async (_name, call) => {
    expect(await plannedAnew(call)).toEqual([]);
  });

  it("and a function that is planned at each call would be found", async () => {
    await owner.rows(
      `create function billing.careless(p_id uuid) returns text language sql stable set search_path = ''
       as 'select status from billing.checkout_sessions where id = p_id'`,
    );
    const found = await plannedAnew(() => service.call("careless", { p_id: randomUUID() }));
    expect(found).toEqual(["select status from billing.checkout_sessions where id = p_id"]);
    await owner.rows("drop function billing.careless");
  });
});

it("only what the schedule and the operator call is of the language whose statements are planned at each call", async () => {
  const functions = await owner.rows<{ name: string; language: string }>(
    `select p.proname as name, l.lanname as language from pg_proc p join pg_language l on l.oid = p.prolang
     where p.pronamespace in ('billing'::regnamespace, 'billing_private'::regnamespace)`,
  );
  const planned = functions.filter(({ language }) => language !== "plpgsql");
  expect(functions.length).toBeGreaterThan(100);
  expect(planned.map(({ name }) => name).toSorted()).toEqual([
    "advance_account",
    "claim_account",
    "claim_events",
    "claim_sessions",
    "claim_subscriptions",
    "claim_unavailable_accounts",
    "export_customer",
    "forget_stripe_customer",
    "postpone_account",
    "record_reconcile_run",
    "rest_subscription",
    "unknown_intents",
  ]);
});
