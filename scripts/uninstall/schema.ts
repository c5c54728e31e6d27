import type { Client } from "pg";
import type { Migration } from "../deploy/migrations.ts";

/**
 * What of the app's own would go with our schemas: a policy that asks `billing.has_feature`, a view, a foreign key. Names, as
 * Postgres tells them.
 */
export async function dependents(database: Client): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `with ours (classid, objid) as (
       select 'pg_class'::regclass, oid from pg_class
        where relnamespace in (to_regnamespace('billing'), to_regnamespace('billing_private'))
       union all select 'pg_proc'::regclass, oid from pg_proc
        where pronamespace in (to_regnamespace('billing'), to_regnamespace('billing_private'))
       union all select 'pg_type'::regclass, oid from pg_type
        where typnamespace in (to_regnamespace('billing'), to_regnamespace('billing_private'))
     )
     select distinct i.type || ' ' || i.identity as name from pg_depend d
       join ours on ours.classid = d.refclassid and ours.objid = d.refobjid
       cross join lateral pg_identify_object(d.classid, d.objid, d.objsubid) i
      where d.deptype in ('n', 'a')
        and i.identity !~ '(^|(^| )(on|for) )billing(_private)?\\.'
        and i.identity <> 'checkout_session_listeners on realtime.messages'
      order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Takes our schemas and all in them out, with the policy that calls them and our lines in the CLI's history; all or nothing. */
export async function dropSchemas(
  database: Client,
  migrations: readonly Migration[],
): Promise<void> {
  await database.query("begin");
  try {
    await database.query("set local lock_timeout = '30s'");
    await database.query("drop policy if exists checkout_session_listeners on realtime.messages");
    await database.query("drop schema if exists billing, billing_private cascade");
    const { rows: [history] } = await database.query<{ there: boolean }>(
      "select to_regclass('supabase_migrations.schema_migrations') is not null as there",
    );
    if (history?.there === true) {
      await database.query(
        `delete from supabase_migrations.schema_migrations m
          using unnest($1::text[], $2::text[]) as ours (version, name)
          where m.version = ours.version and m.name = ours.name`,
        [migrations.map(({ version }) => version), migrations.map(({ name }) => name)],
      );
    }
    await database.query("commit");
  } catch (error) {
    await database.query("rollback");
    throw error;
  }
}
