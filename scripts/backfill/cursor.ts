import type { Client } from "pg";
import type { Place } from "./rows.ts";

/** How far one account has been brought in line. */
export interface Position {
  /** The name of the list that comes next, or `done`; undefined at the very beginning. */
  readonly stage: string | undefined;
  /** The last thing of it. */
  readonly after: string | undefined;
}

const key = ({ account, livemode, organizationId }: Place) => [
  organizationId ?? "",
  account ?? "",
  livemode,
];

/** Keeps, from one run to the next, how far a backfill since some time has come. */
export function cursors(client: Client, since: number) {
  return {
    /** Where a run that was asked for the same was stopped. */
    async read(place: Place): Promise<Position> {
      const { rows: [row] } = await client.query<{ stage: string; after: string | null }>(
        `select c.stage, c.after_id as after from billing_private.backfill_cursors c
         where c.scope = $1 and c.stripe_account_id = $2 and c.livemode = $3 and c.since = to_timestamp($4)`,
        [...key(place), since],
      );
      return { stage: row?.stage, after: row?.after ?? undefined };
    },

    async keep(place: Place, { stage, after }: Position): Promise<void> {
      await client.query(
        `insert into billing_private.backfill_cursors (scope, stripe_account_id, livemode, since, stage, after_id)
         values ($1, $2, $3, to_timestamp($4), $5, $6)
         on conflict on constraint backfill_cursors_pkey do update
         set since = excluded.since, stage = excluded.stage, after_id = excluded.after_id`,
        [...key(place), since, stage, after ?? null],
      );
    },

    /** The run has come to its end: the next one begins anew. */
    async forget(places: readonly Place[]): Promise<void> {
      for (const place of places) {
        await client.query(
          `delete from billing_private.backfill_cursors c
           where c.scope = $1 and c.stripe_account_id = $2 and c.livemode = $3`,
          key(place),
        );
      }
    },
  };
}

export type Cursors = ReturnType<typeof cursors>;
