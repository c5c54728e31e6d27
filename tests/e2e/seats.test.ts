import { describe, expect, it } from "vitest";
import { openClockShop } from "../support/clock-shop.ts";
import { DAY } from "../support/clock-stack.ts";
import { refusal } from "../support/shop.ts";

const shop = await openClockShop();
const team = await shop.sell("Seats", { amount: 700, minQuantity: 2, maxQuantity: 50 });
const unbounded = await shop.sell("Any-seats", { amount: 999_999, maxQuantity: null });

describe("seats", () => {
  it("are charged each, now and at every renewal, and stand on the subscription", async () => {
    const session = await shop.create({ priceId: team.priceId, quantity: 3 });
    expect(session).toMatchObject({ quantity: 3, amount: 2100, totalAmount: 2100 });
    await shop.pay(session);
    await shop.idle();
    expect((await shop.status(session)).subscription).toMatchObject({ quantity: 3 });
    const { items } = await shop.subscriptionOf(session);
    expect(items.data[0]?.quantity).toBe(3);
    await shop.later(32 * DAY);
    expect(await shop.charges(session)).toEqual([2100, 2100]);
  });

  it("follow Stripe's when they are changed there", async () => {
    const session = await shop.create({ priceId: team.priceId, quantity: 4 });
    await shop.pay(session);
    const { id, items } = await shop.subscriptionOf(session);
    await shop.stripe.subscriptions.update(id, {
      items: [{ id: items.data[0]?.id ?? "", quantity: 9 }],
      proration_behavior: "none",
    });
    await shop.idle();
    expect((await shop.status(session)).subscription).toMatchObject({ quantity: 9 });
  });

  it.each([
    ["fewer than the least", () => team, 1, { minQuantity: 2, maxQuantity: 50 }],
    ["more than the most", () => team, 51, { minQuantity: 2, maxQuantity: 50 }],
    ["two of a price that names no bounds", () => shop.pro, 2, {
      minQuantity: 1,
      maxQuantity: 1,
    }],
  ])("%s are refused, with the bounds", async (_, product, quantity, details) => {
    expect(await refusal(shop.create({ priceId: product().priceId, quantity }))).toMatchObject({
      status: 400,
      code: "quantity_not_allowed",
      details,
    });
  });

  it("left out are one, which may be fewer than the least", async () => {
    expect(await refusal(shop.create({ priceId: team.priceId }))).toMatchObject({
      code: "quantity_not_allowed",
    });
    expect(await shop.create()).toMatchObject({ quantity: 1, amount: 2900 });
  });

  it.each([0, -1, 1.5, 1_000_001, Number.MAX_SAFE_INTEGER])(
    "of the number %s are no valid request",
    async (quantity) => {
      expect(await refusal(shop.create({ priceId: unbounded.priceId, quantity }))).toMatchObject({
        status: 400,
        code: "invalid_request",
      });
    },
  );

  it.each([1_000, 1_000_000])(
    "of %d for more than Stripe charges at once are refused",
    async (quantity) => {
      expect(await refusal(shop.create({ priceId: unbounded.priceId, quantity }))).toMatchObject({
        status: 400,
        code: "amount_too_large",
      });
    },
  );

  it("of a trial are asked for now and charged at its end", async () => {
    const { priceId } = await shop.sell("Seats-on-trial", {
      amount: 700,
      trialDays: 14,
      maxQuantity: 5,
    });
    const session = await shop.create({ priceId, quantity: 5 });
    expect(session).toMatchObject({ checkoutMode: "trial", amount: 3500, totalAmount: 0 });
    await shop.pay(session);
    await shop.later(15 * DAY);
    expect(await shop.charges(session)).toEqual([3500]);
  });

  it("of a free price stand on its subscription", async () => {
    const { priceId } = await shop.sell("Free-seats", { amount: 0, maxQuantity: null });
    const token = await shop.token();
    const session = await shop.client.create(token, { priceId, quantity: 8 });
    await shop.client.confirmFree(token, session.id);
    expect((await shop.status(session)).subscription).toMatchObject({ quantity: 8 });
  });

  it("in another number are another request", async () => {
    const token = await shop.token();
    const of = (quantity?: number) =>
      shop.client.create(token, { priceId: unbounded.priceId, quantity });
    const one = await of(1);
    expect((await of()).id).toBe(one.id);
    expect((await of(2)).id).not.toBe(one.id);
  });
});
