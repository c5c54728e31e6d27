import { encodeBase64Url } from "deno-std/encoding/base64url.js";

/**
 * Stripe's idempotency key of one write: what is done, for which of our objects, and a hash of the parameters. A retry
 * has the same key and is replayed; a write with other parameters has another and is not refused as a mismatch.
 */
export async function idempotencyKey(
  action: string,
  object: string,
  parameters: object,
): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(parameters));
  const hash = encodeBase64Url(await crypto.subtle.digest("SHA-256", bytes));
  return `${action}:${object}:${hash.slice(0, 22)}`;
}
