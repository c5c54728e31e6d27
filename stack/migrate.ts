import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { supabaseCli } from "../scripts/supabase/cli.ts";
import type { Contents } from "./postgres/template.ts";
import { withClient } from "./postgres/with-client.ts";

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

/** A migrated and seeded database: what `migrate` makes of an empty one. */
export async function migrated(workdir = projectFolder): Promise<Contents> {
  const { resolve } = createRequire(import.meta.url);
  const digest = createHash("sha256").update(
    await readFile(resolve("supabase/package.json"), "utf8"),
  );
  const supabase = join(workdir, "supabase");
  const files = (await readdir(join(supabase, "migrations"))).toSorted();
  for (
    const path of [...files.map((file) => join("migrations", file)), "seed.sql", "config.toml"]
  ) {
    digest.update(JSON.stringify([path, await readFile(join(supabase, path), "utf8")]));
  }
  return {
    digest: digest.digest("hex"),
    fill: (databaseUrl) => migrate(databaseUrl, workdir),
  };
}

/** Applies the migrations that the database does not have yet, with the real CLI. */
export async function applyMigrations(databaseUrl: string, workdir = projectFolder): Promise<void> {
  await supabaseCli(workdir, ["migration", "up", "--yes", `--remote=${databaseUrl}`]);
}

/** Applies `supabase/seed.sql`, all of it or nothing. */
export async function applySeed(databaseUrl: string, workdir = projectFolder): Promise<void> {
  const seed = await readFile(join(workdir, "supabase", "seed.sql"), "utf8");
  // One query of several statements is one transaction.
  await withClient(databaseUrl, (client) => client.query(seed));
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
