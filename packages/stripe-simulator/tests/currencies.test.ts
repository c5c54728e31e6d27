import { describe, expect, it } from "vitest";
import { customerWith, DAY, refusalOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();

const pay = (amount: number, currency: string) =>
  bench.stripe.paymentIntents.create({
    amount,
    currency,
    confirm: true,
    payment_method: "pm_card_visa",
    return_url: RETURN_URL,
  });

describe("an amount", () => {
  it.each([
    ["usd", 50],
    ["gbp", 30],
    ["jpy", 50],
    ["huf", 17_500],
    ["twd", 1999],
    ["krw", 1],
    ["kwd", 5120],
    ["isk", 500],
    ["ugx", 500],
    ["USD", 99_999_999],
  ])("in %s of %i is charged", async (currency, amount) => {
    expect(await pay(amount, currency)).toMatchObject({ status: "succeeded", amount });
  });

  it.each([
    ["usd", 49, "amount_too_small", "0.50 usd"],
    ["jpy", 49, "amount_too_small", "50 jpy"],
    ["huf", 17_499, "amount_too_small", "175.00 huf"],
    ["kwd", 5, "amount_too_small", "0.010 kwd"],
    ["isk", 50, "amount_too_small", "1.00 isk"],
    ["usd", 100_000_000, "amount_too_large", "999999.99 usd"],
    ["kwd", 5124, "parameter_invalid_integer", "divisible by 10"],
    ["bhd", 1001, "parameter_invalid_integer", "divisible by 10"],
    ["isk", 550, "parameter_invalid_integer", "divisible by 100"],
    ["ugx", 101, "parameter_invalid_integer", "divisible by 100"],
    ["usd", 0, "parameter_invalid_integer", "greater than or equal to 1"],
  ])("in %s of %i is refused as %s", async (currency, amount, code, message) => {
    const refusal = await refusalOf(pay(amount, currency));
    expect(refusal).toMatchObject({ statusCode: 400, code, param: "amount" });
    expect(refusal.message).toContain(message);
  });

  it("in a currency of nowhere is refused", async () => {
    expect((await refusalOf(pay(500, "xyz"))).param).toBe("currency");
  });

  it("paid back in part keeps to the digits of its currency", async () => {
    const { id } = await pay(5120, "kwd");
    const refund = (amount: number) => bench.stripe.refunds.create({ payment_intent: id, amount });
    expect((await refusalOf(refund(1001))).code).toBe("parameter_invalid_integer");
    expect((await refund(1000)).amount).toBe(1000);
  });
});

describe("what is computed", () => {
  it.each([
    ["kwd", 7770, 10],
    ["isk", 77_700, 100],
    ["jpy", 777, 1],
  ])("in %s can be charged", async (currency, unit_amount, step) => {
    const { customer, method } = await customerWith(bench.stripe);
    const coupon = await bench.stripe.coupons.create({ percent_off: 33.33, duration: "forever" });
    const price = (amount: number) =>
      bench.stripe.prices.create({
        currency,
        unit_amount: amount,
        recurring: { interval: "week" },
        product_data: { name: "Pro" },
      });
    const [small, big] = await Promise.all([price(unit_amount), price(unit_amount * 3)]);
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: small.id }],
      discounts: [{ coupon: coupon.id }],
    });
    await bench.advance(2 * DAY);
    await bench.stripe.subscriptions.update(subscription.id, {
      items: [{ id: subscription.items.data[0]?.id ?? "", price: big.id }],
      proration_behavior: "always_invoice",
    });
    const { data } = await bench.stripe.charges.list({ customer });
    expect(data).toHaveLength(2);
    expect(data.every((charge) => charge.paid && charge.amount % step === 0)).toBe(true);
  });
});
