import type { Figure } from "../figure.ts";
import { sharedRun } from "../market/shared-run.ts";

const CHECKOUTS = 20;
/**
 * Milliseconds after which connections at rest have told what they counted: PGSTAT_IDLE_INTERVAL, ten seconds, and some.
 * https://github.com/postgres/postgres/blob/REL_17_STABLE/src/backend/utils/activity/pgstat.c
 */
const UNTIL_TOLD = 12_000;

/** What a whole checkout leaves behind, with all that Stripe tells of it. */
export const footprint: Figure = {
  name: "footprint",
  title: "What a whole checkout writes",
  unit: "bytes",
  yardstick: "none: counted, the mean of 20 checkouts",
  rounds: 1,
  async open(ground) {
    const { shop, database } = await ground.market();
    const count = ground.brief ? 2 : CHECKOUTS;
    const counters = async () => {
      await new Promise((resolve) => {
        setTimeout(resolve, ground.brief ? 100 : UNTIL_TOLD);
      });
      const { rows: [found] } = await database.query<
        Record<"wal" | "made" | "changed" | "hot", string>
      >(
        `select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as wal,
           sum(n_tup_ins) as made, sum(n_tup_upd) as changed, sum(n_tup_hot_upd) as hot
         from pg_stat_user_tables where schemaname in ('billing', 'realtime')`,
      );
      if (found === undefined) throw new Error("Postgres counts nothing");
      return {
        wal: Number(found.wal),
        made: Number(found.made),
        changed: Number(found.changed),
        hot: Number(found.hot),
      };
    };
    const messages = async () =>
      Number(
        (await database.query<{ count: string }>("select count(*) from realtime.messages")).rows[0]
          ?.count,
      );
    /** How much of everything one of several leaves. */
    const left = async (act: () => Promise<unknown>) => {
      const before = { ...await counters(), messages: await messages() };
      for (let done = 0; done < count; done += 1) {
        await act();
        await shop.idle();
      }
      const after = { ...await counters(), messages: await messages() };
      return {
        wal: (after.wal - before.wal) / count,
        made: (after.made - before.made) / count,
        changed: (after.changed - before.changed) / count,
        hot: (after.hot - before.hot) / count,
        messages: (after.messages - before.messages) / count,
      };
    };
    const row = sharedRun(() => left(async () => shop.pay(await shop.create())));
    return {
      rows: [
        {
          name: "write-ahead log of a create alone",
          measure: async () => (await left(() => shop.create())).wal,
        },
        { name: "write-ahead log of the whole", measure: row("wal", ({ wal }) => wal) },
        { name: "rows made", unit: "rows", measure: row("made", ({ made }) => made) },
        {
          name: "row versions written by updates",
          unit: "rows",
          measure: row("changed", ({ changed }) => changed),
        },
        {
          name: "of these without an index (HOT)",
          unit: "rows",
          measure: row("hot", ({ hot }) => hot),
        },
        {
          name: "Realtime messages",
          unit: "messages",
          measure: row("messages", ({ messages: sent }) => sent),
        },
      ],
    };
  },
};
