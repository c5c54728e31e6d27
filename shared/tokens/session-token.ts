import { jwtVerify, SignJWT } from "jose";
import * as z from "zod/mini";
import { decodeBase64Url } from "deno-std/encoding/base64url.js";
import { type Operation, operation } from "../contract/session-token.ts";
import type { TokenKey } from "../runtime/variable-forms.ts";
import { CheckoutError } from "../runtime/errors.ts";
import { present } from "../runtime/present.ts";

const ISSUER = "billingos-checkout";
const AUDIENCE = "billingos-checkout";
const ALGORITHM = "HS256";
/** Seconds by which two hosts' clocks may differ. */
const CLOCK_TOLERANCE = 5;

const claims = z.object({
  jti: z.uuid(),
  sub: z.string().check(z.minLength(1)),
  org: z.uuid(),
  ops: z.array(operation),
  live: z.boolean(),
  xorg: z.optional(z.string().check(z.minLength(1))),
});

/** What a verified session token says. */
export interface SessionToken {
  readonly tokenId: string;
  readonly organizationId: string;
  readonly externalUserId: string;
  readonly externalOrganizationId?: string | undefined;
  readonly allowedOperations: readonly Operation[];
  readonly livemode: boolean;
}

export interface SessionTokens {
  issue(token: SessionToken, expiresAt: Date): Promise<string>;
  /** Throws `session_token_invalid`. Revocation is the database's to say, in the call that the handler makes anyway. */
  verify(text: string): Promise<SessionToken>;
}

const prefix = (livemode: boolean) => `bos_session_${livemode ? "live" : "test"}_`;

/** Session tokens: a prefix that tells mode and kind, then a JWS. The first key signs; each verifies by its `kid`. */
export function sessionTokens(keys: readonly TokenKey[]): SessionTokens {
  const [signing] = keys;
  if (signing === undefined) throw new Error("there is no key to sign with");
  const secrets = new Map(keys.map(({ kid, k }) => [kid, decodeBase64Url(k)]));
  const secretOf = (kid: string | undefined): Uint8Array<ArrayBuffer> => {
    const secret = kid === undefined ? undefined : secrets.get(kid);
    if (secret === undefined) throw new CheckoutError("session_token_invalid");
    return secret;
  };

  return {
    async issue(token, expiresAt) {
      const jws = await new SignJWT({
        org: token.organizationId,
        ops: [...token.allowedOperations],
        live: token.livemode,
        ...present({ xorg: token.externalOrganizationId }),
      })
        .setProtectedHeader({ alg: ALGORITHM, kid: signing.kid, typ: "bos-session+jwt" })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(token.externalUserId)
        .setJti(token.tokenId)
        .setIssuedAt()
        .setExpirationTime(expiresAt)
        .sign(secretOf(signing.kid));
      return prefix(token.livemode) + jws;
    },

    async verify(text) {
      const match = /^bos_session_(test|live)_(.+)$/s.exec(text);
      try {
        const { payload } = await jwtVerify(match?.[2] ?? "", ({ kid }) => secretOf(kid), {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: AUDIENCE,
          typ: "bos-session+jwt",
          clockTolerance: CLOCK_TOLERANCE,
          requiredClaims: ["exp", "iat"],
        });
        const { jti, sub, org, ops, live, xorg } = claims.parse(payload);
        // The prefix is outside the signature: without this a test token could call itself a live one.
        if (live !== (match?.[1] === "live")) throw new Error("the prefix is of the other mode");
        return {
          tokenId: jti,
          externalUserId: sub,
          organizationId: org,
          allowedOperations: ops,
          livemode: live,
          ...present({ externalOrganizationId: xorg }),
        };
      } catch (cause) {
        throw new CheckoutError("session_token_invalid", { cause });
      }
    },
  };
}
