import { createLocalJWKSet, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import type { UserKeys } from "../keys.ts";
import type { Session } from "./accounts.ts";

/** Seconds: the platform's default (https://supabase.com/docs/guides/auth/sessions). */
export const LIFETIME = 3_600;

const claims = z.object({ sub: z.uuid(), session_id: z.uuid() });

/** The access tokens of a project's users, with the claims of https://supabase.com/docs/guides/auth/jwt-fields. */
export function accessTokens({ privateKey, kid, publicKeys }: UserKeys, issuer: string) {
  const keys = createLocalJWKSet(publicKeys);
  return {
    sign({ id, user, aal }: Session, method: string): Promise<string> {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({
        email: user.email ?? "",
        phone: "",
        app_metadata: user.isAnonymous ? {} : { provider: "email", providers: ["email"] },
        user_metadata: {},
        role: "authenticated",
        aal,
        amr: [{ method, timestamp: now }],
        session_id: id,
        is_anonymous: user.isAnonymous,
      })
        .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
        .setIssuer(issuer)
        .setAudience("authenticated")
        .setSubject(user.id)
        .setIssuedAt(now)
        .setExpirationTime(now + LIFETIME)
        .sign(privateKey);
    },

    /** Whose token this is; undefined where it is no token of ours, or has expired. */
    async verify(text: string): Promise<{ sub: string; session_id: string } | undefined> {
      try {
        const { payload } = await jwtVerify(text, keys, { issuer, audience: "authenticated" });
        return claims.parse(payload);
      } catch {
        return undefined;
      }
    },
  };
}

export type AccessTokens = ReturnType<typeof accessTokens>;
