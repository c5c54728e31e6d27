import { describe, expect, it } from "vitest";
import {
  organizationKeyOf,
  projectKeyOf,
  sessionTokenOf,
} from "../../../../shared/tokens/caller.ts";
import type { Operation } from "../../../../shared/contract/session-token.ts";
import { sessionTokens } from "../../../../shared/tokens/session-token.ts";
import { current, token } from "./forge.ts";

const tokens = sessionTokens([current]);
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
  sessionTokenOf(
    shown(`Bearer ${await tokens.issue({ ...token, ...has }, soon())}`),
    tokens,
    wants,
  );

describe("a session token", () => {
  it("opens what it allows, in its mode", async () => {
    const has = { livemode: false, allowedOperations: ["checkout" as const] };
    expect(await ask(has, { livemode: false, operation: "checkout" })).toEqual({
      ...token,
      ...has,
    });
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
    expect(await ask(has, { operation: "entitlements" })).toEqual({ ...token, ...has });
  });

  it.each<[string, string | undefined]>([
    ["no header", undefined],
    ["an organization's key", "Bearer sk_test_9f8e7d6c5b4a39281706f5e4d3c2b1a0"],
    ["a publishable key", "Bearer sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH"],
  ])("is refused: %s", async (_what, authorization) => {
    const wants = { livemode: false, operation: "checkout" as const };
    await expect(sessionTokenOf(shown(authorization), tokens, wants))
      .rejects.toMatchObject({ code: "session_token_invalid", status: 401 });
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
