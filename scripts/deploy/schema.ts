import type { Client } from "pg";
import { UsageError } from "../usage-error.ts";
import { ADVISORY_LOCK } from "./lock.ts";
import { isConcurrent, type Migration } from "./migrations.ts";

/** What stands between the project and the files. */
export interface SchemaPlan {
  readonly pending: readonly Migration[];
  /** Those that `supabase db push` has applied, which pass into the history of our own. */
  readonly pushed: readonly Migration[];
}

/** How long a file waits for what others hold, and holds up whoever queues behind it. */
const LOCK_TIMEOUT = "5s";
/** How often a file is tried that waited in vain. */
const TRIES = 5;

/** Compares the files with the project's history; throws `UsageError` where they are not of one line. */
export async function planSchema(
  client: Client,
  migrations: readonly Migration[],
): Promise<SchemaPlan> {
  const applied = await history(client);
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const { version, name, checksum } of applied) {
    const file = known.get(version);
    if (file === undefined) {
      throw new UsageError(
        `the project has migration ${version}_${name}, which this folder has not: deploy from a newer release`,
      );
    }
    if (file.checksum !== checksum) {
      throw new UsageError(
        `supabase/migrations/${version}_${file.name}.sql was changed since it was applied: ` +
          `put the released file back; a change is a new file`,
      );
    }
  }
  if (applied.length > 0) {
    const done = new Set(applied.map(({ version }) => version));
    return { pending: migrations.filter(({ version }) => !done.has(version)), pushed: [] };
  }
  const pushedVersions = await pushedByTheCli(client, migrations);
  const pushed = migrations.filter(({ version }) => pushedVersions.has(version));
  if (pushed.length === 0 && await isThere(client, "billing")) {
    throw new UsageError(
      "the project has a schema billing that is not this one's: rename it, or use another project",
    );
  }
  return { pending: migrations.filter(({ version }) => !pushedVersions.has(version)), pushed };
}

interface Applied {
  readonly version: string;
  readonly name: string;
  readonly checksum: string;
}

async function history(client: Client): Promise<readonly Applied[]> {
  const { rows: [there] } = await client.query<{ table: string | null }>(
    "select to_regclass('billing.applied_migrations')::text as table",
  );
  if (there === undefined || there.table === null) return [];
  const { rows } = await client.query<Applied>(
    "select version, name, checksum from billing.applied_migrations order by version",
  );
  return rows;
}

/** By version and name: an app's migration may have been made in the same second. */
async function pushedByTheCli(client: Client, migrations: readonly Migration[]) {
  const { rows: [there] } = await client.query<{ table: string | null }>(
    "select to_regclass('supabase_migrations.schema_migrations')::text as table",
  );
  if (there === undefined || there.table === null) return new Set<string>();
  const { rows } = await client.query<{ version: string }>(
    `select m.version from supabase_migrations.schema_migrations m
       join unnest($1::text[], $2::text[]) as ours (version, name) using (version, name)`,
    [migrations.map(({ version }) => version), migrations.map(({ name }) => name)],
  );
  return new Set(rows.map(({ version }) => version));
}

async function isThere(client: Client, schema: string): Promise<boolean> {
  const { rowCount } = await client.query("select from pg_namespace where nspname = $1", [schema]);
  return rowCount === 1;
}

/**
 * Applies what is pending, a transaction a file together with its line in the history, so that a file that fails leaves nothing
 * and those before it stay. Two at once take turns, and the second finds nothing to do.
 */
export async function applySchema(
  client: Client,
  migrations: readonly Migration[],
  say: (line: string) => void,
): Promise<void> {
  await client.query("select pg_advisory_lock($1)", [ADVISORY_LOCK]);
  try {
    const { pending, pushed } = await planSchema(client, migrations);
    if (pushed.length > 0) await takeOver(client, pushed);
    for (const migration of pending) {
      await (isConcurrent(migration)
        ? applyConcurrently(client, migration)
        : patiently(() => applyOne(client, migration)));
      say(`applied ${migration.version}_${migration.name}`);
    }
  } finally {
    await client.query("select pg_advisory_unlock($1)", [ADVISORY_LOCK]);
  }
}

const RECORD =
  "insert into billing.applied_migrations (version, name, checksum) values ($1, $2, $3)";
const lineOf = ({ version, name, checksum }: Migration) => [version, name, checksum];

/** From one history to the other, so that an app's own `supabase db push` meets no version that it does not know. */
async function takeOver(client: Client, pushed: readonly Migration[]): Promise<void> {
  await inTransaction(client, async () => {
    for (const migration of pushed) await client.query(RECORD, lineOf(migration));
    await client.query(
      "delete from supabase_migrations.schema_migrations where version = any($1)",
      [pushed.map(({ version }) => version)],
    );
  });
}

async function applyOne(client: Client, migration: Migration): Promise<void> {
  try {
    await inTransaction(client, async () => {
      await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      await client.query(migration.sql);
      await client.query(RECORD, lineOf(migration));
    });
  } catch (error) {
    throw new MigrationFailed(migration, error);
  }
}

/** Builds, for as long as it takes, without a lock that anybody would wait for; what an interrupted build left behind is removed first. */
async function applyConcurrently(client: Client, migration: Migration): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select i.indexrelid::regclass::text as name from pg_index i
       join pg_class c on c.oid = i.indexrelid
      where c.relnamespace = 'billing'::regnamespace and not i.indisvalid`,
  );
  try {
    for (const { name } of rows) await client.query(`drop index concurrently ${name}`);
    await client.query(migration.sql);
    await client.query(RECORD, lineOf(migration));
  } catch (error) {
    throw new MigrationFailed(migration, error);
  }
}

class MigrationFailed extends Error {
  readonly isLockTimeout: boolean;

  constructor({ version, name }: Migration, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const detail = cause instanceof Error && "where" in cause && typeof cause.where === "string"
      ? ` (${cause.where})`
      : "";
    super(
      `supabase/migrations/${version}_${name}.sql failed and left nothing: ${reason}${detail}`,
      {
        cause,
      },
    );
    // https://www.postgresql.org/docs/current/errcodes-appendix.html: lock_not_available.
    this.isLockTimeout = cause instanceof Error && "code" in cause && cause.code === "55P03";
  }
}

/** Again where the file waited in vain for a lock: whoever held it may be through. */
async function patiently(run: () => Promise<void>): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof MigrationFailed && error.isLockTimeout) || attempt === TRIES) {
        throw error;
      }
    }
  }
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query("begin");
  try {
    await work();
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
