import { encodeBase64Url } from "deno-std/encoding/base64url.js";

/** Keeps a digest of one kind from standing for another. */
export type DigestPurpose =
  | "api_key"
  | "client_secret"
  | "create_request"
  | "client_address"
  | "digest_key_check";

export type Digest = (purpose: DigestPurpose, value: string) => Promise<string>;

/**
 * HMAC-SHA-256 under the deployment's key, as base64url. A copy of the database alone neither reveals a secret nor lets
 * one be tried against it.
 */
export function createDigest(key: Uint8Array<ArrayBuffer>): Digest {
  const imported = crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return async (purpose, value) => {
    const bytes = new TextEncoder().encode(`${purpose}\n${value}`);
    return encodeBase64Url(await crypto.subtle.sign("HMAC", await imported, bytes));
  };
}
