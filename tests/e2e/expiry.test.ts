import type { CreateResponse } from "../../shared/contract/create.ts";
import { afterAll, describe, expect, it } from "vitest";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());

/** Moves a session an hour into the past, as if the customer had let it lie. */
async function letItLie(session: CreateResponse): Promise<void> {
  await shop.query(
    `update billing.checkout_sessions
     set created_at = created_at - interval '1 hour', expires_at = expires_at - interval '1 hour' where id = $1`,
    [session.id],
  );
}

describe("a session past its expiry", () => {
  it("answers confirm with 410, is expired, and can no longer be paid at Stripe", async () => {
    const session = await shop.create();
    await letItLie(session);
    expect(await refusal(shop.pay(session))).toMatchObject({
      status: 410,
      code: "session_expired",
    });
    expect(await shop.status(session)).toMatchObject({ status: "expired" });
    expect((await shop.atStripe(session)).intent.status).toBe("canceled");
    await expect(shop.payInBrowser(session)).rejects.toThrow("400");
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 410 });
  });

  it("is fulfilled where the browser had paid it before it expired and nobody heard", async () => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const session = await shop.create();
    await shop.payInBrowser(session);
    await letItLie(session);
    expect(await shop.pay(session)).toMatchObject({ success: true, status: "active" });
    await shop.admin("DELETE", "/faults");
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });

  it("is honored where the money lands after it was called expired", async () => {
    const session = await shop.create();
    await letItLie(session);
    // As if the cancellation at Stripe had been lost: the row alone says expired.
    await shop.query("update billing.checkout_sessions set status = 'expired' where id = $1", [
      session.id,
    ]);
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      features: ["pro-1", "pro-2"],
    });
  });

  it("gives the money back where the product has gone meanwhile, and says so", async () => {
    const session = await shop.create({ priceId: shop.team.priceId });
    await letItLie(session);
    await shop.query("update billing.checkout_sessions set status = 'expired' where id = $1", [
      session.id,
    ]);
    await shop.query("update billing.products set active = false where id = $1", [
      shop.team.productId,
    ]);
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "expired",
      error: { code: "payment_refunded" },
    });
    const { refunds, subscriptions } = await shop.atStripe(session);
    expect(refunds.map(({ amount }) => amount)).toEqual([2900]);
    expect(subscriptions).toHaveLength(0);
    expect(await refusal(shop.pay(session))).toMatchObject({
      status: 409,
      code: "payment_refunded",
    });
  });

  it("does not expire while a bank debit is on its way", async () => {
    const session = await shop.create();
    await shop.pay(session, "pm_usBankAccount_success");
    await letItLie(session);
    expect(await shop.pay(session)).toMatchObject({ status: "processing" });
    await shop.admin("POST", `/debits/${session.paymentIntentId}/settle`);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });

  it("makes room for a new one when the same thing is asked again", async () => {
    const token = await shop.token();
    const ask = () => shop.client.create(token, { priceId: shop.pro.priceId });
    const first = await ask();
    expect((await ask()).id).toBe(first.id);
    await letItLie(first);
    expect((await ask()).id).not.toBe(first.id);
  });
});
