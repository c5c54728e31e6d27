import type { Operation } from "./contract/session-token.ts";
import { CheckoutError } from "./errors.ts";
import { bearer } from "./http/bearer.ts";
import type { SessionToken, SessionTokens } from "./tokens/session-token.ts";

/** The session token of a request, for one operation in one mode. Throws `session_token_invalid`, `operation_not_allowed`. */
export async function sessionTokenOf(
  request: Request,
  tokens: SessionTokens,
  { operation, livemode }: { readonly operation: Operation; readonly livemode: boolean },
): Promise<SessionToken> {
  const token = await tokens.verify(bearer(request) ?? "");
  if (token.livemode !== livemode) throw new CheckoutError("session_token_invalid");
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
