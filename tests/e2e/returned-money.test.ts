import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { booksOf } from "../support/auditor.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
afterEach(() => shop.admin("DELETE", "/faults"));

const refuseSubscriptions = (count: number | null = null) =>
  shop.admin("POST", "/faults", {
    kind: "error_before",
    method: "POST",
    path: "/v1/subscriptions",
    count,
  });

/** Lets a session wait its turn, and be tried since so long ago. */
async function sinceLong(session: CreateResponse, interval: string): Promise<void> {
  await shop.query("alter table billing.checkout_sessions disable trigger user");
  await shop.query(
    `update billing.checkout_sessions set fulfilling_since = fulfilling_since - $2::interval,
       updated_at = updated_at - interval '2 hours', checked_at = null, created_at = created_at - $2::interval,
       repair_at = now()
     where id = $1`,
    [session.id, interval],
  );
  await shop.query("alter table billing.checkout_sessions enable trigger user");
}

describe("money that went back before it was honored", () => {
  it.each<[string, (session: CreateResponse) => Promise<unknown>]>([
    [
      "refunded by hand",
      ({ paymentIntentId }) =>
        shop.stripe.refunds.create({ payment_intent: paymentIntentId ?? "" }),
    ],
    ["lost to the customer's bank", async ({ paymentIntentId }) => {
      await shop.admin("POST", `/disputes/${paymentIntentId}/open`, {});
      await shop.admin("POST", `/disputes/${paymentIntentId}/lose`, {});
    }],
  ])("is never fulfilled: %s", async (_what, takeBack) => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const session = await shop.create();
    await shop.payInBrowser(session);
    await takeBack(session);
    await shop.admin("DELETE", "/faults");
    await sinceLong(session, "0 hours");
    await shop.pay(session).catch(() => undefined);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "failed",
      error: { code: "payment_refunded" },
      features: [],
    });
    expect((await booksOf(shop, session)).live).toEqual([]);
    const { refunds } = await shop.atStripe(session);
    expect(refunds.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(2_900);
  });

  it("in part is fulfilled all the same", async () => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const session = await shop.create();
    await shop.payInBrowser(session);
    await shop.stripe.refunds.create({
      payment_intent: session.paymentIntentId ?? "",
      amount: 500,
    });
    await shop.admin("DELETE", "/faults");
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
  });
});

describe("a payment whose subscription Stripe fails to make", () => {
  it("is told to be processing, is tried again, and is fulfilled when Stripe is back", async () => {
    await refuseSubscriptions();
    const session = await shop.create();
    expect(await shop.pay(session)).toMatchObject({ success: false, status: "processing" });
    await shop.admin("DELETE", "/faults");
    await sinceLong(session, "11 hours");
    await reconcileOf(stack());
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
    });
    expect((await booksOf(shop, session)).subscriptions).toHaveLength(1);
  });

  it("goes back once twelve hours of trying are over", async () => {
    await refuseSubscriptions();
    const session = await shop.create();
    await shop.pay(session);
    await sinceLong(session, "12 hours");
    await reconcileOf(stack());
    await shop.admin("DELETE", "/faults");
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "failed",
      error: { code: "payment_refunded" },
    });
    const { refunds } = await shop.atStripe(session);
    expect(refunds.map(({ amount }) => amount)).toEqual([2_900]);
    expect((await booksOf(shop, session)).live).toEqual([]);
  });
});
