import type { Client } from "pg";
import { createOrganizationKey } from "../scripts/keys/organization-key.ts";

/** The organization of the demo catalogue, ready to be called. */
export interface DemoOrganization {
  readonly organizationId: string;
  /** `sk_test_…`, new for every start. */
  readonly organizationKey: string;
  /** Price ids by names that say what is particular about each: monthly, yearly, trial, free, eur, jpy, seats. */
  readonly prices: Readonly<Record<string, string>>;
}

/** What a tester looks for, by the catalogue's key of the price that has it. */
const names = new Map(Object.entries({
  "free": "free",
  "pro-monthly": "monthly",
  "pro-yearly": "yearly",
  "pro-monthly-eur": "eur",
  "pro-monthly-jpy": "jpy",
  "scale-monthly": "trial",
  "team-seats": "seats",
}));

/** Makes a secret key for the organization whose catalogue was pushed. */
export async function openDemoOrganization(
  client: Client,
  key: string,
  digestKey: Uint8Array<ArrayBuffer>,
): Promise<DemoOrganization> {
  const { rows } = await client.query<{ organization_id: string; id: string; key: string }>(
    `select price.organization_id, price.id, price.key
       from billing.product_prices price
       join billing.organizations organization on organization.id = price.organization_id
      where organization.key = $1 and price.active
      order by price.id`,
    [key],
  );
  const organizationId = rows[0]?.organization_id;
  if (organizationId === undefined) throw new Error("the demo catalogue sells nothing");
  const organizationKey = await newTestKey(client, organizationId, digestKey);
  return {
    organizationId,
    organizationKey,
    prices: Object.fromEntries(rows.map((row) => [names.get(row.key) ?? row.key, row.id])),
  };
}

/** A secret key in test mode, made as an operator makes one. */
export async function newTestKey(
  client: Client,
  organizationId: string,
  digestKey: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const wanted = { organizationId, name: "local stack", livemode: false };
  const made = await createOrganizationKey(client, digestKey, wanted);
  if (made === undefined) throw new Error(`no organization ${organizationId} in test mode`);
  return made.key;
}
