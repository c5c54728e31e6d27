import type { Client } from "pg";
import type { Place } from "./rows.ts";

/** How far one account has been brought in line. */
export interface Position {
  /** The name of the list that comes next, or `done`; undefined at the very beginning. */
  readonly stage: string | undefined;
  /** The last thing of it. */
  readonly after: string | undefined;
  /** How much was found up to there and is not in line. */
  readonly left: number;
}

const key = ({ account, livemode, organizationId }: Place) => [
  organizationId ?? "",
  account ?? "",
  livemode,
];

/** Keeps, from one run to the next, how far a backfill since some time has come. */
export function cursors(client: Client, since: number) {
  return {
    /** Where a run that was asked for the same was stopped. What it saw more than a day ago may have changed: that begins anew. */
    async read(place: Place): Promise<Position> {
      const { rows: [row] } = await client.query<
        { stage: string; after: string | null; left: number }
      >(
        `select c.stage, c.after_id as after, c.left_count as "left" from billing_private.backfill_cursors c
         where c.scope = $1 and c.stripe_account_id = $2 and c.livemode = $3 and c.since = to_timestamp($4)
           and c.updated_at > clock_timestamp() - interval '1 day'`,
        [...key(place), since],
      );
      return { stage: row?.stage, after: row?.after ?? undefined, left: row?.left ?? 0 };
    },

    async keep(place: Place, { stage, after, left }: Position): Promise<void> {
      await client.query(
        `insert into billing_private.backfill_cursors (scope, stripe_account_id, livemode, since, stage, after_id, left_count)
         values ($1, $2, $3, to_timestamp($4), $5, $6, $7)
         on conflict on constraint backfill_cursors_pkey do update
         set since = excluded.since, stage = excluded.stage, after_id = excluded.after_id,
           left_count = excluded.left_count`,
        [...key(place), since, stage, after ?? null, left],
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
