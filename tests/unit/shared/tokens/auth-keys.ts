import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from "jose";
import * as z from "zod";

const KID = "5fc0e9d6-9f2b-4a3f-8a52-3a3a0b7c9d10";
const address = z.object({ port: z.number() });

/** What differs from a right token; a claim that is `undefined` is left out. */
export interface Differs {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: CryptoKey | Uint8Array;
}

/** A project whose `/auth/v1` serves its public keys, and the tokens that its Auth would give a user. */
export async function openAuthKeys() {
  const [own, foreign] = await Promise.all([
    generateKeyPair("ES256", { extractable: true }),
    generateKeyPair("ES256"),
  ]);
  const published: JWK[] = [{
    ...await exportJWK(own.publicKey),
    alg: "ES256",
    use: "sig",
    kid: KID,
  }];
  const server = { reads: 0, status: 200, keys: published };
  const http = createServer((request, response) => {
    if (request.url !== "/auth/v1/.well-known/jwks.json") {
      response.writeHead(404).end();
      return;
    }
    server.reads += 1;
    response.writeHead(server.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: server.keys }));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const url = `http://127.0.0.1:${address.parse(http.address()).port}`;
  const user = { userId: randomUUID(), sessionId: randomUUID() };

  return {
    url,
    user,
    server,
    foreignKey: foreign.privateKey,
    /** What everybody can read, as the bytes that a careless verifier would take for a shared secret. */
    publicKeyAsSecret: new TextEncoder().encode(await exportSPKI(own.publicKey)),
    /** Right in all but what is asked to differ. */
    sign: ({ claims = {}, header = {}, key = own.privateKey }: Differs = {}): Promise<string> => {
      const now = Math.floor(Date.now() / 1000);
      const payload: JWTPayload = {
        iss: `${url}/auth/v1`,
        aud: "authenticated",
        sub: user.userId,
        session_id: user.sessionId,
        role: "authenticated",
        aal: "aal1",
        is_anonymous: false,
        iat: now,
        exp: now + 3_600,
        ...claims,
      };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: "ES256", kid: KID, typ: "JWT", ...header })
        .sign(key);
    },
    close: () => http.close(),
  };
}
