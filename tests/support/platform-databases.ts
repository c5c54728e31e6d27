import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { type Postgres, startPostgres } from "../../stack/postgres/index.ts";
import { withClient } from "../../stack/postgres/with-client.ts";
import { databaseUrl } from "./database-url.ts";

/** A server whose databases look like a Supabase project before its first migration, each its own. */
export interface PlatformDatabases {
  readonly postgres: Postgres;
  /** @returns the new project's address, as its owner */
  create(): Promise<string>;
  /** On a connection that is closed afterwards. */
  on<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
}

export async function startPlatformDatabases(): Promise<PlatformDatabases> {
  const postgres = await startPostgres();
  return {
    postgres,
    on: withClient,
    async create() {
      const name = `project_${randomBytes(6).toString("hex")}`;
      // From template1, because a database that somebody is connected to cannot be copied.
      await withClient(
        databaseUrl(postgres.superuserUrl, "template1"),
        (client) => client.query(`create database ${name} template postgres owner postgres`),
      );
      return databaseUrl(postgres.databaseUrl, name);
    },
    stop: () => postgres.stop(),
  };
}
