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
    await admin.rows(
      `insert into billing.session_tokens
       select made.* from (select one from billing.session_tokens one limit 1) kind, ${series},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${
        id("token")
      }, 'opened_at', now(),
         'created_at', now() - interval '31 days', 'expires_at', now() - interval '30 days')) made`,
    );
    // What is computed of other columns is written by nobody.
    const { columns } = await admin.row<{ columns: string }>(
      `select string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns from pg_attribute a
       where a.attrelid = 'billing.checkout_sessions'::regclass and a.attnum > 0 and a.attgenerated = ''`,
    );
    await admin.rows(
      `insert into billing.checkout_sessions (${columns})
       select ${
        columns.replaceAll(/\w+/g, "made.$&")
      } from (select one from billing.checkout_sessions one limit 1) kind, ${sessions},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("session")},
         'session_token_id', md5('token' || n % ${REST})::uuid, 'payment_intent_id', ${
        id("intent")
      },
         'subscription_id', ${id("subscription")}, 'external_user_id', 'user-' || n,
         'status', (array['succeeded', 'expired', 'canceled', 'failed'])[n % 4 + 1],
         'created_at', now() - interval '30 days', 'updated_at', now() - interval '30 days',
         'completed_at', now() - interval '30 days',
         'expires_at', now() - interval '30 days', 'repair_at', null,
         'discount_id', '${LIMITED}', 'discount', '{"code": "FEW", "percentOff": 10, "duration": "once"}'::jsonb)) made`,
    );
    await admin.rows(
      `insert into billing.payment_intents
       select made.* from (select one from billing.payment_intents one limit 1) kind, ${sessions},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("intent")},
         'checkout_session_id', ${id("session")}, 'stripe_payment_intent_id', 'pi_past' || n,
         'client_secret_digest', 'digest-' || n,
         'status', case when n % 4 in (0, 3) then 'succeeded' else 'canceled' end)
         -- A payment that failed its session went back long ago.
         || case when n % 4 = 3 then jsonb_build_object('refund_status', 'succeeded',
           'stripe_refund_id', 're_' || n, 'refunded_at', now() - interval '30 days') else '{}' end) made`,
    );
    await admin.rows(
      `insert into billing.checkout_attempts
       (checkout_session_id, organization_id, payment_intent_id, number, stripe_payment_method_id, status, created_at, finished_at)
       select ${id("session")}, '${ORGANIZATION}', ${
        id("intent")
      }, 1, 'pm_1', 'failed', now() - interval '30 days', now() - interval '30 days'
       from ${series}`,
    );
    await admin.rows(
      `insert into billing.customers
       select made.* from (select one from billing.customers one limit 1) kind, ${series},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("customer")},
         'external_id', 'user-' || n, 'stripe_customer_id', 'cus_past' || n)) made`,
    );
    await admin.rows(
      `insert into billing.trials (product_id, customer_id, checkout_session_id, email, fingerprint)
       select pr.product_id, ${id("customer")}, ${
        id("session")
      }, 'user-' || n || '@example.com', 'fingerprint-' || n
       from ${series}, billing.product_prices pr where pr.id = '${TRIAL}'`,
    );
    await makeDiscounts(admin);
    // A third has ended, a third is live and was read just now, a third waits on an account that is out of reach.
    await admin.rows(
      `insert into billing.subscriptions
       select made.* from (select one from billing.subscriptions one limit 1) kind, ${series},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("subscription")},
         'checkout_session_id', ${id("session")}, 'stripe_subscription_id', 'sub_past' || n,
         'customer_id', ${id("customer")}, 'payment_intent_id', ${id("intent")},
         'status', case when n % 3 = 0 then 'canceled' else 'active' end,
         'stripe_account_id', case when n % 3 = 1 then 'acct_gone' || n % 100 end,
         'current_period_end', now() - interval '3 days', 'checked_at', now(),
         'reread_at', case n % 3 when 1 then now() - interval '1 day' when 2 then now() + interval '1 hour' end)) made`,
    );
    await admin.rows(
      `insert into billing.feature_grants
       select made.* from (select one from billing.feature_grants one limit 1) kind, ${series},
         jsonb_populate_record(kind.one, jsonb_build_object('id', ${id("grant")},
         'subscription_id', ${id("subscription")}, 'customer_id', ${id("customer")},
         'revoked_at', case when n % 2 = 0 then now() end,
         'expires_at', case when n % 2 = 0 then now() - interval '3 days' end)) made`,
    );
    await admin.rows(
      `insert into billing.webhook_events
       (stripe_event_id, type, livemode, payload, status, processed_at, received_at)
       select 'evt_past' || n, 'invoice.paid', false, '{}',
         case when n % 2 = 0 then 'processed' else 'dead' end, case when n % 2 = 0 then now() end,
         -- What was given up on stays for a person, however old.
         now() - case when n % 2 = 0 then interval '1 day' else interval '60 days' end
       from ${series}`,
    );
    await admin.rows(
      `insert into billing.organizations
       select made.* from (select one from billing.organizations one limit 1) kind, ${series},
         jsonb_populate_record(kind.one,
           jsonb_build_object('id', ${
        id("organization")
      }, 'key', 'gone-' || n, 'stripe_account_id', 'acct_gone' || n)) made`,
    );
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
