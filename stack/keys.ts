import { createHash, randomBytes } from "node:crypto";
import { SignJWT } from "jose";

export type ApiRole = "anon" | "service_role";

/** The keys of one stack. New for every start; nothing outside it accepts them. */
export interface StackKeys {
  /** For browsers: `sb_publishable_…`. */
  readonly publishableKey: string;
  /** For servers: `sb_secret_…`. */
  readonly secretKey: string;
  /** HS256 secret of the role JWTs, known to PostgREST, Realtime and the gateway. */
  readonly jwtSecret: string;
  /** What the gateway puts in the place of a key, by the key's role. */
  readonly roleTokens: Readonly<Record<ApiRole, string>>;
}

/** Makes keys in the platform's form (https://supabase.com/docs/guides/api/api-keys). */
export async function createKeys(): Promise<StackKeys> {
  const jwtSecret = randomBytes(32).toString("base64url");
  return {
    publishableKey: apiKey("sb_publishable_"),
    secretKey: apiKey("sb_secret_"),
    jwtSecret,
    roleTokens: {
      anon: await roleToken("anon", jwtSecret),
      service_role: await roleToken("service_role", jwtSecret),
    },
  };
}

function apiKey(prefix: string): string {
  const random = randomBytes(16).toString("base64url");
  const check = createHash("sha256").update(prefix + random).digest("base64url").slice(0, 8);
  return `${prefix}${random}_${check}`;
}

function roleToken(role: ApiRole, secret: string): Promise<string> {
  return new SignJWT({ role })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("supabase")
    .setIssuedAt()
    .setExpirationTime("30d")
    .sign(new TextEncoder().encode(secret));
}
