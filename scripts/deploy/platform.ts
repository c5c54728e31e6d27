import type { Client } from "pg";
import { UsageError } from "../usage-error.ts";

/** The oldest release of Postgres that the schema is written for. */
const OLDEST_POSTGRES = 15;

/** Throws `UsageError` where the project's Postgres is older than the schema. */
export async function postgresIsNewEnough(database: Client): Promise<void> {
  const { rows: [row] } = await database.query<{ number: number; name: string }>(
    `select current_setting('server_version_num')::integer as number, current_setting('server_version') as name`,
  );
  if (row === undefined || row.number >= OLDEST_POSTGRES * 10_000) return;
  throw new UsageError(
    `the project's Postgres is ${row.name}, and this needs ${OLDEST_POSTGRES} or newer: ` +
      "upgrade it first, https://supabase.com/docs/guides/platform/upgrading",
  );
}

/**
 * Throws `UsageError` where the project's Realtime is so old that it has no `realtime.send`: without it no session changes its state.
 * The Realtime server makes what is missing when a client connects
 * (https://supabase.com/docs/guides/troubleshooting/realtime-warn-sending-broadcast-message).
 */
export async function realtimeIsNewEnough(database: Client, ref: string): Promise<void> {
  const { rows: [row] } = await database.query<{ there: boolean }>(
    `select to_regclass('realtime.messages') is not null
       and to_regprocedure('realtime.send(jsonb, text, text, boolean)') is not null as there`,
  );
  if (row?.there === true) return;
  throw new UsageError(
    "the project's Realtime has not made realtime.messages and realtime.send yet, which it does when a client connects: " +
      `join any channel at https://supabase.com/dashboard/project/${ref}/realtime/inspector, and come again`,
  );
}
