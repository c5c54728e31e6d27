import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());

const HOUR = 3600_000;

describe("a paid session", () => {
  it("ends in one customer and one active subscription with its features", async () => {
    const session = await shop.create({ email: "buyer@example.com" });
    expect(session).toMatchObject({
      status: "pending",
      checkoutMode: "standard",
      amount: 2900,
      totalAmount: 2900,
    });
    expect(Math.abs(Date.parse(session.expiresAt) - Date.now() - HOUR)).toBeLessThan(60_000);

    const confirmed = await shop.pay(session);
    expect(confirmed).toMatchObject({ success: true, status: "active", requiresAction: false });
    await shop.idle();

    const shown = await shop.status(session);
    expect(shown).toMatchObject({
      status: "succeeded",
      features: ["pro-1", "pro-2"],
      subscription: { id: confirmed.subscriptionId, status: "active", priceId: shop.pro.priceId },
    });
    const { subscriptions, refunds } = await shop.atStripe(session);
    expect(subscriptions).toHaveLength(1);
    expect(refunds).toHaveLength(0);
    const rows = await shop.query(
      `select c.email, c.stripe_customer_id from billing.customers c
       join billing.checkout_sessions s on s.customer_id = c.id where s.id = $1`,
      [session.id],
    );
    expect(rows).toEqual([
      { email: "buyer@example.com", stripe_customer_id: subscriptions[0]?.customer },
    ]);
  });

  it("has no features before its subscription, at no instant that a watcher can see", async () => {
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    const told = await shop.query<
      { payload: { features: string[]; subscription?: object; status: string } }
    >(
      "select payload from realtime.messages where topic = $1",
      [session.realtime.topic],
    );
    expect(told.length).toBeGreaterThan(1);
    for (const { payload } of told) {
      expect(payload.features.length > 0).toBe(payload.subscription !== undefined);
      expect(payload.status === "succeeded").toBe(payload.subscription !== undefined);
    }
  });

  it("is answered the same however often it is confirmed again", async () => {
    const session = await shop.create();
    const first = await shop.pay(session);
    const again = await shop.pay(session, "pm_card_mastercard");
    expect(again).toEqual(first);
    expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
  });

  it("is only read by a confirm that comes after the browser's own", async () => {
    const session = await shop.create();
    await shop.payInBrowser(session);
    expect(await shop.pay(session)).toMatchObject({ success: true, status: "active" });
    await shop.idle();
    expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
  });

  it("is fulfilled by the webhook alone where the browser never comes back", async () => {
    const session = await shop.create();
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      features: ["pro-1", "pro-2"],
    });
  });

  it("is fulfilled by confirm alone where no webhook comes", async () => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const session = await shop.create();
    expect(await shop.pay(session)).toMatchObject({ success: true, status: "active" });
    await shop.admin("DELETE", "/faults");
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });

  it("makes one subscription of a confirm and a webhook that race", async () => {
    for (let round = 0; round < 8; round += 1) {
      await shop.admin("POST", "/faults", {
        kind: "webhook_early",
        path: "/v1/payment_intents/*/confirm",
      });
      const session = await shop.create();
      expect(await shop.pay(session)).toMatchObject({ success: true, status: "active" });
      await shop.idle();
      const { subscriptions } = await shop.atStripe(session);
      expect(subscriptions).toHaveLength(1);
      const { n } = await shop.one<{ n: number }>(
        "select count(*)::int as n from billing.subscriptions where checkout_session_id = $1",
        [session.id],
      );
      expect(n).toBe(1);
    }
  });

  it("makes one subscription of two confirms at the same instant", async () => {
    const session = await shop.create();
    const answers = await Promise.all([shop.pay(session), shop.pay(session)]);
    expect(answers.map(({ status }) => status)).toEqual(["active", "active"]);
    await shop.idle();
    const { subscriptions, intent } = await shop.atStripe(session);
    expect(subscriptions).toHaveLength(1);
    expect(intent.amount_received).toBe(2900);
  });

  it("leaves a returning customer one Stripe customer", async () => {
    const user = randomUUID();
    const first = await shop.create({ user });
    await shop.pay(first);
    const second = await shop.create({ user, priceId: shop.team.priceId });
    expect(await shop.pay(second, "pm_card_mastercard")).toMatchObject({ status: "active" });
    await shop.idle();
    const customers = await Promise.all(
      [first, second].map(async (session) =>
        (await shop.atStripe(session)).subscriptions[0]?.customer
      ),
    );
    expect(customers[0]).toBeDefined();
    expect(customers[1]).toBe(customers[0]);
    const rows = await shop.query(
      "select 1 from billing.customers where organization_id = $1 and external_id = $2",
      [
        shop.organizationId,
        user,
      ],
    );
    expect(rows).toHaveLength(1);
  });

  it("gives a customer who buys two products at the same instant one Stripe customer", async () => {
    const user = randomUUID();
    const sessions = await Promise.all([
      shop.create({ user }),
      shop.create({ user, priceId: shop.team.priceId }),
    ]);
    await Promise.all(sessions.map((session) => shop.pay(session)));
    await shop.idle();
    const held = await Promise.all(sessions.map((session) => shop.atStripe(session)));
    expect(new Set(held.map(({ subscriptions }) => subscriptions[0]?.customer)).size).toBe(1);
  });

  it("gives a customer who pays twice for one product one subscription, and the other payment back", async () => {
    const user = randomUUID();
    const sessions = await Promise.all([shop.create({ user }), shop.create({ user })]);
    expect(sessions[0].id).not.toBe(sessions[1].id);
    // Past our confirm, which would refuse the second card.
    await Promise.all(sessions.map((session) => shop.payInBrowser(session)));
    await shop.idle();
    const shown = await Promise.all(sessions.map((session) => shop.status(session)));
    expect(shown.map(({ status }) => status).toSorted()).toEqual(["failed", "succeeded"]);
    expect(shown.find(({ status }) => status === "failed")?.error?.code).toBe("payment_refunded");
    const held = await Promise.all(sessions.map((session) => shop.atStripe(session)));
    const living = held.flatMap(({ subscriptions }) =>
      subscriptions.filter(({ status }) => status === "active")
    );
    expect(living).toHaveLength(1);
    expect(held.flatMap(({ refunds }) => refunds.map(({ amount }) => amount))).toEqual([2900]);
  });

  it("charges one card of two tabs that confirm at once", async () => {
    const user = randomUUID();
    const sessions = await Promise.all([shop.create({ user }), shop.create({ user })]);
    const ends = await Promise.all(
      sessions.map((session) =>
        shop.pay(session).then(
          ({ status }) => status,
          (error: unknown) => z.object({ code: z.string() }).parse(error).code,
        )
      ),
    );
    // Which of both it is told is a matter of milliseconds.
    expect(ends.map((end) => end === "already_subscribed" ? "payment_in_progress" : end).toSorted())
      .toEqual(["active", "payment_in_progress"]);
    const held = await Promise.all(sessions.map((session) => shop.atStripe(session)));
    expect(held.filter(({ intent }) => intent.latest_charge !== null)).toHaveLength(1);
    expect(held.flatMap(({ refunds }) => refunds)).toEqual([]);
  });

  it("charges nothing for a second session once the product is the customer's", async () => {
    const user = randomUUID();
    const sessions = [await shop.create({ user }), await shop.create({ user })] as const;
    await shop.pay(sessions[0]);
    expect(await refusal(shop.pay(sessions[1]))).toMatchObject({
      status: 409,
      code: "already_subscribed",
    });
    // Ended, so that no other way pays it and no page that watches it waits.
    expect((await shop.atStripe(sessions[1])).intent).toMatchObject({
      status: "canceled",
      latest_charge: null,
    });
    expect(await shop.status(sessions[1])).toMatchObject({
      status: "failed",
      error: { code: "already_subscribed" },
    });
    expect(await refusal(shop.pay(sessions[1]))).toMatchObject({ code: "already_subscribed" });
  });

  it("charges a currency without minor units what it says, not a hundredfold", async () => {
    const yen = await openShop(stack(), { currency: "jpy", amount: 4300 });
    try {
      const session = await yen.create();
      await yen.pay(session);
      expect((await yen.atStripe(session)).intent).toMatchObject({
        amount_received: 4300,
        currency: "jpy",
      });
    } finally {
      await yen.close();
    }
  });
});
