import type { Shop } from "./shop.ts";

/**
 * Meanwhile the commit of a session's success is in the log, and not to be seen: it waits for a replica that does not exist.
 * https://www.postgresql.org/docs/17/warm-standby.html#SYNCHRONOUS-REPLICATION
 */
export async function whileInvisible<Result>(
  { query }: Pick<Shop, "query">,
  session: { readonly id: string },
  act: () => Promise<Result>,
): Promise<Result> {
  const alterSystem = async (...changes: readonly string[]) => {
    for (const change of changes) await query(`alter system ${change}`);
    await query("select pg_reload_conf()");
  };
  await query(`
    create function public.wait_for_replica() returns trigger language plpgsql as $$
    begin
      perform set_config('synchronous_commit', 'on', true);
      return null;
    end $$`);
  await query(`
    create trigger wait_for_replica after update on billing.checkout_sessions for each row
    when (new.id = '${session.id}' and new.status = 'succeeded') execute function public.wait_for_replica()`);
  try {
    await alterSystem(
      "set synchronous_standby_names = 'nobody'",
      "set synchronous_commit = 'local'",
    );
    return await act();
  } finally {
    await alterSystem("reset synchronous_standby_names", "reset synchronous_commit");
    await query("drop function public.wait_for_replica cascade");
  }
}
