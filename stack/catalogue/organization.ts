import type { Client } from "pg";
import { createOrganizationKey as createKey } from "../../scripts/keys/organization-key.ts";

/** The organization of supabase/seed.sql, ready to be called. */
export interface DemoOrganization {
  readonly organizationId: string;
  /** `sk_test_…`, new for every start. */
  readonly organizationKey: string;
  /** Price ids by the names that the seed gives them: monthly, yearly, trial, free, eur, jpy, seats. */
  readonly prices: Readonly<Record<string, string>>;
}

/** Makes a secret key for the organization whose prices the seed has named. */
export async function openDemoOrganization(
  client: Client,
  digestKey: Uint8Array<ArrayBuffer>,
): Promise<DemoOrganization> {
  const { rows } = await client.query<{ organization_id: string; id: string; name: string }>(
    `select product.organization_id, price.id, price.metadata ->> 'demo' as name
       from billing.product_prices price
       join billing.products product on product.id = price.product_id
      where price.metadata ? 'demo'
      order by price.id`,
  );
  const organizationId = rows[0]?.organization_id;
  if (organizationId === undefined) throw new Error("supabase/seed.sql names no demo prices");
  const organizationKey = await createOrganizationKey(client, organizationId, digestKey);
  return {
    organizationId,
    organizationKey,
    prices: Object.fromEntries(rows.map(({ name, id }) => [name, id])),
  };
}

/** A test key as an operator makes it. */
export async function createOrganizationKey(
  client: Client,
  organizationId: string,
  digestKey: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const wanted = { organizationId, name: "local stack", livemode: false };
  const made = await createKey(client, digestKey, wanted);
  if (made === undefined) throw new Error(`no organization ${organizationId} in test mode`);
  return made.key;
}
