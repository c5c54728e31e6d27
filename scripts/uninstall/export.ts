import { mkdir, open, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { UsageError } from "../usage-error.ts";

/** Rows that are held at a time. */
const BATCH = 1_000;

/** The tables of `billing`; none where it is not there. */
export async function tables(database: Client): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select c.relname as name from pg_class c
      where c.relnamespace = to_regnamespace('billing') and c.relkind in ('r', 'p') order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** A folder of one export: when it was begun, in UTC and to the millisecond, and whether it is whole. */
const EXPORT = /^\d{8}T\d{9}Z(\.incomplete)?$/;

/** Throws `UsageError` unless the folder can take an export: it is not there, or holds nothing but exports. */
export async function isFree(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).every((name) => EXPORT.test(name))) return;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw new UsageError(`--export: ${folder} is no folder`);
  }
  throw new UsageError(`--export: ${folder} is not empty; name a new folder`);
}

/**
 * Writes every row of every table to a new folder in this one, which has `.incomplete` behind its name until all is written, so
 * that a run that failed is repeated without its files in the way.
 *
 * @returns the new folder, and how many rows were written
 */
export async function exportTo(
  database: Client,
  parent: string,
): Promise<{ readonly folder: string; readonly count: number }> {
  const begun = new Date().toISOString().replaceAll(/[-:.]/g, "");
  const folder = join(parent, begun);
  const count = await exportTables(database, `${folder}.incomplete`);
  await rename(`${folder}.incomplete`, folder);
  return { folder, count };
}

/**
 * Writes every row of every table as of one instant: a file a table, a row a line, as JSON
 * (https://github.com/ndjson/ndjson-spec). They hold people's data, so only this user may read them.
 *
 * @returns how many rows were written
 */
async function exportTables(database: Client, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let count = 0;
  await database.query("begin isolation level repeatable read read only");
  try {
    for (const table of await tables(database)) {
      const file = await open(join(folder, `${table}.ndjson`), "wx", 0o600);
      try {
        await database.query(
          `declare exported no scroll cursor for select to_jsonb(t)::text as line from billing.${table} t`,
        );
        for (;;) {
          const { rows } = await database.query<{ line: string }>(`fetch ${BATCH} from exported`);
          if (rows.length === 0) break;
          await file.write(rows.map(({ line }) => `${line}\n`).join(""));
          count += rows.length;
        }
        await database.query("close exported");
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await database.query("commit");
  } catch (error) {
    await database.query("rollback");
    throw error;
  }
  return count;
}
