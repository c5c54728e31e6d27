import type { Shop } from "../../support/shop.ts";

/**
 * One number for the content of each table, and for what was sent to browsers. Not for the counters of the rate limits: to
 * count a call is not to let it in.
 */
export async function openTables(shop: Pick<Shop, "query">) {
  const names = await shop.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relkind = 'r' and c.relname not like 'rate_%' and (c.relnamespace = 'billing'::regnamespace
       or c.oid in (select inhrelid from pg_inherits where inhparent = 'realtime.messages'::regclass))
     order by 1`,
  );
  const sums = names.map(({ name }) =>
    `select '${name}' as name, count(*) as rows, coalesce(sum(hashtextextended(t::text, 0)), 0) as sum
     from only ${name} t`
  ).join(" union all ");
  return {
    state: () => shop.query<{ name: string; rows: string; sum: string }>(sums),

    /** Takes away the events that only these tests could sign, lest reconcile meet them. */
    sweep: (prefix: string) =>
      shop.query(
        `delete from billing.webhook_events
         where starts_with(stripe_event_id, $1) or not starts_with(stripe_event_id, 'evt_')`,
        [prefix],
      ),
  };
}
