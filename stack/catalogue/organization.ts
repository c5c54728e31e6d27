import { createHmac, randomBytes } from "node:crypto";
import type { Client } from "pg";

/** The organization of supabase/seed.sql, ready to be called. */
export interface DemoOrganization {
  readonly organizationId: string;
  /** `sk_test_…`, new for every start. */
  readonly organizationKey: string;
  /** Price ids by the names that the seed gives them: monthly, yearly, trial, free, eur, jpy. */
  readonly prices: Readonly<Record<string, string>>;
}

/** Makes a secret key for the organization whose prices the seed has named. */
export async function openDemoOrganization(
  client: Client,
  digestKey: Uint8Array<ArrayBuffer>,
): Promise<DemoOrganization> {
  const { rows } = await client.query<{ organization_id: string; id: string; name: string }>(
    `select product.organization_id, price.id, price.metadata ->> 'demo' as name
       from public.product_prices price
       join public.products product on product.id = price.product_id
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

/** Makes a secret key and keeps what the table may know of it: its first letters and its digest. */
export async function createOrganizationKey(
  client: Client,
  organizationId: string,
  digestKey: Uint8Array<ArrayBuffer>,
): Promise<string> {
  // The digest of shared/digest.ts, whose base64url of Deno std wants a newer runtime than Node 20.
  const digest = (value: string) =>
    createHmac("sha256", digestKey).update(`api_key\n${value}`).digest("base64url");
  const key = `sk_test_${randomBytes(24).toString("hex")}`;
  await client.query(
    `insert into public.api_keys (organization_id, name, prefix, digest) values ($1, $2, $3, $4)`,
    [
      organizationId,
      "local stack",
      key.slice(0, 12),
      digest(key),
    ],
  );
  return key;
}
