import type { Client } from "pg";
import { hasSchema, JOB } from "../deploy/cron.ts";

/** What of the app's own would go or break with our schemas, by its name. */
export async function dependents(database: Client): Promise<readonly string[]> {
  return [
    ...await known(database),
    ...await functionsThatName(database),
    ...await jobsThatName(database),
  ];
}

/** What Postgres knows of: a policy that asks one of our tables, a view, a foreign key. Names, as it tells them. */
async function known(database: Client): Promise<readonly string[]> {
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

/**
 * One of our schemas and something in it, as the text of a function names them. Postgres does not look into such a text before it runs
 * (https://www.postgresql.org/docs/current/ddl-depend.html), and neither is a name seen here that a function puts together.
 */
const PATTERNS = `
  select format('\\m%s"?\\s*\\.\\s*"?%s\\M', n.nspname, o.name) as pattern
  from pg_namespace n
    join (select relnamespace as oid, relname as name from pg_class
          union select pronamespace, proname from pg_proc
          union select typnamespace, typname from pg_type) o on o.oid = n.oid
  where n.nspname in ('billing', 'billing_private')`;

async function functionsThatName(database: Client): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select 'function ' || p.oid::regprocedure as name from pg_proc p
       join pg_namespace n on n.oid = p.pronamespace
      where n.nspname not in ('billing', 'billing_private', 'pg_catalog', 'information_schema')
        and p.prosrc ~ '\\mbilling' and exists (select from (${PATTERNS}) x where p.prosrc ~ x.pattern)
      order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function jobsThatName(database: Client): Promise<readonly string[]> {
  if (!await hasSchema(database, "cron")) return [];
  const { rows } = await database.query<{ name: string }>(
    `select 'job ' || coalesce(j.jobname, j.jobid::text) as name from cron.job j
      where j.jobname is distinct from $1 and exists (select from (${PATTERNS}) x where j.command ~ x.pattern)
      order by 1`,
    [JOB],
  );
  return rows.map(({ name }) => name);
}
