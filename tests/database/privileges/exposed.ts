import type { Connection } from "../support.ts";

/**
 * Everything of this project that `anon` or `authenticated` may use, by grant to the role, to a role that it is in or to
 * PUBLIC: schemas, relations and their columns, sequences, functions, types, and other roles. The schemas are `public`, where nothing
 * is to be, and all that a migration has made.
 *
 * Left out are the row types of tables and views and every array type: Postgres lets PUBLIC name them and nobody can take
 * that away for good, but to name a row is not to read one.
 */
const exposedSql = `
with roles (role) as (values ('anon'), ('authenticated')),
schemas as (
  select oid, nspname as name from pg_namespace
  where nspname = 'public' or nspowner = 'postgres'::regrole
),
relations as (
  select c.oid, c.relkind, s.name as schema, c.relname
  from pg_class c join schemas s on s.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
)
select format('schema %s: %s by %s', s.name, p.privilege, r.role) as what
from schemas s, roles r, unnest(array['usage', 'create']) p(privilege)
where has_schema_privilege(r.role, s.oid, p.privilege)
union all
select format('relation %s.%s: %s by %s', t.schema, t.relname, p.privilege, r.role)
from relations t, roles r,
  unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p(privilege)
where t.relkind <> 'S' and has_table_privilege(r.role, t.oid, p.privilege)
union all
select format('column of %s.%s: %s by %s', t.schema, t.relname, p.privilege, r.role)
from relations t, roles r, unnest(array['select', 'insert', 'update', 'references']) p(privilege)
where t.relkind <> 'S' and has_any_column_privilege(r.role, t.oid, p.privilege)
  and not has_table_privilege(r.role, t.oid, p.privilege)
union all
select format('sequence %s.%s: %s by %s', t.schema, t.relname, p.privilege, r.role)
from relations t, roles r, unnest(array['usage', 'select', 'update']) p(privilege)
where t.relkind = 'S' and has_sequence_privilege(r.role, t.oid, p.privilege)
union all
select format('function %s.%s(%s): execute by %s', s.name, f.proname,
  pg_get_function_identity_arguments(f.oid), r.role)
from pg_proc f join schemas s on s.oid = f.pronamespace, roles r
where has_function_privilege(r.role, f.oid, 'execute')
union all
select format('type %s.%s: usage by %s', s.name, t.typname, r.role)
from pg_type t join schemas s on s.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid, roles r
where t.typcategory <> 'A' and coalesce(c.relkind, 'c') = 'c' and has_type_privilege(r.role, t.oid, 'usage')
union all
select format('role %s: member %s', other.rolname, r.role)
from pg_roles other, roles r
where other.rolname <> r.role and pg_has_role(r.role, other.oid, 'member')
order by 1`;

export async function exposed(owner: Connection): Promise<string[]> {
  const rows = await owner.rows<{ what: string }>(exposedSql);
  return rows.map(({ what }) => what);
}

/** Every row security policy there is, in this project's schemas and in Realtime's. */
export async function policies(owner: Connection): Promise<string[]> {
  const rows = await owner.rows<{ what: string }>(
    `select format('%s on %s.%s: %s for %s', policyname, schemaname, tablename, lower(cmd),
       array_to_string(roles, ', ')) as what
     from pg_policies order by 1`,
  );
  return rows.map(({ what }) => what);
}

/** How many objects were looked at: a look that finds nothing because it saw nothing is worth nothing. */
export async function lookedAt(owner: Connection): Promise<Record<string, number>> {
  return owner.row<Record<string, number>>(
    `select
       (select count(*)::int from pg_class where relnamespace = 'billing'::regnamespace and relkind = 'r') as tables,
       (select count(*)::int from pg_proc where pronamespace = 'billing'::regnamespace) as functions,
       (select count(*)::int from pg_proc where pronamespace = 'billing_private'::regnamespace) as private_functions`,
  );
}
