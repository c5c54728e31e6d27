import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const input = { priceId: shop.pro.priceId };

describe("create", () => {
  it("gives the same token asking for the same thing the same session and secret", async () => {
    const token = await shop.token();
    const [first, second] = await Promise.all([
      shop.client.create(token, input),
      shop.client.create(token, input),
    ]);
    const third = await shop.client.create(token, { ...input, unknown: "ignored" } as typeof input);
    expect([second.id, third.id]).toEqual([first.id, first.id]);
    expect([second.clientSecret, third.clientSecret]).toEqual([
      first.clientSecret,
      first.clientSecret,
    ]);
  });

  it("makes one intent of many creates at the same instant", async () => {
    const token = await shop.token();
    const sessions = await Promise.all(
      Array.from({ length: 6 }, () => shop.client.create(token, input)),
    );
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(1);
    const { data } = await shop.stripe.paymentIntents.list({ limit: 100 });
    expect(data.filter(({ metadata }) => metadata["checkout_session_id"] === sessions[0]?.id))
      .toHaveLength(1);
  });

  it("gives a key its session whatever token of the customer carries it, and no other request", async () => {
    const user = randomUUID();
    const key = randomUUID();
    const first = await shop.client.create(await shop.token(user), input, key);
    const again = await shop.client.create(await shop.token(user), input, key);
    expect(again.id).toBe(first.id);
    const other = shop.client.create(await shop.token(user), { priceId: shop.team.priceId }, key);
    expect(await refusal(other)).toMatchObject({ status: 409, code: "idempotency_mismatch" });
  });

  it("makes a new session for another wish of the same token", async () => {
    const token = await shop.token();
    const first = await shop.client.create(token, input);
    const other = await shop.client.create(token, { ...input, metadata: { seats: "2" } });
    expect(other.id).not.toBe(first.id);
  });

  it("hashes a request by what it says and not by the order in which it says it", async () => {
    const token = await shop.token();
    const first = await shop.client.create(token, { metadata: { a: "1", b: "2" }, ...input });
    const again = await shop.client.create(token, { ...input, metadata: { b: "2", a: "1" } });
    expect(again.id).toBe(first.id);
  });

  it("takes null and empty text for what the caller does not know", async () => {
    const session = await shop.client.create(await shop.token(), {
      ...input,
      customerEmail: "",
      customer: null,
      couponCode: null,
      existingSubscriptionId: "",
      metadata: null,
      successUrl: null,
    });
    expect(session.customer).toEqual({});
  });

  it("refuses a customer who has the product already", async () => {
    const user = randomUUID();
    await shop.pay(await shop.create({ user }));
    expect(await refusal(shop.create({ user }))).toMatchObject({
      status: 409,
      code: "already_subscribed",
    });
  });

  it("is healed by a retry where it died between Stripe and the database", async () => {
    const token = await shop.token();
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      method: "POST",
      path: "/v1/payment_intents",
      count: 4,
    });
    expect(await refusal(shop.client.create(token, input))).toMatchObject({
      status: 503,
      code: "stripe_unavailable",
    });
    await shop.admin("DELETE", "/faults");
    const session = await shop.client.create(token, input);
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
  });

  it("is healed by its own retry where the connection broke after Stripe had made the intent", async () => {
    await shop.admin("POST", "/faults", {
      kind: "cut_after",
      method: "POST",
      path: "/v1/payment_intents",
    });
    const session = await shop.create();
    const { data } = await shop.stripe.paymentIntents.list({ limit: 100 });
    expect(data.filter(({ metadata }) => metadata["checkout_session_id"] === session.id))
      .toHaveLength(1);
  });

  it.each([
    ["usd", 50],
    ["gbp", 30],
    ["jpy", 50],
    ["huf", 17_500],
    ["thb", 1_000],
  ])(
    "refuses less in %s than Stripe charges, %d, and makes nothing of it",
    async (currency, minimum) => {
      const { priceId } = await shop.sell(`Cheap-${currency}`, { currency, amount: minimum - 1 });
      expect(await refusal(shop.create({ priceId }))).toMatchObject({
        status: 400,
        code: "amount_too_small",
        details: { minimum, currency },
      });
      const sessions = "select id from billing.checkout_sessions where price_id = $1";
      expect(await shop.query(sessions, [priceId])).toEqual([]);
      const just = await shop.sell(`Just-${currency}`, { currency, amount: minimum });
      expect(await shop.pay(await shop.create({ priceId: just.priceId }))).toMatchObject({
        status: "active",
      });
    },
  );

  it("sells in a currency of three decimals", async () => {
    const { priceId } = await shop.sell("Dinar", { currency: "kwd", amount: 5_120 });
    const session = await shop.create({ priceId });
    expect(session).toMatchObject({ currency: "kwd", totalAmount: 5_120 });
    await shop.pay(session);
    expect((await shop.atStripe(session)).intent).toMatchObject({ amount_received: 5_120 });
  });
});

describe("status", () => {
  it("shows the client secret and the customer to the owning token, and to nobody else", async () => {
    const user = randomUUID();
    const session = await shop.create({ user, email: "buyer@example.com" });
    const plain = await shop.status(session);
    expect(JSON.stringify(plain)).not.toContain("_secret_");
    expect(JSON.stringify(plain)).not.toContain("buyer@example.com");

    const owned = await shop.client.ownStatus(await shop.token(user), session.id);
    expect(owned).toEqual({
      ...plain,
      ...session,
      customer: { email: "buyer@example.com" },
      metadata: {},
    });

    const response = await fetch(`${stack().functionsUrl}/checkout-status/${session.id}`, {
      headers: { authorization: `Bearer ${await shop.token()}` },
    });
    expect(await response.json()).toEqual(plain);
  });

  it("answers a browser that shows the project's publishable key, as supabase-js does", async () => {
    const session = await shop.create();
    const response = await fetch(`${stack().functionsUrl}/checkout-status/${session.id}`, {
      headers: {
        apikey: stack().publishableKey,
        authorization: `Bearer ${stack().publishableKey}`,
      },
    });
    expect(await response.json()).toEqual(await shop.status(session));
  });
});
