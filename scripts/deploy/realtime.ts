import type { Client } from "pg";
import type { Migration } from "./migrations.ts";

/**
 * The policy by which a browser may listen, as the migrations make it. `realtime.messages` is the platform's table; the same
 * statement that it refuses to a connection it allows the SQL editor (https://github.com/supabase/cli/issues/6116).
 */
export function listenersPolicy(migrations: readonly Migration[]): string {
  const statement = /create policy checkout_session_listeners[^;]*;/;
  for (const { sql } of migrations) {
    const [found] = statement.exec(sql) ?? [];
    if (found !== undefined) return found.replaceAll(/\n {2}/g, "\n");
  }
  throw new Error("no migration makes the policy checkout_session_listeners");
}

export async function browsersMayListen(client: Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_policies
      where schemaname = 'realtime' and tablename = 'messages' and policyname = 'checkout_session_listeners'`,
  );
  return rowCount === 1;
}

/**
 * Makes the policy where the migrations were refused it.
 *
 * @throws where it is refused again, with what to run in the project's SQL editor
 */
export async function letBrowsersListen(
  client: Client,
  policy: string,
  ref: string,
): Promise<void> {
  try {
    await client.query(policy);
  } catch (error) {
    // https://www.postgresql.org/docs/current/errcodes-appendix.html: insufficient_privilege.
    if (!(error instanceof Error && "code" in error && error.code === "42501")) throw error;
    throw new Error(
      `the platform refuses this policy to a connection (${error.message}); run it in the SQL editor, ` +
        `https://supabase.com/dashboard/project/${ref}/sql/new, and then this command again:\n\n${policy}\n`,
      { cause: error },
    );
  }
}
