import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  jwtVerify,
  type JWTVerifyGetKey,
} from "jose";
import * as z from "zod";
import { Refusal } from "./refusal.ts";

/** Claims of a verified JWT; `exp` in seconds since the epoch. */
export interface Claims {
  readonly role: string;
  readonly exp: number;
  readonly [claim: string]: unknown;
}

export type VerifyToken = (token: string) => Promise<Claims>;

const required = z.looseObject({ role: z.string().min(1), exp: z.number().int() });

/** Verifies tokens signed with one of the project's keys. The returned function throws Refusal. */
export function tokenVerifier(keys: JSONWebKeySet): VerifyToken {
  const key = keyOf(keys);
  return async (token) => {
    const claims = await verify(token, key);
    const parsed = required.safeParse(claims);
    if (!parsed.success) {
      throw new Refusal("InvalidJWTToken", "Fields `role` and `exp` are required in JWT");
    }
    return parsed.data;
  };
}

/** The secret for HS256, which jose looks up in no set, and the public key that a token names for all else. */
function keyOf({ keys }: JSONWebKeySet): JWTVerifyGetKey {
  const publicKey = createLocalJWKSet({ keys: keys.filter(({ kty }) => kty !== "oct") });
  const secret = Buffer.from(keys.find(({ kty }) => kty === "oct")?.k ?? "", "base64url");
  return (header, token) => header.alg === "HS256" ? secret : publicKey(header, token);
}

async function verify(token: string, key: JWTVerifyGetKey): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ["HS256", "ES256"] });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      const age = Math.floor(Date.now() / 1000) - (error.payload.exp ?? 0);
      throw new Refusal("InvalidJWTToken", `Token has expired ${age} seconds ago`);
    }
    if (
      error instanceof errors.JWSSignatureVerificationFailed ||
      error instanceof errors.JWKSNoMatchingKey
    ) {
      throw new Refusal("JwtSignatureError", "Failed to validate JWT signature");
    }
    if (error instanceof errors.JOSEAlgNotAllowed) {
      throw new Refusal(
        "JwtSignerError",
        "Failed to generate JWT signer, check your JWT secret or JWKS configuration",
      );
    }
    throw new Refusal("MalformedJWT", "The token provided is not a valid JWT");
  }
}
