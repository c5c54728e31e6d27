import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { distribute } from "../src/core/shares.ts";
import { customerWith, DAY, idOf, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();
const MONTHS = 31 * DAY;

const couponOf = (given: Stripe.CouponCreateParams) => bench.stripe.coupons.create(given);

async function listed(coupon: string): Promise<Stripe.Coupon> {
  const { data } = await bench.stripe.coupons.list({ limit: 100 });
  const found = data.find(({ id }) => id === coupon);
  if (found === undefined) throw new Error(`${coupon} is not listed`);
  return found;
}

async function subscribe(
  coupon: string,
  more: Partial<Stripe.SubscriptionCreateParams> = {},
  price: Partial<Stripe.PriceCreateParams> = {},
): Promise<Stripe.Subscription> {
  const { customer, method } = await customerWith(bench.stripe);
  const { id } = await priceOf(bench.stripe, price);
  return bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items: [{ price: id }],
    discounts: [{ coupon }],
    ...more,
  });
}

async function totalsOf({ id }: Stripe.Subscription): Promise<number[]> {
  const { data } = await bench.stripe.invoices.list({ subscription: id });
  return data.map((invoice) => invoice.total).toReversed();
}

async function told(type: string, subscription: string): Promise<number> {
  await bench.idle();
  return bench.received.filter(({ event }) =>
    event.type === type && JSON.stringify(event.data.object).includes(subscription)
  ).length;
}

describe("a sum that is split", () => {
  it.each([
    [100, [1, 1, 1], [33, 34, 33]],
    [1, [5, 5], [1, 0]],
    [50, [0, 100], [0, 50]],
    [0, [3, 4], [0, 0]],
    [7, [], []],
  ])("%i by %j is %j: nothing is lost", (total, weights, shares) => {
    expect(distribute(total, weights)).toEqual(shares);
  });
});

describe("a discount", () => {
  it.each<[string, Stripe.CouponCreateParams, number[]]>([
    ["once", { percent_off: 25, duration: "once" }, [1500, 2000, 2000, 2000]],
    [
      "for two months",
      { percent_off: 50, duration: "repeating", duration_in_months: 2 },
      [1000, 1000, 2000, 2000],
    ],
    [
      "of a fixed amount for ever",
      { amount_off: 500, currency: "usd", duration: "forever" },
      [1500, 1500, 1500, 1500],
    ],
    ["of more than there is", { amount_off: 5000, currency: "usd" }, [0, 2000, 2000, 2000]],
  ])("%s is taken off as long as it holds", async (_name, given, totals) => {
    const subscription = await subscribe((await couponOf(given)).id);
    for (let month = 0; month < 3; month += 1) await bench.advance(MONTHS);
    expect((await totalsOf(subscription)).slice(0, 4)).toEqual(totals);
  });

  it("is shown on the invoice, its line and the subscription, and told of", async () => {
    const coupon = await couponOf({ percent_off: 25, duration: "forever", name: "Quarter" });
    const subscription = await subscribe(coupon.id, {
      expand: ["discounts.source.coupon", "latest_invoice"],
    });
    const [discount] = subscription.discounts;
    expect(discount).toMatchObject({
      object: "discount",
      subscription: subscription.id,
      end: null,
      source: { type: "coupon", coupon: { name: "Quarter", times_redeemed: 1 } },
    });
    const id = idOf(discount);
    expect(subscription.latest_invoice).toMatchObject({
      subtotal: 2000,
      total: 1500,
      amount_paid: 1500,
      discounts: [id],
      total_discount_amounts: [{ amount: 500, discount: id }],
      lines: { data: [{ amount: 2000, discount_amounts: [{ amount: 500, discount: id }] }] },
    });
    expect(await told("customer.discount.created", subscription.id)).toBe(1);
  });

  it("that is over leaves the subscription, and that is told", async () => {
    const coupon = await couponOf({ percent_off: 10 });
    const subscription = await subscribe(coupon.id);
    const after = await bench.stripe.subscriptions.retrieve(subscription.id);
    expect(after.discounts).toEqual([]);
    expect(await told("customer.discount.deleted", subscription.id)).toBe(1);
  });

  it("is for its products only", async () => {
    const [mine, other] = await Promise.all([priceOf(bench.stripe), priceOf(bench.stripe)]);
    const { customer, method } = await customerWith(bench.stripe);
    const coupon = await couponOf({
      percent_off: 50,
      duration: "forever",
      applies_to: { products: [idOf(mine.product)] },
      expand: ["applies_to"],
    });
    expect(coupon.applies_to?.products).toEqual([mine.product]);
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: mine.id }, { price: other.id, quantity: 2 }],
      discounts: [{ coupon: coupon.id }],
    });
    expect(await totalsOf(subscription)).toEqual([5000]);
  });

  it("waits out a trial", async () => {
    const coupon = await couponOf({ percent_off: 50 });
    const subscription = await subscribe(coupon.id, { trial_period_days: 7 });
    await bench.advance(8 * DAY);
    expect(await totalsOf(subscription)).toEqual([0, 1000]);
  });

  it("goes on for those who have it when the coupon is deleted", async () => {
    const coupon = await couponOf({ percent_off: 50, duration: "forever" });
    const subscription = await subscribe(coupon.id);
    await bench.stripe.coupons.del(coupon.id);
    await bench.advance(MONTHS);
    expect(await totalsOf(subscription)).toEqual([1000, 1000]);
    expect((await refusalOf(subscribe(coupon.id))).code).toBe("resource_missing");
  });

  it("can be added, kept beside another, and taken off", async () => {
    const [first, second] = await Promise.all([
      couponOf({ percent_off: 50, duration: "forever" }),
      couponOf({ amount_off: 100, currency: "usd", duration: "forever" }),
    ]);
    const subscription = await subscribe(first.id);
    const kept = idOf(subscription.discounts[0]);
    const both = await bench.stripe.subscriptions.update(subscription.id, {
      discounts: [{ discount: kept }, { coupon: second.id }],
    });
    expect(both.discounts).toHaveLength(2);
    await bench.advance(MONTHS);
    const none = await bench.stripe.subscriptions.update(subscription.id, { discounts: "" });
    expect(none.discounts).toEqual([]);
    await bench.advance(MONTHS);
    expect(await totalsOf(subscription)).toEqual([1000, 900, 2000]);
  });

  it("is previewed without being redeemed", async () => {
    const { id } = await couponOf({ percent_off: 50, max_redemptions: 1 });
    const { customer } = await customerWith(bench.stripe);
    const price = await priceOf(bench.stripe);
    const preview = await bench.stripe.invoices.createPreview({
      customer,
      discounts: [{ coupon: id }],
      subscription_details: { items: [{ price: price.id, quantity: 3 }] },
    });
    expect(preview).toMatchObject({ subtotal: 6000, total: 3000, amount_due: 3000 });
    expect((await listed(id)).times_redeemed).toBe(0);
  });
});

