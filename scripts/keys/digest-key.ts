import { createHmac } from "node:crypto";
import type { Client } from "pg";
import { UsageError } from "../operator.ts";

/**
 * CHECKOUT_DIGEST_KEY as the functions read it (shared/runtime/environment.ts). From the environment only: arguments are seen by every
 * user of the machine. The value is in no message.
 */
export function digestKeyOf(env: Readonly<Record<string, string | undefined>>): Uint8Array {
  const text = env["CHECKOUT_DIGEST_KEY"]?.trim();
  if (text === undefined || text === "") {
    throw new UsageError("CHECKOUT_DIGEST_KEY is not set in the environment");
  }
  const bytes = Buffer.from(text, "base64url");
  // Buffer passes over what is not base64url, and a key cut short would make digests that no function knows.
  if (bytes.length < 32 || bytes.toString("base64url") !== text.replace(/={1,2}$/, "")) {
    throw new UsageError("CHECKOUT_DIGEST_KEY is not base64url of at least 32 bytes");
  }
  return bytes;
}

/**
 * What shared/runtime/digest.ts makes of nothing for the purpose `digest_key_check`: two keys are the same where this is. Its
 * base64url of Deno std wants a newer runtime than Node 20.
 */
export const digestKeyCheck = (digestKey: Uint8Array): string =>
  createHmac("sha256", digestKey).update("digest_key_check\n").digest("base64url");

/** The check value that was written with the first organization key; undefined where none was made yet. */
export async function storedDigestKeyCheck(client: Client): Promise<string | undefined> {
  const { rows: [row] } = await client.query<{ value: string }>(
    "select value from billing_private.digest_key_check",
  );
  return row?.value;
}
