import { Client } from "pg";
import { complete, Connection, openSession, ORGANIZATION, record } from "../support.ts";

/** Sessions that ended. */
export const PAST = 100_000;
/** Of whatever else there is. */
export const REST = 20_000;

/** A price with a trial, of a product that all of the past has tried. */
export const TRIAL = "0b500000-0000-4000-8000-0000000000b6";

/** A discount with a limit, which all of the past was opened with. */
const LIMITED = "0b500000-0000-4000-8000-0000000000d9";

/** The id of one of a series. */
const id = (what: string) => `md5('${what}' || n)::uuid`;
const LONG_AGO = "now() - interval '30 days'";

/** What is told of a payment that failed its session: it went back. */
const ifRefunded = (what: string) => `case when n % 4 = 3 then ${what} end`;

/** Copies of a table's only kind of row, with what is told of each copy. */
async function copy(
  admin: Connection,
  table: string,
  series: string,
  told: Readonly<Record<string, string>>,
): Promise<void> {
  // What is computed of other columns is written by nobody.
  const columns = await admin.rows<{ name: string }>(
    `select a.attname as name from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`,
    [`billing.${table}`],
  );
  const names = columns.map(({ name }) => name);
  const unknown = Object.keys(told).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`${table} has no ${unknown.join(", ")}`);
  await admin.row(`select 1 from billing.${table} limit 1`);
  await admin.rows(
    `insert into billing.${table} (${names.join(", ")})
     select ${names.map((name) => told[name] ?? `kind.${name}`).join(", ")}
     from (select * from billing.${table} limit 1) kind, ${series}`,
  );
}

/** A history, made from one of each; no trigger looks at it. */
export async function makeHistory(
  service: Connection,
  keyDigest: string,
  superuserUrl: string,
): Promise<void> {
  const session = await openSession(service, keyDigest);
  await record(service, session, "succeeded");
  await complete(service, session);
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  const admin = new Connection(client);
  try {
    await admin.rows("set session_replication_role = replica");
    const series = `generate_series(1, ${REST}) as n`;
    const sessions = `generate_series(1, ${PAST}) as n`;
    await copy(admin, "session_tokens", series, {
      id: id("token"),
      opened_at: "now()",
      created_at: "now() - interval '31 days'",
      expires_at: LONG_AGO,
    });
    await copy(admin, "checkout_sessions", sessions, {
      id: id("session"),
      session_token_id: `md5('token' || n % ${REST})::uuid`,
      payment_intent_id: id("intent"),
      subscription_id: id("subscription"),
      external_user_id: "'user-' || n",
      status: "(array['succeeded', 'expired', 'canceled', 'failed'])[n % 4 + 1]",
      created_at: LONG_AGO,
      updated_at: LONG_AGO,
      completed_at: LONG_AGO,
      expires_at: LONG_AGO,
      repair_at: "null::timestamptz",
      discount_id: `'${LIMITED}'::uuid`,
      discount: `'{"code": "FEW", "percentOff": 10, "duration": "once"}'::jsonb`,
    });
    await copy(admin, "payment_intents", sessions, {
      id: id("intent"),
      checkout_session_id: id("session"),
      stripe_payment_intent_id: "'pi_past' || n",
      client_secret_digest: "'digest-' || n",
      status: "case when n % 4 in (0, 3) then 'succeeded' else 'canceled' end",
      refund_status: ifRefunded("'succeeded'"),
      stripe_refund_id: ifRefunded("'re_' || n"),
      refunded_at: ifRefunded(LONG_AGO),
    });
    await admin.rows(
      `insert into billing.checkout_attempts
       (checkout_session_id, organization_id, payment_intent_id, number, stripe_payment_method_id, status, created_at, finished_at)
       select ${id("session")}, '${ORGANIZATION}', ${
        id("intent")
      }, 1, 'pm_1', 'failed', ${LONG_AGO}, ${LONG_AGO}
       from ${series}`,
    );
    await copy(admin, "customers", series, {
      id: id("customer"),
      external_id: "'user-' || n",
      stripe_customer_id: "'cus_past' || n",
    });
    await admin.rows(
      `insert into billing.trials (product_id, customer_id, checkout_session_id, email, fingerprint)
       select pr.product_id, ${id("customer")}, ${
        id("session")
      }, 'user-' || n || '@example.com', 'fingerprint-' || n
       from ${series}, billing.product_prices pr where pr.id = '${TRIAL}'`,
    );
    await makeDiscounts(admin);
    // A third has ended, a third is live and was read just now, a third waits on an account that is out of reach.
    await copy(admin, "subscriptions", series, {
      id: id("subscription"),
      checkout_session_id: id("session"),
      stripe_subscription_id: "'sub_past' || n",
      customer_id: id("customer"),
      payment_intent_id: id("intent"),
      status: "case when n % 3 = 0 then 'canceled' else 'active' end",
      stripe_account_id: "case when n % 3 = 1 then 'acct_gone' || n % 100 end",
      current_period_end: "now() - interval '3 days'",
      checked_at: "now()",
      reread_at:
        "case n % 3 when 1 then now() - interval '1 day' when 2 then now() + interval '1 hour' end",
    });
    await copy(admin, "feature_grants", series, {
      id: id("grant"),
      subscription_id: id("subscription"),
      customer_id: id("customer"),
      revoked_at: "case when n % 2 = 0 then now() end",
      expires_at: "case when n % 2 = 0 then now() - interval '3 days' end",
    });
    await admin.rows(
      `insert into billing.webhook_events
       (stripe_event_id, type, livemode, payload, status, processed_at, received_at)
       select 'evt_past' || n, 'invoice.paid', false, '{}',
         case when n % 2 = 0 then 'processed' else 'dead' end, case when n % 2 = 0 then now() end,
         -- What was given up on stays for a person, however old.
         now() - case when n % 2 = 0 then interval '1 day' else interval '60 days' end
       from ${series}`,
    );
    await copy(admin, "organizations", series, {
      id: id("organization"),
      key: "'gone-' || n",
      stripe_account_id: "'acct_gone' || n",
    });
    await admin.rows(
      `insert into billing.stripe_accounts (stripe_account_id, charges_enabled, deauthorized_at, checked_at)
       select 'acct_gone' || n, false, now(), now() from ${series}`,
    );
    await admin.rows(
      `insert into billing.stripe_cursors (stripe_account_id, events_until, intents_until, checked_at, livemode)
       select 'acct_gone' || n, now(), now(), 'infinity', false from ${series}`,
    );
    await admin.rows(
      `insert into billing.rate_counters (name, subject, count, window_started_at)
       select 'confirm_per_address', n::text, 1, now() from ${series}`,
    );
    await admin.rows(`insert into billing.reconcile_runs (report) select '{}' from ${series}`);
  } finally {
    await client.end();
  }
}

/** One for new customers, and one that is nearly used up by what succeeded. */
export async function makeDiscounts(owner: Connection): Promise<void> {
  await owner.rows(
    `insert into billing.discounts (organization_id, code, percent_off, first_time_only)
     values ('${ORGANIZATION}', 'NEW', 10, true)`,
  );
  await owner.rows(
    `insert into billing.discounts (id, organization_id, code, percent_off, max_redemptions)
     values ('${LIMITED}', '${ORGANIZATION}', 'FEW', 10, ${PAST / 4} + 10)`,
  );
  await owner.rows(
    `insert into billing_private.discount_redemptions values ('${LIMITED}', ${PAST / 4})`,
  );
}
