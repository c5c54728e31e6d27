import type { Connection } from "./connection.ts";
import { GROWING } from "./population.ts";

/** How a call found its rows in the tables that grow. */
export interface Scans {
  /** Rows read one after the other, without an index. */
  readonly sequential: number;
  /** Rows fetched by an index. */
  readonly fetched: number;
}

/** What work on this connection reads of the tables that grow; it is taken back. */
export async function scansOf(
  connection: Connection,
  work: () => Promise<unknown>,
): Promise<Scans> {
  const counters = async () => {
    const { sequential, fetched } = await connection.row<{ sequential: string; fetched: string }>(
      `select coalesce(sum(seq_tup_read), 0) as sequential, coalesce(sum(idx_tup_fetch), 0) as fetched
       from pg_stat_xact_user_tables where schemaname = 'billing' and relname = any ($1)`,
      [GROWING],
    );
    return { sequential: Number(sequential), fetched: Number(fetched) };
  };
  await connection.run("begin");
  try {
    const before = await counters();
    await work();
    const after = await counters();
    return {
      sequential: after.sequential - before.sequential,
      fetched: after.fetched - before.fetched,
    };
  } finally {
    await connection.run("rollback");
  }
}
