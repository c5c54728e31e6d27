import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { sessionStatuses, transitions } from "../../shared/domain/session-status.ts";
import { adviceOn } from "../../scripts/supabase/advisors.ts";
import { generateTypes, projectFolder } from "../../stack/migrate.ts";
import { openDatabase } from "./support.ts";

const database = await openDatabase();
const owner = await database.owner();

/** The state that only the transition functions may write. */
const stateTables = [
  "session_tokens",
  "customers",
  "checkout_transitions",
  "checkout_sessions",
  "payment_intents",
  "checkout_attempts",
  "subscriptions",
  "invoices",
  "disputes",
  "stripe_accounts",
  "subscription_changes",
  "feature_grants",
  "webhook_events",
];

describe("the schema", () => {
  it("has the same session edges as the domain", async () => {
    const rows = await owner.rows<{ from_status: string; to_status: string }>(
      "select from_status, to_status from billing.checkout_transitions",
    );
    const inDatabase = rows.map((row) => `${row.from_status} → ${row.to_status}`);
    const inDomain = sessionStatuses.flatMap((from) =>
      transitions[from].map((to) => `${from} → ${to}`)
    );
    expect(inDatabase.toSorted()).toEqual(inDomain.toSorted());
    expect(transitions.succeeded.includes("open")).toBe(false);
  });

  it("has row security on every table, also through a view, and nothing for browsers but the views that members read", async () => {
    const tables = await owner.rows<{ name: string; secured: boolean; open: boolean }>(
      // A view is read with the rights of whoever reads it.
      `select c.relname as name,
         case c.relkind when 'v' then coalesce(c.reloptions @> array['security_invoker=true'], false)
           else c.relrowsecurity end as secured,
         bool_or(has_table_privilege(r.role, c.oid, p.privilege)) as open
       from pg_class c, unnest(array['anon', 'authenticated']) r(role),
         unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p(privilege)
       where c.relnamespace = 'billing'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'S')
       group by 1, 2`,
    );
    expect(tables.map(({ name }) => name)).toContain("checkout_funnel");
    expect(tables.length).toBeGreaterThan(10);
    expect(tables.filter(({ secured }) => !secured)).toEqual([]);
    expect(tables.filter(({ open }) => open).map(({ name }) => name).toSorted()).toEqual([
      "checkout_funnel",
      "decline_codes",
      "refunds_owed",
      "time_to_active",
    ]);
  });

  it("leaves nothing in public, and lets a signed-in user alone name what is in billing", async () => {
    const inPublic = await owner.rows(
      `select 1 from pg_class where relnamespace = 'public'::regnamespace
       union all select 1 from pg_proc where pronamespace = 'public'::regnamespace
       union all select 1 from pg_type where typnamespace = 'public'::regnamespace`,
    );
    expect(inPublic).toEqual([]);
    const users = await owner.rows(
      `select n.nspname, r.role from pg_namespace n,
         unnest(array['anon', 'authenticated', 'service_role']) r(role)
       where n.nspname in ('billing', 'billing_private') and has_schema_privilege(r.role, n.oid, 'usage') order by 2`,
    );
    expect(users).toEqual([
      { nspname: "billing", role: "authenticated" },
      { nspname: "billing", role: "service_role" },
    ]);
  });

  it("lets browsers run no function but the topic look-up of the Realtime policy, a user's own features and a member's page", async () => {
    const functions = await owner.rows<{ name: string }>(
      `select p.oid::regprocedure::text as name from pg_proc p, unnest(array['anon', 'authenticated']) r(role)
       where p.pronamespace in ('billing'::regnamespace, 'billing_private'::regnamespace)
         and has_function_privilege(r.role, p.oid, 'execute') group by 1`,
    );
    expect(functions.map(({ name }) => name).toSorted()).toEqual([
      "billing.dead_events(uuid)",
      "billing.feature_limit(text)",
      "billing.has_feature(text)",
      "billing.replay_dead_event(text)",
      "billing.session_facts(uuid)",
      "billing_private.checkout_topic_exists(text)",
      "billing_private.my_organizations()",
    ]);
  });

  it("lets service_role write no state but through the functions", async () => {
    const writable = await owner.rows<{ name: string; privilege: string }>(
      `select t.name, p.privilege from unnest($1::text[]) t(name),
         unnest(array['insert', 'update', 'delete', 'truncate']) p(privilege)
       where has_table_privilege('service_role', 'billing.' || t.name, p.privilege)`,
      [stateTables],
    );
    expect(writable).toEqual([]);
  });

  it("pins the search path of every function", async () => {
    const loose = await owner.rows(
      `select p.oid::regprocedure::text as name from pg_proc p
       where p.pronamespace in ('billing'::regnamespace, 'billing_private'::regnamespace)
         and not coalesce(p.proconfig @> array['search_path=""'], false)`,
    );
    expect(loose).toEqual([]);
  });

  it("has an index for every foreign key, of the rows at least that have one", async () => {
    const bare = await owner.rows(
      `select conname from pg_constraint c
       where contype = 'f' and connamespace = 'billing'::regnamespace and not exists (
         select from pg_index i join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where i.indrelid = c.conrelid and (i.indkey::int2[])[0:array_length(c.conkey, 1) - 1] @> c.conkey
           and (i.indpred is null
             or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname))
       )`,
    );
    expect(bare).toEqual([]);
  });

  it("is described by the generated types as they stand in the repository", async () => {
    const kept = await readFile(
      new URL("../../shared/database/database.types.ts", import.meta.url),
      "utf8",
    );
    expect(await generateTypes(database.databaseUrl)).toBe(kept);
  });

  it("leaves Supabase's advisors nothing to warn of", async () => {
    expect(await adviceOn(database.databaseUrl, projectFolder)).toEqual([]);
  });

  it("would have them warn of a table that browsers may read", async () => {
    await owner.rows("create table billing.careless (id bigint primary key)");
    await owner.rows("grant select on billing.careless to anon");
    expect(await adviceOn(database.databaseUrl, projectFolder)).toMatchObject([
      { detail: expect.stringContaining("billing.careless") as unknown },
    ]);
  });
});
