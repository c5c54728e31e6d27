import { timingSafeEqual } from "deno-std/crypto/timing_safe_equal.js";
import type { Operation } from "../contract/session-token.ts";
import { CheckoutError } from "../runtime/errors.ts";
import { bearer } from "../http/bearer.ts";
import type { SessionToken, SessionTokens } from "./session-token.ts";

/**
 * The session token of a request, for one operation; in one mode where the caller has one. Throws `session_token_invalid`,
 * `operation_not_allowed`.
 */
export async function sessionTokenOf(
  request: Request,
  tokens: SessionTokens,
  { operation, livemode }: { readonly operation: Operation; readonly livemode?: boolean },
): Promise<SessionToken> {
  const token = await tokens.verify(bearer(request) ?? "");
  if (livemode !== undefined && token.livemode !== livemode) {
    throw new CheckoutError("session_token_invalid");
  }
  if (!token.allowedOperations.includes(operation)) {
    throw new CheckoutError("operation_not_allowed");
  }
  return token;
}

/** An organization's secret key as a request shows it; throws `api_key_invalid` on what cannot be one. */
export function organizationKeyOf(
  request: Request,
): { readonly key: string; readonly livemode: boolean } {
  const key = bearer(request) ?? "";
  const match = /^sk_(test|live)_[A-Za-z0-9]{32,128}$/.exec(key);
  if (match === null) throw new CheckoutError("api_key_invalid");
  return { key, livemode: match[1] === "live" };
}

/**
 * Throws `secret_key_invalid` unless the request shows the project's secret key, as bearer or as `apikey`: a right one counts
 * beside a wrong other, since supabase-js sends its key as `apikey` and a user's token as bearer
 * (@supabase/supabase-js, src/lib/fetch.ts).
 */
export async function projectKeyOf(request: Request, secretKey: string): Promise<void> {
  // Digests are of one length, so that the time tells nothing of the key.
  const [expected, ...given] = await Promise.all(
    [secretKey, bearer(request) ?? "", request.headers.get("apikey") ?? ""].map(sha256),
  );
  const right = given.map((each) => expected !== undefined && timingSafeEqual(each, expected));
  if (!right.includes(true)) throw new CheckoutError("secret_key_invalid");
}

const sha256 = (text: string) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
