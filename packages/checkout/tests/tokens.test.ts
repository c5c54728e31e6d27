import { createCheckoutClient } from "@billingos/checkout";
import { describe, expect, it } from "vitest";
import { type Answer, json, refuse, serve, tokenOf } from "./local-server.ts";

/** Takes these tokens and no others. */
const taking = (...tokens: readonly string[]): Answer => (response, request) => {
  if (tokens.includes(tokenOf(request))) json(response, 200, { entitlements: [] });
  else refuse(response, 401, "session_token_invalid");
};

/** Answers the tokens one after the other, the last one from then on. */
function asker(...tokens: readonly (string | null)[]) {
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    getSessionToken: () => {
      asked += 1;
      return Promise.resolve(tokens[Math.min(asked, tokens.length) - 1] ?? null);
    },
  };
}

describe("a token that the page can ask for", () => {
  it("is asked for once for all calls, also where they are made at once", async () => {
    const { functionsUrl } = await serve(taking("one"));
    const tokens = asker("one", "two");
    const client = createCheckoutClient({ functionsUrl, getSessionToken: tokens.getSessionToken });
    await Promise.all([client.entitlements(), client.entitlements(), client.entitlements()]);
    await client.entitlements();
    expect(tokens.asked).toBe(1);
  });

  it("is asked for again when it is refused, and the call is made once more with the new one", async () => {
    const { functionsUrl, received } = await serve(taking("two"));
    const tokens = asker("one", "two");
    const client = createCheckoutClient({ functionsUrl, getSessionToken: tokens.getSessionToken });
    expect(await client.entitlements()).toEqual({ entitlements: [] });
    expect(received.map(tokenOf)).toEqual(["one", "two"]);
    await client.entitlements();
    expect(tokens.asked).toBe(2);
  });

  it("is asked for again once by calls that are refused at once", async () => {
    const { functionsUrl, received } = await serve(taking("two"));
    const tokens = asker("one", "two", "three");
    const client = createCheckoutClient({ functionsUrl, getSessionToken: tokens.getSessionToken });
    const calls = Array.from({ length: 5 }, () => client.entitlements());
    expect(await Promise.all(calls)).toHaveLength(5);
    expect(tokens.asked).toBe(2);
    expect(received.map(tokenOf).toSorted()).toEqual([
      ...Array.from({ length: 5 }, () => "one"),
      ...Array.from({ length: 5 }, () => "two"),
    ]);
  });

  it.each<[string, (string | null)[], string[]]>([
    ["the new one is refused too", ["one", "two", "three"], ["one", "two"]],
    ["the new one is the same", ["one", "one"], ["one"]],
    ["there is none any more", ["one", null], ["one"]],
  ])("ends in the service's refusal where %s", async (_, given, shown) => {
    const { functionsUrl, received } = await serve(taking());
    const client = createCheckoutClient({
      functionsUrl,
      getSessionToken: asker(...given).getSessionToken,
    });
    await expect(client.entitlements()).rejects.toMatchObject({
      name: "UnauthorizedError",
      code: "session_token_invalid",
      requestId: "r-1",
    });
    expect(received.map(tokenOf)).toEqual(shown);
  });

  it("is asked for by the next call where the merchant's server failed, whose error is the cause of what the page is told", async () => {
    const { functionsUrl, received } = await serve(taking("one"));
    const failure = new Error("the merchant's server is down");
    let asked = 0;
    const client = createCheckoutClient({
      functionsUrl,
      getSessionToken: () => {
        asked += 1;
        if (asked === 1) throw failure;
        return "one";
      },
    });
    await expect(client.entitlements()).rejects.toMatchObject({
      name: "NetworkError",
      retryable: true,
      cause: failure,
    });
    expect(received).toEqual([]);
    await client.entitlements();
    expect(asked).toBe(2);
  });

  it("is not asked for again for another refusal, or for a call that shows none", async () => {
    const { functionsUrl } = await serve((response, { url }) =>
      url === "/checkout-confirm"
        ? refuse(response, 401, "client_secret_invalid")
        : refuse(response, 403, "operation_not_allowed")
    );
    const tokens = asker("one", "two");
    const client = createCheckoutClient({ functionsUrl, getSessionToken: tokens.getSessionToken });
    await expect(client.entitlements()).rejects.toMatchObject({ status: 403 });
    await expect(client.confirm({ clientSecret: "pi_1_secret_1", paymentMethodId: "pm_1" })).rejects
      .toMatchObject({ code: "client_secret_invalid" });
    expect(tokens.asked).toBe(1);
  });
});

describe("without a token", () => {
  it("a customer reads that they are not signed in, and nothing of tokens", async () => {
    const client = createCheckoutClient({ functionsUrl: "http://127.0.0.1:1" });
    await expect(client.products()).rejects.toThrow(/^You are not signed in\.$/);
  });

  it.each([
    ["none is given", {}],
    ["nobody is signed in on the merchant's server", { getSessionToken: () => null }],
  ])("a call that needs one is refused without asking the service: %s", async (_, proof) => {
    const { functionsUrl, received } = await serve(taking("one"));
    await expect(createCheckoutClient({ functionsUrl, ...proof }).entitlements()).rejects
      .toMatchObject({ name: "UnauthorizedError", code: "session_token_invalid" });
    expect(received).toEqual([]);
  });

  it("a single one that is refused stays refused", async () => {
    const { functionsUrl, received } = await serve(taking());
    const client = createCheckoutClient({ functionsUrl, sessionToken: "one" });
    await expect(client.entitlements()).rejects.toMatchObject({ status: 401 });
    expect(received).toHaveLength(1);
  });
});
