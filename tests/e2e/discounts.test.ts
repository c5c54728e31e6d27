import { afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { openClockShop } from "../support/clock-shop.ts";
import { DAY } from "../support/clock-stack.ts";
import { type Offer, refusal } from "../support/shop.ts";

const shop = await openClockShop();
/** An invoice is a draft for its first hour. */
const MONTH = 31 * DAY + 7_200;
let products = 0;
afterEach(() => shop.endAll());

/** A product of its own, bought with a coupon of its own. */
async function bought(
  discount: Readonly<Record<string, unknown>>,
  offer: Offer = {},
  quantity = 1,
): Promise<CreateResponse> {
  const code = `C${products}`;
  await shop.offer({ code, ...discount });
  const { priceId } = await shop.sell(`Product-${products++}`, { amount: 2000, ...offer });
  const session = await shop.create({ priceId, couponCode: code.toLowerCase(), quantity });
  await shop.pay(session);
  await shop.idle();
  return session;
}
const months = async (count: number) => {
  for (let month = 0; month < count; month += 1) await shop.later(MONTH);
};

// First: a card that is set up has no time at Stripe, so these begin by our clock, which Stripe's will have left behind.
describe("a discount that leaves nothing due", () => {
  it("asks for a card, charges nothing, and leaves nothing for Stripe to take off", async () => {
    const session = await bought({ percent_off: 100, duration: "once" });
    expect(session).toMatchObject({
      checkoutMode: "standard",
      amount: 2000,
      discountAmount: 2000,
      totalAmount: 0,
    });
    expect(session.clientSecret).toMatch(/^seti_/);
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
    });
    expect((await shop.status(session)).subscription).not.toHaveProperty("trialEnd");
    expect(await shop.charges(session)).toEqual([]);
    expect((await shop.subscriptionOf(session)).discounts).toEqual([]);
  });

  it("ever, still asks for a card, and never charges", async () => {
    const session = await bought({ percent_off: 100, duration: "forever" });
    expect(session).toMatchObject({ checkoutMode: "standard", totalAmount: 0 });
    expect((await shop.subscriptionOf(session)).discounts).toHaveLength(1);
  });

  it("is let go, with nothing to refund, where the customer has the product by then", async () => {
    await shop.offer({ code: "ALL", percent_off: 100 });
    const { priceId } = await shop.sell("Twice", { amount: 2000 });
    const user = "sets-up-twice";
    const [one, other] = [
      await shop.create({ priceId, user, couponCode: "ALL" }),
      await shop.create({ priceId, user, couponCode: "ALL" }),
    ];
    await shop.pay(one);
    await shop.payInBrowser(other);
    await shop.idle();
    expect(await shop.status(other)).toMatchObject({
      status: "failed",
      error: { code: "already_subscribed" },
    });
  });

  it("has been as good as said a period later", async () => {
    const [once, forever] = [
      await bought({ percent_off: 100, duration: "once" }),
      await bought({ percent_off: 100, duration: "forever" }),
    ];
    const twoMonths = await bought({
      percent_off: 100,
      duration: "repeating",
      duration_in_months: 2,
    });
    await months(3);
    expect(await shop.charges(once)).toEqual([2000, 2000, 2000]);
    expect(await shop.charges(forever)).toEqual([]);
    expect(await shop.charges(twoMonths)).toEqual([2000, 2000]);
  });
});

describe("a discount on a trial", () => {
  it.each<[string, Readonly<Record<string, unknown>>, number[]]>([
    ["once", { percent_off: 25, duration: "once" }, [1500, 2000, 2000]],
    ["for two months", {
      amount_off: 700,
      currency: "usd",
      duration: "repeating",
      duration_in_months: 2,
    }, [1300, 1300, 2000]],
    ["forever", { percent_off: 10, duration: "forever" }, [1800, 1800, 1800]],
  ])("%s is taken off from its end on", async (_, discount, charges) => {
    const session = await bought(discount, { trialDays: 20 });
    expect(session).toMatchObject({
      checkoutMode: "trial",
      amount: 2000,
      discountAmount: 2000 - (charges[0] ?? 0),
      totalAmount: 0,
    });
    await shop.later(21 * DAY);
    await months(2);
    expect(await shop.charges(session)).toEqual(charges);
  });
});

