import { createHmac, randomBytes } from "node:crypto";
import type { Client } from "pg";

export interface NewKey {
  readonly organizationId: string;
  /** For people to tell keys apart. */
  readonly name: string;
  readonly livemode: boolean;
}

export interface CreatedKey {
  readonly id: string;
  readonly prefix: string;
  /** `sk_test_…` or `sk_live_…`: kept nowhere, so this is the one time that it is known. */
  readonly key: string;
}

/**
 * Makes an organization's secret key and keeps what the table may know of it: its first twelve characters and its
 * digest, which is that of shared/runtime/digest.ts (whose base64url of Deno std wants a newer runtime than Node 20).
 * Undefined where there is no such organization in this mode.
 */
export async function createOrganizationKey(
  client: Client,
  digestKey: Uint8Array,
  { organizationId, name, livemode }: NewKey,
): Promise<CreatedKey | undefined> {
  const key = `sk_${livemode ? "live" : "test"}_${randomBytes(24).toString("hex")}`;
  const prefix = key.slice(0, 12);
  const digest = createHmac("sha256", digestKey).update(`api_key\n${key}`).digest("base64url");
  // In one statement with the look at the mode: a test key never opens live rows.
  const { rows: [row] } = await client.query<{ id: string }>(
    `insert into billing.api_keys (organization_id, name, prefix, digest)
     select o.id, $3, $4, $5 from billing.organizations o where o.id = $1 and o.livemode = $2
     returning id`,
    [organizationId, livemode, name, prefix, digest],
  );
  return row && { id: row.id, prefix, key };
}
