import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { createSessionTokenResponse } from "../../shared/contract/session-token.ts";
import { openShop, refusal, type Shop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
const stranger = await openShop(stack());
afterAll(() => Promise.all([shop.close(), stranger.close()]));

async function buy(at: Shop, user: string, priceId = at.pro.priceId) {
  const session = await at.create({ user, priceId });
  await at.pay(session);
  return session;
}
async function keysOf(at: Shop, user: string) {
  const { entitlements } = await at.client.entitlements(await at.token(user));
  return entitlements.map(({ featureKey }) => featureKey);
}

describe("what a customer may use", () => {
  it("is told a moment after the payment, with what grants it", async () => {
    const user = randomUUID();
    const token = await shop.token(user);
    expect(await shop.client.entitlements(token)).toEqual({ entitlements: [] });
    const session = await buy(shop, user);
    const { subscription } = await shop.status(session);
    const { entitlements } = await shop.client.entitlements(token);
    expect(entitlements).toMatchObject([
      { featureKey: "pro-1", name: "Pro 1", limit: null },
      { featureKey: "pro-2", name: "Pro 2", limit: null },
    ]);
    for (const one of entitlements) {
      expect(one).toMatchObject({
        productId: subscription?.productId,
        subscriptionId: subscription?.id,
        status: "active",
        currentPeriodEnd: subscription?.currentPeriodEnd,
      });
    }
  });

  it("is all that the customer's subscriptions grant together", async () => {
    const user = randomUUID();
    await buy(shop, user);
    await buy(shop, user, shop.team.priceId);
    expect(await keysOf(shop, user)).toEqual(["pro-1", "pro-2", "team-1", "team-2"]);
  });

  it("ends with the subscription", async () => {
    const user = randomUUID();
    const session = await buy(shop, user);
    const { subscriptions: [made] } = await shop.atStripe(session);
    await shop.stripe.subscriptions.cancel(made?.id ?? "");
    await shop.idle();
    expect(await keysOf(shop, user)).toEqual([]);
  });

  it("is another customer's business as little as another organization's", async () => {
    const user = randomUUID();
    await buy(shop, user);
    expect(await keysOf(shop, randomUUID())).toEqual([]);
    expect(await keysOf(stranger, user)).toEqual([]);
    const check = await stranger.client.check(await stranger.token(user), "pro-1");
    expect(check).toEqual({ featureKey: "pro-1", hasAccess: false, limit: 0 });
  });

  it("is the user's own, whatever organization of the merchant's the token names", async () => {
    const user = randomUUID();
    await buy(shop, user);
    const response = await fetch(`${stack().functionsUrl}/session-tokens`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${shop.organizationKey}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ externalUserId: user, externalOrganizationId: "their-team" }),
    });
    const { sessionToken } = createSessionTokenResponse.parse(await response.json());
    expect((await shop.client.entitlements(sessionToken)).entitlements).toHaveLength(2);
  });

  it("is told to no token once its organization is of the other mode", async () => {
    const moved = await openShop(stack());
    try {
      const user = randomUUID();
      const token = await moved.token(user);
      await buy(moved, user);
      await moved.query("update billing.organizations set livemode = true where id = $1", [
        moved.organizationId,
      ]);
      expect(await refusal(moved.client.entitlements(token))).toMatchObject({
        status: 401,
        code: "session_token_invalid",
      });
    } finally {
      await moved.close();
    }
  });

  it("is kept by no cache", async () => {
    const response = await fetch(`${stack().functionsUrl}/entitlements`, {
      headers: { authorization: `Bearer ${await shop.token()}` },
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });
});

describe("the check of one feature", () => {
  it.each<[string, number | null, boolean]>([
    ["without a limit", null, true],
    ["with a limit", 25, true],
    ["with a limit of nothing", 0, false],
  ])("tells of one that is granted %s", async (_name, quantity, hasAccess) => {
    const user = randomUUID();
    const session = await buy(shop, user);
    // Stripe's news of the subscription writes the grants once more.
    await shop.idle();
    await shop.query(
      `update billing.feature_grants g set quantity = $2 from billing.checkout_sessions s
       where s.id = $1 and g.subscription_id = s.subscription_id`,
      [session.id, quantity],
    );
    const token = await shop.token(user);
    expect(await shop.client.check(token, "pro-1")).toMatchObject({
      featureKey: "pro-1",
      hasAccess,
      limit: quantity,
      entitlement: { featureKey: "pro-1", status: "active" },
    });
  });

  it("answers alike for a feature that is not granted and for one that is in no catalogue", async () => {
    const user = randomUUID();
    await buy(shop, user);
    const token = await shop.token(user);
    for (const featureKey of ["team-1", "no-such-feature"]) {
      expect(await shop.client.check(token, featureKey))
        .toEqual({ featureKey, hasAccess: false, limit: 0 });
    }
  });
});
