import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { supabaseCli } from "../scripts/supabase-cli.ts";

/** The checkout: the folder that holds `supabase/`. */
export const projectFolder: string = fileURLToPath(new URL("..", import.meta.url));

/**
 * Applies the project's migrations as `supabase db push` would on a hosted project, then the seed.
 *
 * @param databaseUrl as the role `postgres`
 * @param workdir the folder that holds `supabase/`
 */
export async function migrate(databaseUrl: string, workdir = projectFolder): Promise<void> {
  await applyMigrations(databaseUrl, workdir);
  await applySeed(databaseUrl, workdir);
}

/** Applies the migrations that the database does not have yet, with the real CLI. */
export async function applyMigrations(databaseUrl: string, workdir = projectFolder): Promise<void> {
  await supabaseCli(workdir, ["migration", "up", "--yes", `--remote=${databaseUrl}`]);
}

/** Applies `supabase/seed.sql`, all of it or nothing. */
export async function applySeed(databaseUrl: string, workdir = projectFolder): Promise<void> {
  const seed = await readFile(join(workdir, "supabase", "seed.sql"), "utf8");
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // One query of several statements is one transaction.
    await client.query(seed);
  } finally {
    await client.end();
  }
}

/** The TypeScript description of the migrated database, as the CLI generates it. */
export function generateTypes(databaseUrl: string, workdir = projectFolder): Promise<string> {
  return supabaseCli(workdir, [
    "gen",
    "types",
    "typescript",
    "--schema",
    "billing",
    `--remote=${databaseUrl}`,
  ]);
}

/**
 * Asks Supabase's advisors (security and performance) about the migrated database.
 *
 * @returns what they say
 * @throws with their findings when one is a warning or worse
 */
export function adviseOn(databaseUrl: string, workdir = projectFolder): Promise<string> {
  const url = new URL(databaseUrl);
  // Which schemas are served, as the platform says it to a project's database; without it they look at `public` alone.
  url.searchParams.set("options", "-c pgrst.db_schemas=public,billing");
  return supabaseCli(workdir, [
    "db",
    "advisors",
    `--remote=${url.href.replaceAll("+", "%20")}`,
    "--level",
    "warn",
    "--fail-on",
    "warn",
  ]);
}
