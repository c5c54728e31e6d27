import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, inject } from "vitest";
import { withClient } from "../../stack/postgres/with-client.ts";
import { databaseUrl } from "./database-url.ts";

/** A database of one's own: migrated, seeded, and gone after the test file. */
export interface TestDatabase {
  readonly name: string;
  /** As `postgres`, the project's owner. */
  readonly databaseUrl: string;
  /** As `supabase_admin`. */
  readonly superuserUrl: string;
}

/**
 * Clones the migrated database; call it at the top of a test file: `const db = await cloneDatabase()`.
 * After the file's own hooks it checks that no connection and no replication slot was left open, and
 * drops the clone.
 */
export async function cloneDatabase(): Promise<TestDatabase> {
  const template = inject("template");
  const name = `test_${randomBytes(6).toString("hex")}`;
  // From template1, because a database that somebody is connected to cannot be copied.
  const admin = databaseUrl(template.superuserUrl, "template1");
  await execute(admin, `create database ${name} template postgres owner postgres`);
  afterAll(async () => {
    const left = await leaks(admin, name);
    await execute(admin, `drop database ${name} with (force)`);
    if (left.length > 0) throw new Error(`left open by this file:\n${left.join("\n")}`);
  });
  return {
    name,
    databaseUrl: databaseUrl(template.databaseUrl, name),
    superuserUrl: databaseUrl(template.superuserUrl, name),
  };
}

const execute = (url: string, sql: string, values: unknown[] = []): Promise<unknown[]> =>
  withClient(
    url,
    async (client) => (await client.query<Record<string, unknown>>(sql, values)).rows,
  );

/** What still uses the database. A connection that was just closed takes the server a moment, and a busy one longer. */
async function leaks(admin: string, name: string): Promise<string[]> {
  for (const until = Date.now() + 60_000;; await sleep(50)) {
    const rows = await execute(
      admin,
      `select format('connection %s as %s: %s', pid, usename, query) as what
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'
       union all
       select format('replication slot %s', slot_name)
         from pg_replication_slots where database = $1`,
      [name],
    );
    if (rows.length === 0 || Date.now() > until) return rows.map((row) => JSON.stringify(row));
  }
}
