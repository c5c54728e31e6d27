import { afterAll, describe, expect, it } from "vitest";
import { deepHealthResponse } from "../../shared/contract/health.ts";
import { errorResponse } from "../../shared/contract/error.ts";
import { openShop } from "../support/shop.ts";
import { control, stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const { functionsUrl, secretKey, publishableKey } = stack();

const ask = (query: string, headers: Record<string, string> = {}) =>
  fetch(`${functionsUrl}/health${query}`, { headers });
const deep = async () => {
  const response = await ask("?deep=1", { apikey: secretKey });
  return { status: response.status, body: deepHealthResponse.parse(await response.json()) };
};

describe("GET /health", () => {
  it("tells anybody that it runs, and no more", async () => {
    const response = await ask("");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok" });
  });

  it.each<[string, Record<string, string>]>([
    ["no key", {}],
    ["the publishable key", { apikey: publishableKey }],
    ["an organization's key", { authorization: `Bearer ${shop.organizationKey}` }],
    ["a key that is longer by one", { apikey: `${secretKey}x` }],
  ])("tells nothing deep to whoever shows %s", async (_name, headers) => {
    const response = await ask("?deep=1", headers);
    expect(response.status).toBe(401);
    expect(errorResponse.parse(await response.json()).error.code).toBe("secret_key_invalid");
  });

  it("refuses a depth that it does not know, and does not take it for the shallow one", async () => {
    expect((await ask("?deep=true", { apikey: secretKey })).status).toBe(400);
  });
});

describe("GET /health?deep=1", () => {
  it("says that database and Stripe answer, in which time, and with which keys and origins", async () => {
    const { status, body } = await deep();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "ok",
      livemode: false,
      allowedOrigins: ["*"],
      dependencies: { database: { answers: true }, stripe: { answers: true } },
      facts: { digestKey: "matches" },
    });
    expect(Math.abs((body.facts?.now ?? 0) - body.now)).toBeLessThan(60);
  });

  it("holds no secret", async () => {
    const text = JSON.stringify((await deep()).body);
    for (const secret of [secretKey, stack().digestKey, stack().stripeSecretKey]) {
      expect(text).not.toContain(secret);
    }
  });

  it("is 503 where the function's digest key is not that of the organization keys", async () => {
    const [kept] = await shop.query<{ value: string }>(
      "select value from billing_private.digest_key_check",
    );
    await shop.query("update billing_private.digest_key_check set value = 'of another key'");
    try {
      expect(await deep()).toMatchObject({
        status: 503,
        body: { status: "degraded", facts: { digestKey: "differs" } },
      });
    } finally {
      await shop.query("update billing_private.digest_key_check set value = $1", [kept?.value]);
    }
  });

  it("is 503, and names the database, where that does not answer", async () => {
    await control("postgrest/halt");
    try {
      expect(await deep()).toMatchObject({
        status: 503,
        body: {
          status: "degraded",
          facts: null,
          dependencies: { database: { answers: false }, stripe: { answers: true } },
        },
      });
    } finally {
      await control("postgrest/resume");
    }
  });

  it("is 503, and names Stripe, where that does not answer", async () => {
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      method: "GET",
      path: "/v1/events",
    });
    expect(await deep()).toMatchObject({
      status: 503,
      body: { dependencies: { database: { answers: true }, stripe: { answers: false } } },
    });
  });
});
