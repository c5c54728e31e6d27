import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());

const intents = async () => (await shop.stripe.paymentIntents.list({ limit: 100 })).data;

/** A price of its own, whose row is set to say what it says. */
async function sold(column?: string, value?: unknown) {
  const { priceId, productId } = await shop.sell(`P${randomUUID().slice(0, 6)}`, { amount: 2_900 });
  if (column !== undefined) {
    await shop.query(`update billing.product_prices set ${column} = $2 where id = $1`, [
      priceId,
      value,
    ]);
  }
  const { id: stripePriceId } = await shop.one<{ id: string }>(
    "select stripe_price_id as id from billing.product_prices where id = $1",
    [priceId],
  );
  return { priceId, productId, stripePriceId };
}

describe("create refuses what Stripe would bill otherwise, before there is an intent", () => {
  it.each<[string, string, unknown]>([
    ["amount", "unit_amount", 1_900],
    ["currency", "currency", "eur"],
    ["interval", "recurring_interval", "year"],
    ["count of intervals", "recurring_interval_count", 3],
  ])("where the row has another %s than the price at Stripe", async (_what, column, value) => {
    const { priceId } = await sold(column, value);
    const before = (await intents()).length;
    expect(await refusal(shop.create({ priceId })))
      .toMatchObject({ status: 409, code: "price_mismatch" });
    expect(await intents()).toHaveLength(before);
  });

  it("where the price is archived at Stripe", async () => {
    const { priceId, stripePriceId } = await sold();
    // Before any event that takes it off sale here, too: each has the price read as it is by then.
    await shop.idle();
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    onTestFinished(async () => {
      await shop.admin("DELETE", "/faults");
    });
    await shop.stripe.prices.update(stripePriceId, { active: false });
    const before = (await intents()).length;
    expect(await refusal(shop.create({ priceId })))
      .toMatchObject({ status: 400, code: "price_unavailable" });
    expect(await intents()).toHaveLength(before);
    // It is asked about again, since its owner is probably mending it.
    await shop.stripe.prices.update(stripePriceId, { active: true });
    expect(await shop.create({ priceId })).toMatchObject({ totalAmount: 2_900 });
  });

  it("where Stripe has no such price", async () => {
    const { priceId } = await sold("stripe_price_id", "price_…");
    expect(await refusal(shop.create({ priceId })))
      .toMatchObject({ status: 400, code: "price_unavailable" });
  });

  it("where the customer's live subscriptions are in another currency", async () => {
    const user = randomUUID();
    await shop.pay(await shop.create({ user }));
    await shop.idle();
    const { priceId } = await shop.sell("Euro", { amount: 2_700, currency: "eur" });
    expect(await refusal(shop.create({ user, priceId })))
      .toMatchObject({ status: 409, code: "currency_conflict" });
    // A customer of whom Stripe knows nothing may buy it.
    expect(await shop.create({ priceId })).toMatchObject({ currency: "eur", totalAmount: 2_700 });
  });

  it("of a change too, where the row of the new price says otherwise", async () => {
    const user = randomUUID();
    const { subscriptionId = "" } = await shop.pay(await shop.create({ user }));
    const { priceId } = await sold("unit_amount", 9_900);
    const token = await shop.token(user);
    expect(
      await refusal(
        shop.client.create(token, { priceId, existingSubscriptionId: subscriptionId }),
      ),
    ).toMatchObject({ status: 409, code: "price_mismatch" });
  });
});

describe("a coupon that somebody deletes at Stripe", () => {
  it("is made again for whoever was shown its discount, and for those who come after", async () => {
    const code = `D${randomUUID().slice(0, 8)}`;
    await shop.offer({ code, percent_off: 20, duration: "once" });
    const first = await shop.create({ couponCode: code });
    const { data: [coupon] } = await shop.stripe.coupons.list({ limit: 1 });
    await shop.stripe.coupons.del(coupon?.id ?? "");
    expect(await shop.pay(first)).toMatchObject({ status: "active" });
    await shop.stripe.coupons.del(coupon?.id ?? "");
    const second = await shop.create({ couponCode: code });
    expect(second.totalAmount).toBe(2_320);
    expect(await shop.pay(second)).toMatchObject({ status: "active" });
  });
});
