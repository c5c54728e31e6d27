import * as fc from "fast-check";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sessionTokens } from "../../../../shared/tokens/session-token.ts";
import { claims, current, forge, header, NOW, other, token } from "./forge.ts";

const tokens = sessionTokens([current]);
const later = new Date((NOW + 3_600) * 1000);
const refused = { name: "CheckoutError", code: "session_token_invalid", status: 401 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a session token", () => {
  it("says what it was issued for", async () => {
    expect(await tokens.verify(await tokens.issue(token, later))).toEqual(token);
  });

  it.each([[true, "bos_session_live_"], [false, "bos_session_test_"]])(
    "tells its mode at a glance, live: %s",
    async (livemode, prefix) => {
      const text = await tokens.issue({ ...token, livemode }, later);
      expect(text.startsWith(`${prefix}eyJ`)).toBe(true);
      expect(await tokens.verify(text)).toMatchObject({ livemode });
    },
  );

  it("carries ids and times, and nothing else", async () => {
    const jws = (await tokens.issue(token, later)).slice("bos_session_test_".length);
    expect(decodeProtectedHeader(jws)).toEqual(header);
    expect(decodeJwt(jws)).toEqual(claims);
  });

  it("fits a header, whatever the merchant calls the user", async () => {
    const text = await tokens.issue({ ...token, externalUserId: 'ü🔑"\\'.repeat(51) }, later);
    expect(text).toMatch(/^[\w.-]{1,4096}$/);
  });

  it("comes back as it was, whoever it is for", async () => {
    const any = fc.record({
      tokenId: fc.uuid({ version: 4 }),
      organizationId: fc.uuid({ version: 4 }),
      externalUserId: fc.string({ minLength: 1, unit: "grapheme" }),
      allowedOperations: fc.subarray(["checkout" as const, "entitlements" as const]),
      livemode: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(any, async (one) => {
        expect(await tokens.verify(await tokens.issue(one, later))).toEqual(one);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a token's time", () => {
  it.each([
    ["expires in a second", NOW + 1],
    ["expires now: two clocks differ", NOW],
    ["expired four seconds ago: within the clocks' tolerance", NOW - 4],
  ])("holds when it %s", async (_when, exp) => {
    expect(await tokens.verify(forge({ claims: { exp } }))).toEqual(token);
  });

  it.each([
    ["expired five seconds ago", { exp: NOW - 5 }],
    ["expired a day ago", { exp: NOW - 86_400 }],
    ["expired before there was time", { exp: -1 }],
    ["never expires", { exp: undefined }],
    ["expires at null", { exp: null }],
    ["expires at a text", { exp: String(NOW + 3_600) }],
    ["expires at no number", { exp: {} }],
    ["has no time of issue", { iat: undefined }],
    ["was issued at a text", { iat: String(NOW) }],
    ["begins in six seconds", { nbf: NOW + 6 }],
  ])("is over when it %s", async (_when, differs) => {
    await expect(tokens.verify(forge({ claims: differs }))).rejects.toMatchObject(refused);
  });

  it("runs out as the clock goes", async () => {
    const text = await tokens.issue(token, later);
    vi.setSystemTime((NOW + 3_604) * 1000);
    expect(await tokens.verify(text)).toEqual(token);
    vi.setSystemTime((NOW + 3_605) * 1000);
    await expect(tokens.verify(text)).rejects.toMatchObject(refused);
  });
});

describe("rotation", () => {
  const both = sessionTokens([other, current]);

  it("lets the first key sign and names it", async () => {
    const text = await both.issue(token, later);
    expect(decodeProtectedHeader(text.slice("bos_session_test_".length)).kid).toBe(other.kid);
    await expect(tokens.verify(text)).rejects.toMatchObject(refused);
  });

  it("keeps what the older key signed", async () => {
    expect(await both.verify(await tokens.issue(token, later))).toEqual(token);
  });

  it("ends what a key signed when the key goes", async () => {
    const text = await tokens.issue(token, later);
    await expect(sessionTokens([other]).verify(text)).rejects.toMatchObject(refused);
  });

  it("tries no other key than the one that is named", async () => {
    const crossed = forge({ header: { kid: other.kid } });
    await expect(both.verify(crossed)).rejects.toMatchObject(refused);
  });

  it("cannot begin without a key", () => {
    expect(() => sessionTokens([])).toThrow("there is no key to sign with");
  });
});