describe("a discount", () => {
  it.each<[string, Readonly<Record<string, unknown>>, number[]]>([
    ["once", { percent_off: 50, duration: "once" }, [1000, 2000, 2000, 2000, 2000]],
    ["for one month", { percent_off: 50, duration: "repeating", duration_in_months: 1 }, [
      1000,
      2000,
      2000,
      2000,
      2000,
    ]],
    ["for three months", { percent_off: 50, duration: "repeating", duration_in_months: 3 }, [
      1000,
      1000,
      1000,
      2000,
      2000,
    ]],
    ["forever", { percent_off: 33.33, duration: "forever" }, [1333, 1333, 1333, 1333, 1333]],
    ["of an amount", { amount_off: 1, currency: "usd", duration: "forever" }, [
      1999,
      1999,
      1999,
      1999,
      1999,
    ]],
  ])("%s is taken off exactly so long, the paid period included", async (_, discount, charges) => {
    const session = await bought(discount);
    expect(session).toMatchObject({ amount: 2000, totalAmount: charges[0] });
    await months(4);
    expect(await shop.charges(session)).toEqual(charges);
  });

  it("for months of a quarterly price holds for the quarters that begin in them", async () => {
    const session = await bought(
      { percent_off: 50, duration: "repeating", duration_in_months: 4 },
      { interval: "month", intervalCount: 3 },
    );
    await months(10);
    expect(await shop.charges(session)).toEqual([1000, 1000, 2000, 2000]);
  });

  it("for a year of a yearly price is no more than the first year", async () => {
    const session = await bought(
      { percent_off: 50, duration: "repeating", duration_in_months: 12 },
      { interval: "year" },
    );
    await shop.later(366 * DAY);
    expect(await shop.charges(session)).toEqual([1000, 2000]);
  });

  it("is taken off all seats together", async () => {
    const session = await bought(
      { amount_off: 500, currency: "usd", duration: "forever" },
      { maxQuantity: null },
      3,
    );
    expect(session).toMatchObject({ amount: 6000, discountAmount: 500, totalAmount: 5500 });
    await months(1);
    expect(await shop.charges(session)).toEqual([5500, 5500]);
  });

  // Half a unit is where two ways to round part.
  it.each<[number, number, string]>([
    [2001, 50, "usd"],
    [2003, 50, "usd"],
    [1999, 12.5, "usd"],
    [1020, 2.5, "eur"],
    [4301, 50, "jpy"],
    [7777, 33.33, "usd"],
    [5_130, 50, "kwd"],
    [5_110, 33.33, "kwd"],
    [12_300, 50, "isk"],
  ])(
    "on %d less %d percent, in %s, is now what Stripe makes it later",
    async (amount, percent, currency) => {
      const session = await bought(
        { percent_off: percent, duration: "forever" },
        { amount, currency },
      );
      await months(1);
      const [now = 0, later = 0, ...more] = await shop.charges(session);
      expect(more).toEqual([]);
      expect([now, later]).toEqual([session.totalAmount, session.totalAmount]);
    },
  );

  it("that its owner changes meanwhile is for this session what it was", async () => {
    await shop.offer({ code: "CHANGES", percent_off: 50, duration: "forever" });
    const session = await shop.create({ couponCode: "CHANGES" });
    await shop.query(
      "update billing.discounts set percent_off = 1, active = false where code = 'CHANGES'",
    );
    await shop.pay(session);
    await shop.idle();
    await months(1);
    expect(await shop.charges(session)).toEqual([1450, 1450]);
  });

  it("is one coupon at Stripe for all who have it, and one each where they differ", async () => {
    await shop.offer({ code: "SHARED", percent_off: 20, duration: "forever" });
    const sessions = await Promise.all([1, 2, 3].map(() => shop.create({ couponCode: "SHARED" })));
    await Promise.all(sessions.map((session) => shop.pay(session)));
    await shop.idle();
    const { data } = await shop.stripe.coupons.list({ limit: 100 });
    const [coupon, ...more] = data.filter(({ name }) => name === "SHARED");
    expect(more).toEqual([]);
    expect(coupon).toMatchObject({ percent_off: 20, duration: "forever", times_redeemed: 3 });
  });

  it("is refused with its reason", async () => {
    expect(await refusal(shop.create({ couponCode: "NO-SUCH" }))).toMatchObject({
      status: 400,
      code: "coupon_not_found",
    });
    await shop.offer({ code: "EURO", amount_off: 100, currency: "eur" });
    expect(await refusal(shop.create({ couponCode: "EURO" }))).toMatchObject({
      status: 400,
      code: "coupon_not_applicable",
      details: { reason: "currency" },
    });
  });

  it("of yesterday, without a redemption left, or for new customers alone is told so with 400", async () => {
    const user = "regular";
    await shop.pay(await shop.create({ user }));
    await shop.offer({ code: "YESTERDAY", percent_off: 50, expires_at: "2020-01-01" });
    await shop.offer({ code: "LAST", percent_off: 50, max_redemptions: 1 });
    await shop.offer({ code: "FIRST", percent_off: 50, first_time_only: true });
    await shop.create({ couponCode: "LAST" });
    const codes: unknown[] = [];
    for (const couponCode of ["YESTERDAY", "LAST", "FIRST"]) {
      const { status, code } = await refusal(
        shop.create({ user, couponCode, priceId: shop.team.priceId }),
      );
      codes.push([couponCode, status, code]);
    }
    expect(codes).toEqual([
      ["YESTERDAY", 400, "coupon_expired"],
      ["LAST", 400, "coupon_exhausted"],
      ["FIRST", 400, "coupon_first_time_only"],
    ]);
  });

  it("for new customers is charged for the first of two checkouts and refused for the second", async () => {
    await shop.offer({ code: "NEW", percent_off: 50, first_time_only: true });
    const user = "new-once";
    const one = await shop.create({ user, couponCode: "NEW" });
    const other = await shop.create({ user, couponCode: "NEW", priceId: shop.team.priceId });
    expect(await shop.pay(one)).toMatchObject({ status: "active" });
    expect(await refusal(shop.pay(other))).toMatchObject({
      status: 400,
      code: "coupon_first_time_only",
    });
    expect(await shop.charges(one)).toEqual([1450]);
    expect(await shop.status(other)).toMatchObject({ status: "pending" });
  });

  it("in another code is another request of the same token", async () => {
    await shop.offer({ code: "ONE-OF-TWO", percent_off: 10 });
    const token = await shop.token();
    const input = { priceId: shop.pro.priceId };
    const plain = await shop.client.create(token, input);
    const less = await shop.client.create(token, { ...input, couponCode: "ONE-OF-TWO" });
    expect(less.id).not.toBe(plain.id);
    expect(less.totalAmount).toBe(2610);
  });
});
