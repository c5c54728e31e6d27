import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds `supabase/`. */
export const projectFolder: string = fileURLToPath(new URL("../..", import.meta.url));

/** One file of supabase/migrations. */
export interface Migration {
  readonly version: string;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of `sql`, in hexadecimal. */
  readonly checksum: string;
}

/** The migrations of a project in their order; throws where a file's name is not `<version>_<name>.sql`. */
export async function readMigrations(workdir: string): Promise<readonly Migration[]> {
  const folder = join(workdir, "supabase", "migrations");
  const files = (await readdir(folder)).toSorted();
  if (files.length === 0) throw new Error(`${folder} holds no migration`);
  return Promise.all(files.map(async (file) => {
    const [, version, name] = /^(\d{14})_(\w+)\.sql$/.exec(file) ?? [];
    if (version === undefined || name === undefined) {
      throw new Error(`${join(folder, file)} is not named <version>_<name>.sql`);
    }
    // As released: Git for Windows ends lines otherwise (core.autocrlf), by which an applied file would look changed.
    const sql = (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n");
    return { version, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
  }));
}

/**
 * Whether a file makes an index without a lock on its table, which Postgres allows outside of a transaction alone: such a file
 * holds that one statement, and may be run again (`create index concurrently if not exists`).
 */
export const isConcurrent = ({ sql }: Migration): boolean =>
  /^\s*(create|drop)\s+(unique\s+)?index\s+concurrently\b/im.test(sql);
