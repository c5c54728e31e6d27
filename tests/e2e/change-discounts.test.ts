import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { openClockShop } from "../support/clock-shop.ts";
import { DAY } from "../support/clock-stack.ts";

const shop = await openClockShop();
/** An invoice is a draft for its first hour. */
const MONTH = 31 * DAY + 7_200;
afterEach(() => shop.endAll());

/** A subscription to a price, bought with a coupon of its own. */
async function subscribed(priceId: string, discount: Readonly<Record<string, unknown>>) {
  const user = randomUUID();
  const code = `C${user.slice(0, 8)}`;
  await shop.offer({ code, ...discount });
  const first = await shop.create({ user, priceId, couponCode: code });
  const { subscriptionId = "" } = await shop.pay(first);
  await shop.idle();
  const open = async (to: string) =>
    shop.client.create(await shop.token(user), {
      priceId: to,
      existingSubscriptionId: subscriptionId,
    });
  const change = async (to: string) => {
    const token = await shop.token(user);
    const session = await open(to);
    if (session.clientSecret === "") await shop.client.confirmFree(token, session.id);
    else await shop.pay(session);
    await shop.idle();
    return session;
  };
  return { first, change, open };
}

const { productId } = shop.pro;
const monthly = await shop.sell("Monthly", { productId, amount: 2_000 });
const cheaper = await shop.sell("Cheaper", { productId, amount: 500 });
const dearer = await shop.sell("Dearer", { productId, amount: 5_000 });
const yearly = await shop.sell("Yearly", { productId, amount: 24_000, interval: "year" });
const other = await shop.sell("Other", { amount: 5_000 });
const sum = (amounts: readonly number[]) => amounts.reduce((total, one) => total + one, 0);

describe("a discount that is for one product", () => {
  it("is not taken off another that its subscription changes to", async () => {
    const { first, change } = await subscribed(monthly.priceId, {
      product_id: productId,
      percent_off: 50,
      duration: "forever",
    });
    const session = await change(other.priceId);
    expect(Math.abs(session.totalAmount - 4_000)).toBeLessThanOrEqual(1);
    await shop.later(MONTH);
    expect(sum(await shop.charges(first))).toBe(1_000 + session.totalAmount + 5_000);
  });

  it("is taken off each of its prices", async () => {
    const { first, change } = await subscribed(monthly.priceId, {
      product_id: productId,
      percent_off: 50,
      duration: "forever",
    });
    const session = await change(dearer.priceId);
    expect(Math.abs(session.totalAmount - 1_500)).toBeLessThanOrEqual(1);
    await shop.later(MONTH);
    expect(sum(await shop.charges(first))).toBe(1_000 + session.totalAmount + 2_500);
  });
});

describe("a change that was shown with a discount which its subscription has lost by the payment", () => {
  it("is not made: the payment goes back, and the card on file is charged nothing", async () => {
    const { first, open } = await subscribed(monthly.priceId, {
      percent_off: 50,
      duration: "forever",
    });
    const session = await open(yearly.priceId);
    expect(Math.abs(session.totalAmount - 11_000)).toBeLessThanOrEqual(1);
    const { id, discounts } = await shop.subscriptionOf(first);
    expect(discounts).toHaveLength(1);
    await shop.stripe.subscriptions.update(id, { discounts: "" });
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "failed",
      error: { code: "payment_refunded" },
    });
    // The first period, and what has gone back.
    expect((await shop.charges(first)).toSorted((a, b) => a - b))
      .toEqual([1_000, session.totalAmount]);
    const { refunds } = await shop.atStripe(session);
    expect(refunds.map(({ amount }) => amount)).toEqual([session.totalAmount]);
    const { items, status } = await shop.subscriptionOf(first);
    expect(status).toBe("active");
    expect(items.data.map(({ price }) => price.unit_amount)).toEqual([2_000]);
  });
});

describe("the unused time of a period that was paid less a discount is credited at what was paid", () => {
  it.each<[string, number, string, string, number, number[]]>([
    ["an upgrade pays it", 50, monthly.priceId, dearer.priceId, 4_000, [5_000]],
    ["so does a cheaper price that costs more", 90, monthly.priceId, cheaper.priceId, 300, [500]],
    ["a downgrade has no more in credit", 50, monthly.priceId, cheaper.priceId, 0, [0, 500]],
    ["nothing paid is nothing credited", 100, yearly.priceId, monthly.priceId, 2_000, [2_000]],
    ["a new rhythm is paid in full", 50, monthly.priceId, yearly.priceId, 23_000, []],
    ["what is left of a year pays months", 50, yearly.priceId, monthly.priceId, 0, [0]],
  ])("%s", async (_what, percent, from, to, due, renewals) => {
    const { first, change } = await subscribed(from, {
      percent_off: percent,
      duration: "once",
    });
    const session = await change(to);
    expect(Math.abs(session.totalAmount - due)).toBeLessThanOrEqual(1);
    const { proration: { credited = 0 } = {} } = session;
    expect(Math.abs(credited - first.totalAmount)).toBeLessThanOrEqual(1);
    const paid = sum(await shop.charges(first));
    let expected = 0;
    for (const renewal of renewals) {
      await shop.later(MONTH);
      expected += renewal;
      expect(Math.abs(sum(await shop.charges(first)) - paid - expected)).toBeLessThanOrEqual(1);
    }
  });
});
