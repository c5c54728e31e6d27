import { errors, jwtVerify } from "jose";
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

/** Verifies HS256 tokens signed with the project's JWT secret. The returned function throws Refusal. */
export function tokenVerifier(jwtSecret: string): VerifyToken {
  const key = new TextEncoder().encode(jwtSecret);
  return async (token) => {
    const claims = await verify(token, key);
    const parsed = required.safeParse(claims);
    if (!parsed.success) {
      throw new Refusal("InvalidJWTToken", "Fields `role` and `exp` are required in JWT");
    }
    return parsed.data;
  };
}

async function verify(token: string, key: Uint8Array): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"] });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      const age = Math.floor(Date.now() / 1000) - (error.payload.exp ?? 0);
      throw new Refusal("InvalidJWTToken", `Token has expired ${age} seconds ago`);
    }
    if (error instanceof errors.JWSSignatureVerificationFailed) {
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
