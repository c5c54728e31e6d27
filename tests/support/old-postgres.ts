/** Of the role postgres, in the database of the connection. */
const setting = (what: string) =>
  `do $$ begin execute format('alter role postgres in database %I ${what}', current_database()); end $$`;

/** While `work` runs, the role postgres is told in this database that its server is of Postgres 14. */
export async function whilePostgresIsOld<Result>(
  query: (sql: string) => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  await query(`
    create schema old;
    create function old.current_setting(name text) returns text language sql as $$
      select case name when 'server_version_num' then '140012' when 'server_version' then '14.12'
        else pg_catalog.current_setting(name) end $$;
    ${setting("set search_path = old, pg_catalog")}`);
  try {
    return await work();
  } finally {
    await query(`${setting("reset search_path")}; drop schema old cascade`);
  }
}
