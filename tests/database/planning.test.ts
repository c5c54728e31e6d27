import { createHash, randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  beginArguments,
  complete,
  Connection,
  newToken,
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
  beforeAll(async () => {
    token = await newToken(service, keyDigest);
    reader = await newToken(service, keyDigest, "reader");
    one = await openSession(service, keyDigest, "reader");
    done = await paid();
    await complete(service, done);
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

it("no helper is of the language whose statements are planned at each call", async () => {
  const helpers = await owner.rows<{ name: string; language: string }>(
    `select p.oid::regproc::text as name, l.lanname as language from pg_proc p join pg_language l on l.oid = p.prolang
     where p.pronamespace = 'billing_private'::regnamespace`,
  );
  expect(helpers.length).toBeGreaterThan(50);
  expect(helpers.filter(({ language }) => language !== "plpgsql")).toEqual([]);
});
