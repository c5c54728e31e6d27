import { type Auth, startAuth } from "./auth/index.ts";
import { type Boot, settled } from "./boot.ts";
import { type StackKeys, verifyingKeys } from "./keys.ts";
import type { Logs } from "./logs.ts";
import { migrated } from "./migrate.ts";
import { type Postgres, startPostgres } from "./postgres/index.ts";
import { type Postgrest, startPostgrest } from "./postgrest.ts";
import type { RunFolder } from "./process/run-folder.ts";
import { type Realtime, startRealtime } from "./realtime/index.ts";

export interface DatabaseSide {
  readonly postgres: Postgres;
  readonly postgrest: Postgrest;
  readonly realtime: Realtime;
  readonly auth: Auth;
}

/** The migrated and seeded database, and the two servers that are views of it. */
export async function openDatabaseSide(boot: Boot, options: {
  readonly folder: RunFolder;
  readonly workdir: string;
  readonly keys: StackKeys;
  readonly logs: Logs;
  readonly port: number | undefined;
  readonly apiUrl: string;
}): Promise<DatabaseSide> {
  const { folder, keys, logs, port } = options;
  const postgres = await boot.open("PostgreSQL", async () =>
    startPostgres({
      folder,
      contents: await migrated(options.workdir),
      ...(port === undefined ? {} : { port }),
      onLine: (line) => logs.add("postgres", line),
    }), (it) => it.stop());
  const [postgrest, realtime] = await settled(
    boot.open("PostgREST", () =>
      startPostgrest({
        folder,
        databaseUrl: postgres.authenticatorUrl,
        keys: verifyingKeys(keys),
        onLine: (line) => logs.add("postgrest", line),
      }), (it) => it.stop()),
    boot.open("Realtime", () =>
      startRealtime({
        databaseUrl: postgres.superuserUrl,
        keys: verifyingKeys(keys),
        // A client sends its key again with every join, out of the gateway's sight.
        apiKeys: {
          [keys.publishableKey]: keys.roleTokens.anon,
          [keys.secretKey]: keys.roleTokens.service_role,
        },
      }), (it) => it.close()),
  );
  const auth = await boot.open("Auth", () =>
    startAuth({
      databaseUrl: postgres.superuserUrl,
      keys: keys.users,
      issuer: `${options.apiUrl}/auth/v1`,
      onLine: (line) => logs.add("auth", line),
    }), (it) => it.close());
  return { postgres, postgrest, realtime, auth };
}
