import type { Client } from "pg";

/** Of this project, arbitrary. A session may take it more than once (https://www.postgresql.org/docs/current/explicit-locking.html). */
export const ADVISORY_LOCK = 20261101;

/**
 * Runs what changes a project while nobody else does: two at once would each make what the other does not know of, webhook
 * endpoints above all. The second is told, for what it was to do may be done by then.
 */
export async function whileAlone<Result>(
  database: Client,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows: [lock] } = await database.query<{ taken: boolean }>(
    "select pg_try_advisory_lock($1) as taken",
    [ADVISORY_LOCK],
  );
  if (lock?.taken !== true) {
    throw new Error(
      "another deploy or uninstall of this project is at work: wait until it has ended, and come again; nothing was done",
    );
  }
  try {
    return await work();
  } finally {
    // With a connection that was lost the lock went too.
    await database.query("select pg_advisory_unlock($1)", [ADVISORY_LOCK]).catch(() => undefined);
  }
}
