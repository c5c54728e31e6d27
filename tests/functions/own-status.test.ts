import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
const connected = await openShop(stack(), { applicationFeeBps: 250 });
afterAll(() => Promise.all([shop.close(), connected.close()]));
await shop.offer({ code: "QUARTER", percent_off: 25, duration: "forever" });

/** Names that are ours at Stripe, and one that is nobody's. */
const metadata = { checkout_session_id: "theirs", organization_id: "theirs", campaign: "spring" };

describe("an owner who comes back after a reload", () => {
  it("finds all that create answered, and the metadata", async () => {
    const token = await connected.token();
    const created = await connected.client.create(token, {
      priceId: connected.pro.priceId,
      customer: { email: "jenny@example.com", name: "Jenny Rosen" },
      metadata,
    });
    const own = await connected.client.ownStatus(token, created.id);
    expect(own).toMatchObject({ ...created, metadata });
    expect(own.stripeAccountId).toBe(connected.account);
    expect(own.stripePublishableKey).toMatch(/^pk_test_/);
  });

  it("finds the discount, also of a session that needs no card now", async () => {
    const token = await shop.token();
    const trial = await shop.sell("Tried", { trialDays: 14 });
    for (const priceId of [shop.pro.priceId, trial.priceId]) {
      const created = await shop.client.create(token, { priceId, couponCode: "quarter" });
      expect(created.discountAmount).toBe(725);
      expect(await shop.client.ownStatus(token, created.id)).toMatchObject(created);
    }
  });

  it("finds what a change of price credits and charges", async () => {
    const user = randomUUID();
    const session = await shop.create({ user });
    await shop.pay(session);
    const { subscription } = await shop.status(session);
    const dear = await shop.sell("Dear", { amount: 9_900 });
    const token = await shop.token(user);
    const change = await shop.client.create(token, {
      priceId: dear.priceId,
      existingSubscriptionId: subscription?.id,
    });
    expect(change.proration?.total).toBeGreaterThan(0);
    expect(await shop.client.ownStatus(token, change.id)).toMatchObject(change);
  });
});

describe("whoever knows only the session's id", () => {
  it("finds every amount of it and nothing that is the owner's", async () => {
    const token = await shop.token();
    const created = await shop.client.create(token, {
      priceId: shop.pro.priceId,
      couponCode: "QUARTER",
      customer: { email: "jenny@example.com" },
      metadata,
    });
    const response = await fetch(`${stack().functionsUrl}/checkout-status/${created.id}`);
    const shown = await response.text();
    expect(JSON.parse(shown)).toMatchObject({
      amount: 2900,
      discountAmount: 725,
      taxAmount: 0,
      adjustmentAmount: 0,
      totalAmount: 2175,
    });
    for (const hidden of ["spring", "theirs", "jenny", "_secret_", "pk_test", "pi_"]) {
      expect(shown).not.toContain(hidden);
    }
  });
});

describe("what the merchant says of a session", () => {
  it.each([["payment", 0], ["set-up", 14]])(
    "stands at Stripe on intent and subscription, apart from our own keys (%s)",
    async (kind, trialDays) => {
      const { priceId } = await shop.sell(`Tagged-${kind}`, { trialDays });
      const token = await shop.token();
      const created = await shop.client.create(token, { priceId, metadata });
      await shop.pay(created);
      const id = created.paymentIntentId ?? "";
      const intent = id.startsWith("seti_")
        ? await shop.stripe.setupIntents.retrieve(id)
        : await shop.stripe.paymentIntents.retrieve(id);
      const { data } = await shop.stripe.subscriptions.list({ limit: 100 });
      const subscription = data.find((one) => one.metadata["checkout_session_id"] === created.id);
      const expected = {
        checkout_session_id: created.id,
        organization_id: shop.organizationId,
        app_checkout_session_id: "theirs",
        app_organization_id: "theirs",
        app_campaign: "spring",
      };
      expect(intent.metadata).toEqual(expected);
      expect(subscription?.metadata).toEqual(expected);
      expect((await shop.client.ownStatus(token, created.id)).metadata).toEqual(metadata);
    },
  );

  it("is taken up to the limits and paid for, and refused beyond them by name", async () => {
    const { priceId } = shop.pro;
    const most = Object.fromEntries(
      Array.from({ length: 45 }, (_, n) => [`${n}`.padEnd(36, "k"), "v".repeat(500)]),
    );
    const session = await shop.client.create(await shop.token(), { priceId, metadata: most });
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
    for (
      const [given, path] of [
        [{ ...most, more: "v" }, "metadata"],
        [{ ["k".repeat(37)]: "v" }, `metadata.${"k".repeat(37)}`],
        [{ campaign: "v".repeat(501) }, "metadata.campaign"],
      ] as const
    ) {
      const refused = shop.client.create(await shop.token(), { priceId, metadata: given });
      expect(await refusal(refused)).toMatchObject({
        status: 400,
        code: "invalid_request",
        details: { issues: [{ path }] },
      });
    }
  });
});
