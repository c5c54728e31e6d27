import { afterAll, describe, expect, it } from "vitest";
import { accessTokens } from "../../../../shared/tokens/access-token.ts";
import {
  callerIfAny,
  callerOf,
  organizationKeyOf,
  projectKeyOf,
} from "../../../../shared/tokens/caller.ts";
import type { Operation } from "../../../../shared/contract/session-token.ts";
import { sessionTokens } from "../../../../shared/tokens/session-token.ts";
import { openAuthKeys } from "./auth-keys.ts";
import { current, token } from "./forge.ts";

const auth = await openAuthKeys();
afterAll(() => auth.close());
const tokens = sessionTokens([current]);
const proofs = { sessions: tokens, users: accessTokens(auth.url) };
const shown = (authorization?: string) =>
  new Request("http://localhost/", {
    headers: authorization === undefined ? {} : { authorization },
  });

const key = (mode: string, end: string) => `sk_${mode}_${end}`;
const tail = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const soon = () => new Date(Date.now() + 60_000);

describe("an organization's key", () => {
  it.each([["test", false], ["live", true]])("tells its mode: %s", (mode, livemode) => {
    expect(organizationKeyOf(shown(`Bearer ${key(mode, tail)}`)))
      .toEqual({ key: key(mode, tail), livemode });
  });

  it.each<[string, string | undefined]>([
    ["no header", undefined],
    ["an empty one", ""],
    ["another scheme", `Basic ${key("test", tail)}`],
    ["a mode that is none", `Bearer ${key("prod", tail)}`],
    ["too short a tail", `Bearer ${key("test", tail.slice(1))}`],
    ["too long a tail", `Bearer ${key("test", "x".repeat(129))}`],
    ["a tail with a quote", `Bearer ${key("test", `${tail}'`)}`],
    ["a publishable key", `Bearer pk_test_${tail}`],
    ["a session token", "Bearer bos_session_test_a.b.c"],
    ["the project's key", `Bearer sb_secret_${tail}`],
    ["capitals", `Bearer SK_TEST_${tail}`],
  ])("is refused: %s", (_what, authorization) => {
    expect(() => organizationKeyOf(shown(authorization)))
      .toThrow(expect.objectContaining({ code: "api_key_invalid", status: 401 }));
  });
});

const ask = async (
  has: { livemode: boolean; allowedOperations: Operation[] },
  wants: { livemode?: boolean; operation: Operation },
) =>
  callerOf(
    shown(`Bearer ${await tokens.issue({ ...token, ...has }, soon())}`),
    proofs,
    wants,
  );

describe("a session token", () => {
  it("opens what it allows, in its mode", async () => {
    const has = { livemode: false, allowedOperations: ["checkout" as const] };
    expect(await ask(has, { livemode: false, operation: "checkout" }))
      .toEqual({ tokenId: token.tokenId, livemode: false });
  });

  it("opens nothing else", async () => {
    const has = { livemode: false, allowedOperations: ["entitlements" as const] };
    await expect(ask(has, { livemode: false, operation: "checkout" }))
      .rejects.toMatchObject({ code: "operation_not_allowed", status: 403 });
  });

  it("opens nothing where it allows nothing", async () => {
    await expect(
      ask({ livemode: false, allowedOperations: [] }, { livemode: false, operation: "checkout" }),
    )
      .rejects.toMatchObject({ code: "operation_not_allowed" });
  });

  it.each([true, false])("is no token in the other mode, live: %s", async (livemode) => {
    const has = { livemode, allowedOperations: ["checkout" as const] };
    await expect(ask(has, { livemode: !livemode, operation: "checkout" }))
      .rejects.toMatchObject({ code: "session_token_invalid", status: 401 });
  });

  it.each([true, false])("tells its mode where the caller has none, live: %s", async (livemode) => {
    const has = { livemode, allowedOperations: ["entitlements" as const] };
    expect(await ask(has, { operation: "entitlements" }))
      .toEqual({ tokenId: token.tokenId, livemode });
  });

  it.each<[string, string | undefined]>([
    ["no header", undefined],
    ["an organization's key", "Bearer sk_test_9f8e7d6c5b4a39281706f5e4d3c2b1a0"],
    ["a publishable key", "Bearer sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH"],
  ])("is refused: %s", async (_what, authorization) => {
    const wants = { livemode: false, operation: "checkout" as const };
    await expect(callerOf(shown(authorization), proofs, wants))
      .rejects.toMatchObject({ code: "session_token_invalid", status: 401 });
  });
});

describe("a user's own access token", () => {
  const { userId, sessionId } = auth.user;

  it.each<[string, { livemode?: boolean; operation: Operation }]>([
    ["a checkout in test mode", { operation: "checkout", livemode: false }],
    ["a checkout in live mode", { operation: "checkout", livemode: true }],
    ["entitlements in a mode that is the database's to find", { operation: "entitlements" }],
  ])("opens %s", async (_what, wants) => {
    const caller = await callerOf(shown(`Bearer ${await auth.sign()}`), proofs, wants);
    expect(caller).toEqual({ tokenId: sessionId, userId, livemode: wants.livemode });
  });

  it("with a session token's prefix is judged as a session token", async () => {
    const request = shown(`Bearer bos_session_test_${await auth.sign()}`);
    await expect(callerOf(request, proofs, { operation: "checkout" }))
      .rejects.toMatchObject({ code: "session_token_invalid" });
  });

  it("is not what a session token without its prefix is", async () => {
    const issued = await tokens.issue(token, soon());
    const request = shown(`Bearer ${issued.replace("bos_session_test_", "")}`);
    await expect(callerOf(request, proofs, { operation: "checkout" }))
      .rejects.toMatchObject({ code: "session_token_invalid" });
  });
});

// An older project's key for browsers: a JWS of its secret, of the role anon.
const anonKey = () =>
  auth.sign({ claims: { role: "anon" }, header: { alg: "HS256" }, key: auth.publicKeyAsSecret });

const ifAny = (authorization?: string) =>
  callerIfAny(shown(authorization), proofs, { operation: "checkout", livemode: false });

describe("where a caller may be nobody", () => {
  it.each<[string, () => Promise<string | undefined>]>([
    ["shows nothing", async () => undefined],
    ["shows the publishable key", async () => "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH"],
    ["shows an older project's anon key", anonKey],
    ["shows a user's token that has expired", () => auth.sign({ claims: { exp: 1 } })],
    ["shows a user's token that is forged", () => auth.sign({ key: auth.foreignKey })],
  ])("whoever %s is nobody", async (_what, make) => {
    const text = await make();
    expect(await ifAny(text === undefined ? undefined : `Bearer ${text}`)).toBeUndefined();
  });

  it("a user is a caller all the same", async () => {
    expect(await ifAny(`Bearer ${await auth.sign()}`)).toMatchObject({ userId: auth.user.userId });
  });

  it("a user is nobody while the project's keys cannot be read", async () => {
    const down = await openAuthKeys();
    down.server.status = 500;
    const request = shown(`Bearer ${await down.sign()}`);
    const users = accessTokens(down.url);
    expect(await callerIfAny(request, { sessions: tokens, users }, { operation: "checkout" }))
      .toBeUndefined();
    down.close();
  });

  it("a session token that does not count is refused, not taken for nobody", async () => {
    await expect(ifAny("Bearer bos_session_test_a.b.c"))
      .rejects.toMatchObject({ code: "session_token_invalid" });
  });
});

describe("the project's secret key", () => {
  const secret = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz";
  const show = (headers: Record<string, string>) =>
    projectKeyOf(new Request("http://localhost/", { headers }), secret);

  it.each<[string, Record<string, string>]>([
    ["bearer", { authorization: `Bearer ${secret}` }],
    ["apikey", { apikey: secret }],
    ["apikey beside another bearer", { authorization: "Bearer x.y.z", apikey: secret }],
    ["bearer beside another apikey", { authorization: `Bearer ${secret}`, apikey: "x" }],
  ])(
    "opens when it is shown as %s",
    async (_how, headers) => {
      await expect(show(headers)).resolves.toBeUndefined();
    },
  );

  it.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["an empty key", { apikey: "" }],
    ["a key cut short", { apikey: secret.slice(0, -1) }],
    ["a key and more", { apikey: `${secret}x` }],
    ["a key in capitals", { apikey: secret.toUpperCase() }],
    ["the publishable key", { apikey: "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH" }],
    ["another scheme", { authorization: `Basic ${secret}` }],
    ["a wrong bearer beside a wrong apikey", { authorization: "Bearer x", apikey: "x" }],
    ["half of it as each", {
      authorization: `Bearer ${secret.slice(0, 9)}`,
      apikey: secret.slice(9),
    }],
  ])("is refused: %s", async (_what, headers) => {
    await expect(show(headers)).rejects.toMatchObject({ code: "secret_key_invalid", status: 401 });
  });
});