describe("a coupon is refused", () => {
  it("when it does not exist", async () => {
    const refusal = await refusalOf(subscribe("NOPE"));
    expect(refusal).toMatchObject({
      statusCode: 400,
      code: "resource_missing",
      param: "discounts[0][coupon]",
    });
  });

  it("when it is used up, but not when its only use came to nothing", async () => {
    const { id } = await couponOf({ percent_off: 50, max_redemptions: 1 });
    const { customer, method } = await customerWith(bench.stripe, "pm_card_chargeCustomerFail");
    const price = await priceOf(bench.stripe);
    await refusalOf(bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: price.id }],
      discounts: [{ coupon: id }],
      payment_behavior: "error_if_incomplete",
    }));
    await subscribe(id);
    expect((await listed(id)).valid).toBe(false);
    expect((await refusalOf(subscribe(id))).code).toBe("coupon_expired");
  });

  it("after its last day", async () => {
    const redeem_by = (await bench.now()) + DAY;
    const { id } = await couponOf({ percent_off: 50, redeem_by });
    await subscribe(id);
    await bench.advance(DAY + 1);
    expect((await refusalOf(subscribe(id))).code).toBe("coupon_expired");
  });

  it("in another currency", async () => {
    const { id } = await couponOf({ amount_off: 50, currency: "eur" });
    expect((await refusalOf(subscribe(id))).message).toContain("currency");
  });

  it.each<[string, Stripe.CouponCreateParams]>([
    ["nothing off", {}],
    ["both kinds off", { percent_off: 5, amount_off: 5, currency: "usd" }],
    ["more than all off", { percent_off: 100.5 }],
    ["an amount without its currency", { amount_off: 5 }],
    ["an end in the past", { percent_off: 5, redeem_by: 1000 }],
    ["months without repetition", { percent_off: 5, duration_in_months: 2 }],
    ["repetition without months", { percent_off: 5, duration: "repeating" }],
    ["a product of nobody's", { percent_off: 5, applies_to: { products: ["prod_none"] } }],
  ])("already when it is made with %s", async (_name, given) => {
    expect((await refusalOf(couponOf(given))).statusCode).toBe(400);
  });
});
