import { readFile } from "node:fs/promises";
import { Client } from "pg";

/** In this order: the later files use the roles of the first. */
const FILES = ["roles.sql", "realtime.sql"];

/**
 * Gives an empty database what a Supabase project has before its first migration: roles, schemas,
 * extensions, default privileges, the objects of Realtime.
 *
 * @param passwords of the roles that log in, by role
 */
export async function applyPlatform(
  superuserUrl: string,
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    for (const file of FILES) {
      await client.query(await readFile(new URL(`../platform/${file}`, import.meta.url), "utf8"));
    }
    for (const [role, password] of Object.entries(passwords)) {
      const name = client.escapeIdentifier(role);
      await client.query(`alter role ${name} password ${client.escapeLiteral(password)}`);
    }
  } finally {
    await client.end();
  }
}
