import { createHmac } from "node:crypto";
import type { SessionToken } from "../../../../shared/tokens/session-token.ts";
import { KEY, OTHER_KEY } from "../support/environment.ts";

export const current = { kid: "2026-11", k: KEY };
export const other = { kid: "2026-12", k: OTHER_KEY };

/** Unix seconds at which the tests' tokens are made. */
export const NOW = 1_795_411_826;

export const token: SessionToken = {
  tokenId: "0197f0c1-2345-4890-8bcd-1234567890ab",
  organizationId: "0197f0c1-2345-4890-8bcd-1234567890cd",
  externalUserId: "user_42",
  allowedOperations: ["checkout", "entitlements"],
  livemode: false,
};

export const header = { alg: "HS256", kid: current.kid, typ: "bos-session+jwt" };

export const claims = {
  org: token.organizationId,
  ops: token.allowedOperations,
  live: token.livemode,
  iss: "billingos-checkout",
  aud: "billingos-checkout",
  sub: token.externalUserId,
  jti: token.tokenId,
  iat: NOW,
  exp: NOW + 3_600,
};

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A claim or header field that is `undefined` is left out. */
export interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: string;
  readonly hash?: "sha256" | "sha384" | "sha512";
  readonly prefix?: string;
}

/** A well-formed token with a right signature, but for what is asked to differ. */
export function forge(differs: Forgery = {}): string {
  const signed = `${part({ ...header, ...differs.header })}.${
    part({ ...claims, ...differs.claims })
  }`;
  const signature = createHmac(
    differs.hash ?? "sha256",
    Buffer.from(differs.key ?? KEY, "base64url"),
  )
    .update(signed)
    .digest("base64url");
  return `${differs.prefix ?? "bos_session_test_"}${signed}.${signature}`;
}
