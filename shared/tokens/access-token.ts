import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import * as z from "zod/mini";
import type { SessionCaller } from "../domain/caller.ts";
import { CheckoutError } from "../runtime/errors.ts";

/**
 * The asymmetric algorithms that Supabase Auth signs with (https://supabase.com/docs/guides/auth/signing-keys). The older HS256, whose
 * key would have to be known here, is refused.
 */
const ALGORITHMS = ["ES256", "RS256"];
const AUDIENCE = "authenticated";
/** Seconds by which two hosts' clocks may differ. */
const CLOCK_TOLERANCE = 5;
/** Milliseconds. Supabase's own edge keeps the file for ten minutes too (https://supabase.com/docs/guides/auth/signing-keys). */
const KEYS_AGE = 600_000;
/** Milliseconds for which a token with an unknown key does not fetch the file again. */
const KEYS_COOLDOWN = 30_000;
/** Milliseconds. */
const KEYS_TIMEOUT = 3_000;

/** Those of the claims that Auth gives every user's token (https://supabase.com/docs/guides/auth/jwt-fields) that decide here. */
const claims = z.object({
  /** As Postgres takes it: a seeded or imported user may have an id of no version (RFC 9562), which `z.uuid` refuses. */
  sub: z.guid(),
  session_id: z.guid(),
  role: z.literal("authenticated"),
  /**
   * Another app has this token, to which the user has consented to read something: none to buy with
   * (https://supabase.com/docs/guides/auth/oauth-server/token-security).
   */
  client_id: z.optional(z.never()),
});

/** The access tokens that the project's own Supabase Auth gives its users. */
export interface AccessTokens {
  /**
   * Throws `session_token_invalid`, or `auth_unavailable` where the keys cannot be read. Whether the user is still signed in, and a
   * customer of anybody, is the database's to say, in the call that the handler makes anyway.
   */
  verify(text: string): Promise<SessionCaller>;
}

/**
 * Verifies against the project's public keys, which are fetched when the first such token is shown.
 *
 * @param projectUrl `https://<ref>.supabase.co`; under a custom domain it stays the issuer
 */
export function accessTokens(projectUrl: string): AccessTokens {
  const issuer = new URL("/auth/v1", projectUrl).href;
  const keyOf = projectKeys(new URL(`${issuer}/.well-known/jwks.json`));
  return {
    async verify(text) {
      try {
        const { payload } = await jwtVerify(text, keyOf, {
          algorithms: ALGORITHMS,
          issuer,
          audience: AUDIENCE,
          clockTolerance: CLOCK_TOLERANCE,
          requiredClaims: ["exp", "iat"],
        });
        const { sub, session_id: tokenId } = claims.parse(payload);
        return { tokenId, userId: sub };
      } catch (cause) {
        if (cause instanceof CheckoutError) throw cause;
        throw new CheckoutError("session_token_invalid", { cause });
      }
    },
  };
}

/** The key that a token names; throws `auth_unavailable` where it is not the token's fault that there is none. */
function projectKeys(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    cacheMaxAge: KEYS_AGE,
    cooldownDuration: KEYS_COOLDOWN,
    timeoutDuration: KEYS_TIMEOUT,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      const unknown = cause instanceof errors.JWKSNoMatchingKey ||
        cause instanceof errors.JWKSMultipleMatchingKeys;
      throw unknown ? cause : new CheckoutError("auth_unavailable", { cause });
    }
  };
}
