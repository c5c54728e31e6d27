import { afterAll, describe, expect, it } from "vitest";
import { eventually, openShop, refusal } from "../support/shop.ts";
import { logLines, stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const { functionsUrl } = stack();

describe("a function's answer", () => {
  it("lets a page of an allowed origin call it, preflight included", async () => {
    const response = await fetch(`${functionsUrl}/checkout-create`, {
      method: "OPTIONS",
      headers: {
        origin: "https://shop.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,idempotency-key",
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-methods")).toBe("POST");
    expect(response.headers.get("access-control-allow-headers")).toContain("idempotency-key");
  });

  it("of the webhook is for no browser", async () => {
    const response = await fetch(`${functionsUrl}/stripe-webhook`, {
      method: "POST",
      headers: { origin: "https://shop.example.com" },
    });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("carries the request id that its log lines carry", async () => {
    const session = await shop.create();
    const response = await fetch(`${functionsUrl}/checkout-status/${session.id}`);
    const requestId = response.headers.get("x-request-id") ?? "";
    const lines = await eventually(
      async () =>
        (await logLines("function:checkout-status")).filter(({ line }) => line.includes(requestId)),
      ({ length }) => length > 0,
    );
    expect(JSON.parse(lines[0]?.line ?? "")).toMatchObject({
      level: "info",
      function: "checkout-status",
      route: "/checkout-status/:sessionId",
      status: 200,
      requestId,
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("what the functions log of a checkout", () => {
  it("holds no secret, no token, no key, no e-mail address and no card", async () => {
    const token = await shop.token("log-user");
    const session = await shop.client.create(token, {
      priceId: shop.pro.priceId,
      customer: { email: "private.person@example.com", name: "Private Person" },
    });
    await refusal(shop.pay(session, "pm_card_chargeDeclined"));
    await refusal(
      shop.client.confirm(`${session.clientSecret}x`, { paymentMethodId: "pm_card_visa" }),
    );
    await fetch(`${functionsUrl}/checkout-confirm/${session.clientSecret}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ paymentMethodId: "pm_card_visa" }),
    });
    await shop.idle();
    const lines = (await logLines()).filter(({ part, line }) =>
      // The runtime's own greeting is not the function's.
      part.startsWith("function:") && !line.startsWith("deno serve: ")
    );
    expect(lines.length).toBeGreaterThan(5);
    for (const { line } of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    const text = lines.map(({ line }) => line).join("\n");
    const secrets = [
      session.clientSecret,
      session.clientSecret.split("_secret_")[1] ?? "",
      token,
      shop.organizationKey,
      stack().secretKey,
      stack().stripeSecretKey,
      stack().webhookSecret,
      "private.person",
      "Private Person",
    ];
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it("is nowhere in the tables either, where it is a secret", async () => {
    const tables = await shop.query<{ name: string }>(
      "select c.relname as name from pg_class c where relnamespace = 'billing'::regnamespace and relkind = 'r'",
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const rows = await shop.query<{ row: string }>(
        `select t::text as row from billing.${name} t`,
      );
      const text = rows.map(({ row }) => row).join("\n");
      expect(text).not.toMatch(/_secret_[A-Za-z0-9]{8}/);
      expect(text).not.toMatch(/sk_test_[A-Za-z0-9]{20}/);
      expect(text).not.toMatch(/bos_session_/);
      expect(text).not.toMatch(/whsec_/);
    }
  });
});
