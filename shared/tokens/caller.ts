import { timingSafeEqual } from "deno-std/crypto/timing_safe_equal.js";
import type { Operation } from "../contract/session-token.ts";
import type { SessionCaller } from "../domain/caller.ts";
import { CheckoutError } from "../runtime/errors.ts";
import { bearer } from "../http/bearer.ts";
import type { AccessTokens } from "./access-token.ts";
import type { SessionTokens } from "./session-token.ts";

/** What verifies the proofs that a customer can show. */
export interface CallerProofs {
  readonly sessions: Pick<SessionTokens, "verify">;
  readonly users: AccessTokens;
}

/**
 * Who calls, for one operation; in one mode where the function has one. A user's own token allows every operation, and its mode is that of
 * the organization that the database finds. Throws `session_token_invalid`, `operation_not_allowed`, `auth_unavailable`.
 */
export async function callerOf(
  request: Request,
  { sessions, users }: CallerProofs,
  { operation, livemode }: { readonly operation: Operation; readonly livemode?: boolean },
): Promise<SessionCaller> {
  const shown = bearer(request) ?? "";
  if (looksSigned(shown)) return { ...await users.verify(shown), livemode };
  const token = await sessions.verify(shown);
  if (livemode !== undefined && token.livemode !== livemode) {
    throw new CheckoutError("session_token_invalid");
  }
  if (!token.allowedOperations.includes(operation)) {
    throw new CheckoutError("operation_not_allowed");
  }
  return { tokenId: token.tokenId, livemode: token.livemode };
}

/**
 * The same where a caller may be nobody. supabase-js sends by itself what it has, its own key or the access token of whoever is signed in:
 * only what calls itself a session token is judged as one, and a user whose token does not count is nobody.
 */
export async function callerIfAny(
  request: Request,
  proofs: CallerProofs,
  wants: { readonly operation: Operation; readonly livemode?: boolean },
): Promise<SessionCaller | undefined> {
  const shown = bearer(request) ?? "";
  if (shown.startsWith("bos_session_")) return callerOf(request, proofs, wants);
  return looksSigned(shown) ? callerOf(request, proofs, wants).catch(() => undefined) : undefined;
}

/** Whether this can be an access token: a bare JWS, which starts with an object in base64url (RFC 7515, 3.1 and appendix C). */
const looksSigned = (text: string): boolean => /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text);

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
