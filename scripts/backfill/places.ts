import type { Client } from "pg";
import { UsageError } from "../usage-error.ts";
import type { Place } from "./rows.ts";

/**
 * The Stripe accounts to look at: those on which organizations sell, and those that still bill a subscription of theirs.
 *
 * @throws UsageError where the organization is not there, or sells in the other mode than the key is for
 */
export async function placesOf(
  client: Client,
  livemode: boolean,
  organizationId: string | undefined,
): Promise<readonly Place[]> {
  if (organizationId !== undefined) await checkMode(client, livemode, organizationId);
  const { rows } = await client.query<{ account: string | null }>(
    `select account from (
       select o.stripe_account_id as account from billing.organizations o
       where o.livemode = $1 and ($2::uuid is null or o.id = $2)
       union
       select sub.stripe_account_id from billing.subscriptions sub
       where sub.livemode = $1 and ($2::uuid is null or sub.organization_id = $2)
     ) places order by account nulls first`,
    [livemode, organizationId ?? null],
  );
  return rows.map(({ account }) => ({ account, livemode, organizationId }));
}

/** @throws UsageError where a key of that mode is of no use for the organization */
export async function checkMode(client: Client, livemode: boolean, organizationId: string) {
  const { rows: [row] } = await client.query<{ livemode: boolean }>(
    "select o.livemode from billing.organizations o where o.id = $1",
    [organizationId],
  );
  if (row === undefined) {
    throw new UsageError(`--organization: there is no organization ${organizationId}`);
  }
  if (row.livemode === livemode) return;
  const [its, key] = livemode ? ["test", "live"] : ["live", "test"];
  throw new UsageError(
    `STRIPE_SECRET_KEY: is a key of ${key} mode, and the organization sells in ${its} mode`,
  );
}
