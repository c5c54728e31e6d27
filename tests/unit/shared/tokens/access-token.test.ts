import { randomUUID } from "node:crypto";
import { generateKeyPair } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { accessTokens } from "../../../../shared/tokens/access-token.ts";
import { type Differs, openAuthKeys } from "./auth-keys.ts";

const auth = await openAuthKeys();
const other = await openAuthKeys();
afterAll(() => {
  auth.close();
  other.close();
});
const tokens = accessTokens(auth.url);
const past = Math.floor(Date.now() / 1000) - 60;
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a user's own access token", () => {
  it("names the user and the session that the user is signed in with", async () => {
    expect(await tokens.verify(await auth.sign()))
      .toEqual({ userId: auth.user.userId, tokenId: auth.user.sessionId });
  });

  it("names a user whose id was given by hand, and is a UUID of no version", async () => {
    const sub = "11111111-1111-1111-1111-111111111111";
    expect(await tokens.verify(await auth.sign({ claims: { sub } })))
      .toMatchObject({ userId: sub });
  });

  it("counts for seconds longer, since two clocks may differ", async () => {
    const exp = Math.floor(Date.now() / 1000) - 1;
    await expect(tokens.verify(await auth.sign({ claims: { exp } }))).resolves.toBeDefined();
  });

  it.each<[string, Differs]>([
    ["signed with another key under the same key id", { key: auth.foreignKey }],
    ["HS256 with the public key as the secret", {
      header: { alg: "HS256" },
      key: auth.publicKeyAsSecret,
    }],
    ["HS256 under no key id, as an older project signs", {
      header: { alg: "HS256", kid: undefined },
      key: new TextEncoder().encode("x".repeat(40)),
    }],
    ["under a key id that is nobody's", { header: { kid: randomUUID() } }],
    ["of another issuer", { claims: { iss: `${other.url}/auth/v1` } }],
    ["of an issuer that only starts alike", { claims: { iss: `${auth.url}/auth/v1/` } }],
    ["of no issuer", { claims: { iss: undefined } }],
    ["for another audience", { claims: { aud: "anon" } }],
    ["for no audience", { claims: { aud: undefined } }],
    ["expired", { claims: { exp: past } }],
    ["that never expires", { claims: { exp: undefined } }],
    ["not valid yet", { claims: { nbf: past + 3_600 } }],
    ["of the role service_role", { claims: { role: "service_role" } }],
    ["of the role anon", { claims: { role: "anon" } }],
    ["of no role", { claims: { role: undefined } }],
    ["of a subject that is no UUID", { claims: { sub: "admin" } }],
    ["of no subject", { claims: { sub: undefined } }],
    ["of a session that is no UUID", { claims: { session_id: "' or true" } }],
    ["of no session", { claims: { session_id: undefined } }],
    ["that another app got by OAuth", { claims: { client_id: randomUUID() } }],
  ])("is refused: %s", async (_what, differs) => {
    await expect(tokens.verify(await auth.sign(differs)))
      .rejects.toMatchObject({ code: "session_token_invalid", status: 401 });
  });

  it("is refused: another project's, right in all it says", async () => {
    await expect(tokens.verify(await other.sign()))
      .rejects.toMatchObject({ code: "session_token_invalid" });
  });

  it("is refused: another project's, that calls itself one of this", async () => {
    const iss = `${auth.url}/auth/v1`;
    await expect(tokens.verify(await other.sign({ claims: { iss } })))
      .rejects.toMatchObject({ code: "session_token_invalid" });
  });

  it.each(["none", "None", "NONE"])("is refused without a signature: alg %s", async (alg) => {
    const [, payload = ""] = (await auth.sign()).split(".");
    for (const signature of ["", "x"]) {
      await expect(tokens.verify(`${part({ alg, typ: "JWT" })}.${payload}.${signature}`))
        .rejects.toMatchObject({ code: "session_token_invalid" });
    }
  });

  it("is refused with other claims under its own signature", async () => {
    const [header = "", , signature = ""] = (await auth.sign()).split(".");
    const [, payload = ""] = (await auth.sign({ claims: { sub: randomUUID() } })).split(".");
    await expect(tokens.verify(`${header}.${payload}.${signature}`))
      .rejects.toMatchObject({ code: "session_token_invalid" });
  });
});

describe("the project's keys", () => {
  it("are read when the first token is shown, and once for many at once", async () => {
    const before = auth.server.reads;
    const fresh = accessTokens(auth.url);
    expect(auth.server.reads).toBe(before);
    const token = await auth.sign();
    await Promise.all([1, 2, 3].map(() => fresh.verify(token)));
    await fresh.verify(token);
    expect(auth.server.reads).toBe(before + 1);
  });

  it("are not read again for each token under an unknown key id", async () => {
    await tokens.verify(await auth.sign());
    const before = auth.server.reads;
    for (let turn = 0; turn < 3; turn += 1) {
      await expect(tokens.verify(await auth.sign({ header: { kid: randomUUID() } }))).rejects
        .toMatchObject({ code: "session_token_invalid" });
    }
    expect(auth.server.reads).toBe(before);
  });

  it("are not read for what is signed otherwise than with a public key", async () => {
    const before = auth.server.reads;
    const token = await auth.sign({ header: { alg: "HS256" }, key: auth.publicKeyAsSecret });
    await expect(accessTokens(auth.url).verify(token)).rejects
      .toMatchObject({ code: "session_token_invalid" });
    expect(auth.server.reads).toBe(before);
  });

  it("are none in a project that signs with a secret: nobody is let in", async () => {
    const older = await openAuthKeys();
    older.server.keys = [];
    const { privateKey } = await generateKeyPair("ES256");
    await expect(accessTokens(older.url).verify(await older.sign({ key: privateKey })))
      .rejects.toMatchObject({ code: "session_token_invalid" });
    older.close();
  });

  it("that cannot be read are not the caller's fault, and are read again by the next", async () => {
    const down = await openAuthKeys();
    down.server.status = 503;
    const later = accessTokens(down.url);
    await expect(later.verify(await down.sign()))
      .rejects.toMatchObject({ code: "auth_unavailable", status: 503 });
    down.server.status = 200;
    await expect(later.verify(await down.sign())).resolves.toBeDefined();
    down.close();
  });

  it("at nobody's address are not the caller's fault", async () => {
    const gone = await openAuthKeys();
    gone.close();
    await expect(accessTokens(gone.url).verify(await gone.sign()))
      .rejects.toMatchObject({ code: "auth_unavailable" });
  });
});
