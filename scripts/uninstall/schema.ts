import type { Client } from "pg";
import type { Migration } from "../deploy/migrations.ts";
import { tables } from "./export.ts";
import { owed, spoken } from "./owed.ts";

/**
 * Takes our schemas and all in them out, with the policy that calls them and our lines in the CLI's history; all or nothing.
 *
 * @throws where a call that was under way since the last look has left something owed
 */
export async function dropSchemas(
  database: Client,
  migrations: readonly Migration[],
): Promise<void> {
  await database.query("begin");
  try {
    await database.query("set local lock_timeout = '30s'");
    if ((await tables(database)).length > 0) {
      await database.query("lock table billing.checkout_sessions, billing.payment_intents");
    }
    const left = spoken(await owed(database));
    if (left !== undefined) throw new Error(left);
    await database.query("drop policy if exists checkout_session_listeners on realtime.messages");
    await database.query("drop schema if exists billing, billing_private cascade");
    const { rows: [history] } = await database.query<{ there: boolean }>(
      "select to_regclass('supabase_migrations.schema_migrations') is not null as there",
    );
    if (history?.there === true) {
      await database.query(
        `delete from supabase_migrations.schema_migrations m
          using unnest($1::text[], $2::text[]) as ours (version, name)
          where m.version = ours.version and m.name = ours.name`,
        [migrations.map(({ version }) => version), migrations.map(({ name }) => name)],
      );
    }
    await database.query("commit");
  } catch (error) {
    await database.query("rollback");
    throw error;
  }
}
