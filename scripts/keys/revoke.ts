import type { Client } from "pg";
import { isRowId, UsageError } from "../operator.ts";

export interface RevokedKey {
  readonly id: string;
  readonly prefix: string;
  readonly revokedAt: Date;
  /** Session tokens that it made and that still open something. */
  readonly tokensAlive: number;
}

/**
 * Takes a key back from this moment on; one that was taken back before keeps its date. `withTokens` also ends the
 * session tokens that it made: whoever stole the key may have made them.
 */
export async function revokeKey(
  client: Client,
  nameOfKey: string,
  withTokens: boolean,
): Promise<RevokedKey> {
  const id = await onlyKey(client, nameOfKey);
  const { rows: [row] } = await client.query<{ prefix: string; revoked_at: Date }>(
    `update billing.api_keys set revoked_at = coalesce(revoked_at, clock_timestamp())
     where id = $1 returning prefix, revoked_at`,
    [id],
  );
  if (row === undefined) throw new UsageError("the key was deleted meanwhile");
  // After the key's own commit, so that it makes none while these are counted.
  if (withTokens) {
    await client.query(
      `update billing.session_tokens set revoked_at = clock_timestamp()
       where api_key_id = $1 and revoked_at is null`,
      [id],
    );
  }
  const { rows: [left] } = await client.query<{ alive: number }>(
    `select count(*)::integer as alive from billing.session_tokens
     where api_key_id = $1 and revoked_at is null and expires_at > clock_timestamp()`,
    [id],
  );
  return { id, prefix: row.prefix, revokedAt: row.revoked_at, tokensAlive: left?.alive ?? 0 };
}

/** The key of an id or a prefix; throws `UsageError` where there is none or more than one. */
async function onlyKey(client: Client, nameOfKey: string): Promise<string> {
  const byId = isRowId(nameOfKey);
  if (!byId && !/^sk_(test|live)_[A-Za-z0-9]{4}$/.test(nameOfKey)) {
    // It may be a whole key: not repeated here.
    throw new UsageError("a key is named by its id or by its first 12 characters, no more");
  }
  const { rows } = await client.query<{ id: string }>(
    `select id from billing.api_keys where ${byId ? "id" : "prefix"} = $1 order by created_at`,
    [nameOfKey],
  );
  const [first, ...others] = rows;
  if (first === undefined) throw new UsageError(`no key ${nameOfKey}`);
  if (others.length > 0) {
    const ids = rows.map(({ id }) => id).join(", ");
    throw new UsageError(`${rows.length} keys begin with ${nameOfKey}; name one by its id: ${ids}`);
  }
  return first.id;
}
