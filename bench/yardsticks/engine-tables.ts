import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Client } from "pg";

/**
 * Makes the tables of @supabase/stripe-sync-engine by its own migrations, in their order. Its `runMigrations` looks for them
 * beside `__dirname`, which a module that is imported does not have, and keeps that to itself (dist/index.js of 0.48.5).
 */
export async function makeEngineTables(client: Client): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  const folder = join(dirname(resolve("@supabase/stripe-sync-engine")), "migrations");
  await client.query("create schema stripe");
  for (const file of (await readdir(folder)).toSorted()) {
    await client.query(await readFile(join(folder, file), "utf8"));
  }
}
