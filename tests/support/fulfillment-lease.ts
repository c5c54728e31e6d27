/**
 * Has a run that fulfills be waited for that long, an interval of Postgres. To be called before anything is fulfilled: a connection keeps
 * what it has seen.
 *
 * The default lets whoever takes over from a run that died, or works beside one that is slow, be seen at each place, and soon.
 */
export async function setFulfillmentLease(
  query: (sql: string) => Promise<unknown>,
  lease = "100 milliseconds",
): Promise<void> {
  await query(`
    create or replace function billing_private.fulfillment_lease() returns interval
      language plpgsql immutable parallel safe
      set search_path = ''
    as $$ begin return interval '${lease}'; end $$`);
}
