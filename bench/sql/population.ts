import type { Books } from "./books.ts";
import type { Connection } from "./connection.ts";

/** Ids of the nth of a series, the same in SQL and here. */
export const idOf = (what: string) => `md5('${what}' || n)::uuid`;

/** The tables that grow with every checkout. */
export const GROWING = [
  "session_tokens",
  "customers",
  "checkout_sessions",
  "payment_intents",
  "checkout_attempts",
  "subscriptions",
  "feature_grants",
  "webhook_events",
] as const;

const SOME_TIME_AGO = "now() - make_interval(secs => 86400 * (2 + n % 360))";

/** Of four sessions one was paid, and three were left: a cautious guess at how checkouts go. */
const PAID = "n % 4 = 0";

/** What differs between one copy and the next, by table and column; all else is as in the row that is copied. */
const differing: Readonly<Record<(typeof GROWING)[number], Readonly<Record<string, string>>>> = {
  session_tokens: {
    id: idOf("token"),
    external_user_id: "'user-' || n",
    // Fresh, so that calls can be made with any of them.
    opened_at: "now()",
    created_at: "now()",
    expires_at: "now() + interval '1 hour'",
  },
  customers: {
    id: idOf("customer"),
    external_id: "'user-' || n",
    stripe_customer_id: "'cus_past' || n",
    created_at: SOME_TIME_AGO,
  },
  checkout_sessions: {
    id: idOf("session"),
    session_token_id: idOf("token"),
    external_user_id: "'user-' || n",
    customer_id: idOf("customer"),
    payment_intent_id: idOf("intent"),
    subscription_id: `case when ${PAID} then ${idOf("subscription")} end`,
    status: `case when ${PAID} then 'succeeded' else 'expired' end`,
    fulfilling_since: `case when ${PAID} then ${SOME_TIME_AGO} end`,
    completed_at: `case when ${PAID} then ${SOME_TIME_AGO} end`,
    created_at: SOME_TIME_AGO,
    updated_at: SOME_TIME_AGO,
    expires_at: SOME_TIME_AGO,
    repair_at: "null::timestamptz",
  },
  payment_intents: {
    id: idOf("intent"),
    checkout_session_id: idOf("session"),
    stripe_payment_intent_id: "'pi_past' || n",
    client_secret_digest: "'digest-' || n",
    stripe_charge_id: "'ch_past' || n",
    status: `case when ${PAID} then 'succeeded' else 'canceled' end`,
    created_at: SOME_TIME_AGO,
  },
  checkout_attempts: {
    id: idOf("attempt"),
    checkout_session_id: idOf("session"),
    payment_intent_id: idOf("intent"),
    created_at: SOME_TIME_AGO,
    finished_at: SOME_TIME_AGO,
  },
  subscriptions: {
    id: idOf("subscription"),
    customer_id: idOf("customer"),
    checkout_session_id: idOf("session"),
    payment_intent_id: idOf("intent"),
    stripe_subscription_id: "'sub_past' || n",
    reread_at: "now() + interval '1 day'",
    created_at: SOME_TIME_AGO,
  },
  feature_grants: {
    id: "gen_random_uuid()",
    subscription_id: idOf("subscription"),
    customer_id: idOf("customer"),
  },
  webhook_events: {
    id: idOf("event"),
    stripe_event_id: "'evt_past' || n",
    status: "'processed'",
    outcome: "'applied'",
    processed_at: SOME_TIME_AGO,
    received_at: SOME_TIME_AGO,
    leased_until: "null::timestamptz",
  },
};

/** Tables of which only the paid sessions have rows. */
const ofThePaid = new Set<string>(["subscriptions", "feature_grants"]);

/** Adds so many sessions that ended within the last year, with all that belongs to them, in a few statements that no trigger looks at. */
export async function populate(books: Books, sessions: number): Promise<void> {
  const { owner, service } = books;
  const one = await books.open();
  await service.call("begin_attempt", {
    p_session_id: one.sessionId,
    p_stripe_payment_method_id: "pm_bench",
    p_intent_status: "requires_payment_method",
  });
  await books.record(one, "succeeded");
  await books.complete(one);
  await books.receive();
  await owner.run(
    "set session_replication_role = replica; set maintenance_work_mem = '512MB'; set statement_timeout = 0",
  );
  // The stack's server keeps little log and checks often; it is filled sooner where it does not.
  await owner.run("alter system set max_wal_size = '8GB'");
  await owner.run("alter system set autovacuum = off");
  await owner.run("select pg_reload_conf()");
  await keepIndexes(owner, false);
  for (const table of GROWING) await copy(owner, table, sessions);
  await keepIndexes(owner, true);
  await owner.run("set session_replication_role = origin");
  await owner.run("vacuum analyze");
}

async function copy(
  owner: Connection,
  table: (typeof GROWING)[number],
  sessions: number,
): Promise<void> {
  // What is computed of other columns is written by nobody.
  const columns = await owner.rows<{ name: string }>(
    `select a.attname as name from pg_attribute a
     where a.attrelid = to_regclass('billing.' || $1) and a.attnum > 0 and not a.attisdropped
       and a.attgenerated = '' order by a.attnum`,
    [table],
  );
  const values = columns.map(({ name }) => differing[table][name] ?? `kind."${name}"`);
  await owner.run(
    `insert into billing.${table} (${columns.map(({ name }) => `"${name}"`).join(", ")})
     select ${values.join(", ")}
     from (select * from billing.${table} limit ${table === "feature_grants" ? 2 : 1}) kind,
       generate_series(1, ${sessions}) n
     ${ofThePaid.has(table) ? `where ${PAID}` : ""}`,
  );
}

/**
 * Lets rows be written past every index, those of constraints too, or makes all of them anew: a random id put into an index that is
 * larger than the memory reads a page of it for each row. Inserts pass over an index that is not `indisready`, and REINDEX makes it
 * so again (https://www.postgresql.org/docs/17/catalog-pg-index.html; that REINDEX does is in `reindex_index` of Postgres' index.c).
 */
async function keepIndexes(owner: Connection, keep: boolean): Promise<void> {
  if (!keep) {
    await owner.rows(
      `update pg_index set indisready = false
       where indrelid = any (select to_regclass('billing.' || t) from unnest($1::text[]) t)`,
      [GROWING],
    );
    return;
  }
  for (const table of GROWING) await owner.run(`reindex table billing.${table}`);
}
