import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";

export type ApiRole = "anon" | "service_role";

/** The key pair that users' access tokens are signed with, of the platform's kind: ES256. */
export interface UserKeys {
  readonly privateKey: CryptoKey;
  readonly kid: string;
  /** As `/auth/v1/.well-known/jwks.json` shows it. */
  readonly publicKeys: JSONWebKeySet;
}

/** The keys of one stack. New for every start; nothing outside it accepts them. */
export interface StackKeys {
  /** For browsers: `sb_publishable_…`. */
  readonly publishableKey: string;
  /** For servers: `sb_secret_…`. */
  readonly secretKey: string;
  /** HS256 secret of the role JWTs, known to PostgREST, Realtime and the gateway. */
  readonly jwtSecret: string;
  /** Known to Supabase Auth; its public half to PostgREST, Realtime and the functions. */
  readonly users: UserKeys;
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
    users: await userKeys(),
    roleTokens: {
      anon: await roleToken("anon", jwtSecret),
      service_role: await roleToken("service_role", jwtSecret),
    },
  };
}

async function userKeys(): Promise<UserKeys> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const kid = randomUUID();
  const shown = {
    ...await exportJWK(publicKey),
    kid,
    alg: "ES256",
    use: "sig",
    key_ops: ["verify"],
  };
  return { privateKey, kid, publicKeys: { keys: [shown] } };
}

/** All that a token of the project may be signed with, as PostgREST and Realtime are told it. */
export function verifyingKeys({ jwtSecret, users }: StackKeys): JSONWebKeySet {
  const secret = { kty: "oct", k: Buffer.from(jwtSecret).toString("base64url"), alg: "HS256" };
  return { keys: [secret, ...users.publicKeys.keys] };
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
