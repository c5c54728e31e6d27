import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { openPeople } from "./data-rights/people.ts";

// Where a person may stand, column by column, so that a new one is thought of by whoever adds it.

const { owner, subscribed, erase, exported } = await openPeople();

/** What a customer gives or the merchant says of one. */
const personal = [
  "checkout_sessions.cancel_url",
  "checkout_sessions.customer_address",
  "checkout_sessions.customer_email",
  "checkout_sessions.customer_name",
  "checkout_sessions.customer_tax_id",
  "checkout_sessions.external_user_id",
  "checkout_sessions.idempotency_key",
  "checkout_sessions.metadata",
  "checkout_sessions.request_hash",
  "checkout_sessions.success_url",
  "checkout_sessions.trace_id",
  "customers.email",
  "customers.external_id",
  "customers.metadata",
  "customers.name",
  "customers.told",
  "payment_intents.fingerprint",
  "session_tokens.external_organization_id",
  "session_tokens.external_user_id",
  "subscriptions.metadata",
  "trials.email",
  "trials.fingerprint",
];

/** Digests, the catalogue's own words, and words and numbers of Stripe's or ours: none is a person's. */
const ofNobody =
  /^(api_keys|applied_migrations|checkout_transitions|deployed_names|discounts|features|organizations|products|product_features|product_prices|rate_counters|rate_limits|reconcile_runs|stripe_accounts|stripe_cursors|uploaded_functions)\.|\.(stripe_\w+|\w*status|currency|kind|intent_kind|checkout_mode|product|discount|error_code|error_message|decline_code|client_secret_digest|refund_reason|allowed_operations|number|billing_reason|reason|collection_method|collection_paused)$/;

/** The events are another matter: customer_events finds those that speak of the person. */
const events = /^webhook_events\./;

const columns = () =>
  owner.rows<{ name: string; tableName: string; columnName: string }>(
    `select format('%I.%I', c.relname, a.attname) as name, c.relname as "tableName", a.attname as "columnName"
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'billing'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
       and format_type(a.atttypid, null) in ('text', 'text[]', 'character varying', 'jsonb', 'json', 'inet', 'bytea')
     order by 1`,
  );

async function columnsWith(mark: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name, tableName, columnName } of await columns()) {
    const rows = await owner.rows(
      `select 1 from billing.${tableName} where strpos(${columnName}::text, $1) > 0 limit 1`,
      [mark],
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}

it("every column that can hold words is known to be a person's or nobody's", async () => {
  const unknown = (await columns()).map(({ name }) => name)
    .filter((name) => !personal.includes(name) && !ofNobody.test(name) && !events.test(name));
  expect(unknown).toEqual([]);
});

it("every personal column is filled by the customer of these tests, exported, and emptied by erasure", async () => {
  const mark = randomUUID().replaceAll("-", "");
  const { user } = await subscribed(mark);
  expect(await columnsWith(mark)).toEqual(personal);
  const exports = JSON.stringify(await exported(user));
  for (const name of personal.filter((column) => column !== "checkout_sessions.request_hash")) {
    expect(exports).toContain(`"${name.split(".")[1]}":`);
  }
  await erase(user);
  expect(await columnsWith(mark)).toEqual([]);
});
