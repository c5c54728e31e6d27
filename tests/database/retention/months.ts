import { Client } from "pg";
import { complete, Connection, newToken, openSession, receive, record } from "../support.ts";
import { DAYS, type Kind, KINDS } from "./kinds.ts";

const TABLES = [
  "checkout_sessions",
  "session_tokens",
  "payment_intents",
  "checkout_attempts",
  "webhook_events",
  "rate_counters",
  "reconcile_runs",
] as const;
/** The times that move on with the clock. */
const times: Readonly<Record<(typeof TABLES)[number], readonly string[]>> = {
  checkout_sessions: ["created_at", "updated_at", "expires_at", "completed_at"],
  session_tokens: ["created_at", "expires_at", "opened_at", "revoked_at"],
  payment_intents: ["created_at"],
  checkout_attempts: ["created_at", "finished_at"],
  webhook_events: ["received_at", "processed_at", "next_attempt_at"],
  rate_counters: ["window_started_at"],
  reconcile_runs: ["finished_at"],
};

const id = (what: string) => `md5('${what}' || n)::uuid`;

const token = (at: string, user: string) => ({
  id: id(user),
  external_user_id: `'${user}-' || n`,
  created_at: at,
  expires_at: `${at} + interval '1 hour'`,
});

/** A clock that goes by months, and what each of them brings; no trigger looks at it. */
export async function openMonths(service: Connection, keyDigest: string, superuserUrl: string) {
  const session = await openSession(service, keyDigest);
  await service.call("begin_attempt", {
    p_session_id: session.sessionId,
    p_stripe_payment_method_id: "pm_one",
    p_intent_status: "requires_payment_method",
  });
  await record(service, session, "succeeded");
  await complete(service, session);
  await newToken(service, keyDigest);
  await receive(service);
  await service.call("record_reconcile_run", { p_report: {} });
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  const admin = new Connection(client);
  await admin.rows("set session_replication_role = replica");
  for (const table of TABLES) {
    await admin.rows(
      `create temporary table one_${table} as select * from billing.${table} limit 1`,
    );
  }

  /** A month's rows of a kind, spread over it; the others of its columns are as in the row that is copied. */
  const add = async (
    kind: Kind,
    table: (typeof TABLES)[number],
    month: number,
    values: (at: string) => Readonly<Record<string, string>>,
  ) => {
    const { perMonth } = KINDS[kind];
    const last = perMonth * (month + 1);
    const differing = values(
      `now() - make_interval(secs => (${last} - n + 0.5) * ${DAYS * 86_400} / ${perMonth})`,
    );
    // What is computed of other columns is written by nobody.
    const columns = await admin.rows<{ name: string }>(
      `select a.attname as name from pg_attribute a where a.attrelid = 'billing.${table}'::regclass
         and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`,
    );
    await admin.rows(
      `insert into billing.${table} (${columns.map(({ name }) => name).join(", ")})
       select ${columns.map(({ name }) => differing[name] ?? `one.${name}`).join(", ")}
       from one_${table} one, generate_series(${last - perMonth + 1}, ${last}) n`,
    );
  };
  return {
    close: () => client.end(),
    /** A month goes by: all that is there grows older. */
    async pass() {
      for (const [table, columns] of Object.entries(times)) {
        const older = columns.map((column) => `${column} = ${column} - interval '${DAYS} days'`);
        await admin.rows(`update billing.${table} set ${older.join(", ")}`);
      }
    },
    async fill(month: number) {
      await add("sessions", "checkout_sessions", month, (at) => ({
        id: id("session"),
        session_token_id: id("user"),
        payment_intent_id: id("intent"),
        external_user_id: "'user-' || n",
        subscription_id: "null",
        status: "'expired'",
        created_at: at,
        updated_at: at,
        expires_at: at,
        completed_at: "null",
        repair_at: "null",
      }));
      await add("sessions", "payment_intents", month, (at) => ({
        id: id("intent"),
        checkout_session_id: id("session"),
        stripe_payment_intent_id: "'pi_past' || n",
        client_secret_digest: "'digest-' || n",
        stripe_charge_id: "null",
        status: "'canceled'",
        created_at: at,
      }));
      await add("attempts", "checkout_attempts", month, (at) => ({
        id: id("attempt"),
        checkout_session_id: id("session"),
        payment_intent_id: id("intent"),
        stripe_payment_method_id: "'pm_past' || n",
        status: "'failed'",
        created_at: at,
        finished_at: at,
      }));
      await add("tokens that opened one", "session_tokens", month, (at) => ({
        ...token(at, "user"),
        opened_at: at,
      }));
      await add("tokens that opened nothing", "session_tokens", month, (at) => ({
        ...token(at, "idle"),
        opened_at: "null",
      }));
      await add("revoked tokens of Supabase Auth", "session_tokens", month, (at) => ({
        ...token(at, "revoked"),
        api_key_id: "null",
        opened_at: "null",
        revoked_at: at,
      }));
      await add("worked events", "webhook_events", month, (at) => ({
        id: id("event"),
        stripe_event_id: "'evt_past' || n",
        status: "'processed'",
        outcome: "'applied'",
        received_at: at,
        processed_at: at,
        leased_until: "null",
      }));
      await add("dead events", "webhook_events", month, (at) => ({
        id: id("dead"),
        stripe_event_id: "'evt_dead' || n",
        status: "'dead'",
        received_at: at,
        leased_until: "null",
      }));
      await add("counters", "rate_counters", month, (at) => ({
        name: "'confirm_per_address'",
        subject: "n::text",
        window_started_at: at,
      }));
      await add("records of runs", "reconcile_runs", month, (at) => ({
        id: id("run"),
        finished_at: at,
        report: "jsonb_build_object('n', n)",
      }));
    },
    /** Bytes of each table with its indexes, once what was removed is free to be written over. */
    async sizes(): Promise<Readonly<Record<string, number>>> {
      await admin.rows(`vacuum analyze ${TABLES.map((table) => `billing.${table}`).join(", ")}`);
      const rows = await admin.rows<{ name: string; bytes: string }>(
        `select t as name, pg_total_relation_size(to_regclass('billing.' || t)) as bytes
         from unnest($1::text[]) t`,
        [TABLES],
      );
      return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]));
    },
  };
}
