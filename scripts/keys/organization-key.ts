import { createHmac, randomBytes } from "node:crypto";
import type { Client } from "pg";
import { UsageError } from "../operator.ts";
import { digestKeyCheck } from "./digest-key.ts";

export interface NewKey {
  readonly organizationId: string;
  /** For people to tell keys apart. */
  readonly name: string;
  readonly livemode: boolean;
  /** The digest key was replaced on purpose: keys that were made with the old one open nothing any more. */
  readonly hasNewDigestKey?: boolean;
}

export interface CreatedKey {
  readonly id: string;
  readonly prefix: string;
  /** `sk_test_…` or `sk_live_…`: kept nowhere, so this is the one time that it is known. */
  readonly key: string;
}

/**
 * Makes an organization's secret key and keeps what the table may know of it: its first twelve characters and its
 * digest, which is that of shared/runtime/digest.ts. Undefined where there is no such organization in this mode.
 *
 * @throws UsageError with another digest key than that of the keys before: no function would know this one
 */
export async function createOrganizationKey(
  client: Client,
  digestKey: Uint8Array,
  { organizationId, name, livemode, hasNewDigestKey = false }: NewKey,
): Promise<CreatedKey | undefined> {
  const key = `sk_${livemode ? "live" : "test"}_${randomBytes(24).toString("hex")}`;
  const prefix = key.slice(0, 12);
  const digest = createHmac("sha256", digestKey).update(`api_key\n${key}`).digest("base64url");
  // In one statement with the look at the mode, for a test key never opens live rows; and with the look at the check value, which
  // the update that changes nothing locks, so that of two first keys with different digest keys one is refused.
  const { rows: [row] } = await client.query<{ id: string | null; known: boolean | null }>(
    `with organization as (
       select o.id from billing.organizations o where o.id = $1 and o.livemode = $2
     ), checked as (
       insert into billing_private.digest_key_check as c (value) select $6 from organization
       on conflict on constraint digest_key_check_pkey do update
       set value = case when $7 then excluded.value else c.value end
       returning c.value = $6 as known
     ), made as (
       insert into billing.api_keys (organization_id, name, prefix, digest)
       select o.id, $3, $4, $5 from organization o, checked where checked.known
       returning id
     )
     select (select made.id from made) as id, (select checked.known from checked) as known`,
    [
      organizationId,
      livemode,
      name,
      prefix,
      digest,
      digestKeyCheck(digestKey),
      hasNewDigestKey,
    ],
  );
  if (row?.known === false) {
    throw new UsageError(
      "CHECKOUT_DIGEST_KEY is not the key that this project's organization keys were made with: set the one that the functions " +
        "have, or pass --new-digest-key if it was replaced there on purpose",
    );
  }
  const id = row?.id ?? undefined;
  return id === undefined ? undefined : { id, prefix, key };
}
