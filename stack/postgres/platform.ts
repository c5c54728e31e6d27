import { readFile } from "node:fs/promises";
import { withClient } from "./with-client.ts";

/** In this order: the later files use the roles of the first. */
const FILES = ["roles.sql", "realtime.sql", "auth.sql"];

/**
 * What a Supabase project has before its first migration: roles, schemas, extensions, default privileges, the objects of Realtime
 * and Auth.
 */
export const platformSql = (): Promise<readonly string[]> =>
  Promise.all(
    FILES.map((file) => readFile(new URL(`../platform/${file}`, import.meta.url), "utf8")),
  );

/** Gives an empty database what `platformSql` has. */
export const applyPlatform = (superuserUrl: string): Promise<void> =>
  withClient(superuserUrl, async (client) => {
    for (const sql of await platformSql()) await client.query(sql);
  });

/** @param passwords of the roles that log in, by role */
export const setPasswords = (
  superuserUrl: string,
  passwords: Readonly<Record<string, string>>,
): Promise<void> =>
  withClient(superuserUrl, async (client) => {
    for (const [role, password] of Object.entries(passwords)) {
      const name = client.escapeIdentifier(role);
      await client.query(`alter role ${name} password ${client.escapeLiteral(password)}`);
    }
  });
