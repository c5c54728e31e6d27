/**
 * Sets for how long a run that fulfills is waited for, an interval of Postgres. To be called before anything is fulfilled: the plans of a
 * connection keep the value that they were made with.
 *
 * The default is short, so that tests of crashes see another run take over after each call, or work beside one that is slow.
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
