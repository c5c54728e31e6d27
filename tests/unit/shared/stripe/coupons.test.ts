import { describe, expect, it } from "vitest";
import type { FrozenDiscount } from "../../../../shared/domain/sessions.ts";
import { coupons, type DiscountedSession } from "../../../../shared/stripe/coupons.ts";
import { StripeRefusal } from "../../../../shared/stripe/errors.ts";
import { read } from "../../../../shared/stripe/write.ts";
import { subscription } from "./answers.ts";
import { DISCOUNT } from "./plans.ts";
import { type Answer, answer, invalid, lost, missing, recordedStripe } from "./recorded.ts";

const MAKE = "POST /v1/coupons";
const USE = "POST /v1/subscriptions";

const discount: FrozenDiscount = { code: "SPRING", percentOff: 12.5, duration: "forever" };
const session: DiscountedSession = {
  discountId: DISCOUNT,
  discount,
  stripeProductId: "prod_OabcDEF",
  stripeAccountId: "acct_1",
};
const made = answer({ id: "coupon", object: "coupon" });
const gone = missing("discounts[0][coupon]");
const used = answer(subscription);

async function use(
  answers: Readonly<Record<string, readonly Answer[]>>,
  differs: Partial<DiscountedSession> = {},
) {
  const { stripe, seen, calls } = recordedStripe(answers);
  const ids: (string | undefined)[] = [];
  const outcome = await coupons(stripe).use({ ...session, ...differs }, (id) => {
    ids.push(id);
    return read(() =>
      stripe.subscriptions.create({
        customer: "cus_OabcDEF",
        ...(id === undefined ? {} : { discounts: [{ coupon: id }] }),
      }, { stripeAccount: "acct_1" })
    );
  }).then(({ id }) => id, (error: unknown) => error);
  return { outcome, seen, calls: calls(), ids, coupon: seen.find(({ call }) => call === MAKE) };
}

const withDiscount = (differs: object) => ({ discount: { ...discount, ...differs } });
/** What is made for a discount that Stripe has no coupon of. */
const couponOf = async (differs: object, rest: Partial<DiscountedSession> = {}) =>
  (await use({ [USE]: [gone, used], [MAKE]: [made] }, { ...withDiscount(differs), ...rest })).coupon
    ?.parameters;

describe("a discount's coupon", () => {
  it("is only named where Stripe has it", async () => {
    const { outcome, calls, ids } = await use({ [USE]: [used] });
    expect({ outcome, calls }).toEqual({ outcome: subscription.id, calls: [USE] });
    expect(ids).toEqual([`${DISCOUNT}-1250bp-forever`]);
  });

  it("is none without a discount", async () => {
    const { calls, ids } = await use({ [USE]: [used] }, { discountId: null, discount: null });
    expect({ calls, ids }).toEqual({ calls: [USE], ids: [undefined] });
  });

  it.each(["discounts[0][coupon]", "coupon", "discounts"])(
    "is made where Stripe misses %s, and used then",
    async (param) => {
      const { outcome, calls, ids } = await use({ [USE]: [missing(param), used], [MAKE]: [made] });
      expect({ outcome, calls }).toEqual({ outcome: subscription.id, calls: [USE, MAKE, USE] });
      expect(new Set(ids).size).toBe(1);
    },
  );

  it("is made under its id and no key, which would answer for a day of one deleted since", async () => {
    const { seen } = await use({ [USE]: [gone, used], [MAKE]: [made] });
    expect(seen[1]).toMatchObject({ call: MAKE, account: "acct_1" });
    // One that Stripe's package makes up is another each time.
    expect(seen[1]?.key ?? "stripe-node-retry").toMatch(/^stripe-node-retry/);
  });

  it("may have been made by another run meanwhile", async () => {
    const { outcome } = await use({
      [USE]: [gone, used],
      [MAKE]: [invalid({ code: "resource_already_exists" })],
    });
    expect(outcome).toBe(subscription.id);
  });

  it("that Stripe goes on missing is made once in a run", async () => {
    const { outcome, calls } = await use({ [USE]: [gone], [MAKE]: [made] });
    expect(outcome).toMatchObject({ stripeCode: "resource_missing" });
    expect(calls).toEqual([USE, MAKE, USE]);
  });

  it.each([
    ["something else is missing", missing("items[0][price]")],
    ["the customer is missing", missing("customer")],
    ["it has expired", invalid({ code: "coupon_expired", param: "discounts[0][coupon]" })],
    ["its parameter is wrong", invalid({ param: "discounts[0][coupon]" })],
    ["a parameter is unknown", invalid({ code: "parameter_unknown", param: "coupon" })],
  ])("is not made, and nothing tried again, where %s", async (_what, refused) => {
    const { outcome, calls } = await use({ [USE]: [refused, used], [MAKE]: [made] });
    expect(outcome).toBeInstanceOf(StripeRefusal);
    expect(calls).toEqual([USE]);
  });

  it.each([["refused", invalid({ param: "percent_off" })], ["unanswered", lost]])(
    "is not used where its making is %s",
    async (_what, reply) => {
      const { outcome, calls } = await use({ [USE]: [gone, used], [MAKE]: [reply] });
      expect(outcome).toMatchObject({ name: "CheckoutError" });
      expect(calls.filter((call) => call === USE)).toHaveLength(1);
    },
  );
});

describe("a coupon that is made", () => {
  it.each<[string, object, Record<string, string>]>([
    ["a percentage, for ever", {}, { percent_off: "12.5", duration: "forever" }],
    ["an amount, once", {
      percentOff: undefined,
      amountOff: 500,
      currency: "jpy",
      duration: "once",
    }, { amount_off: "500", currency: "jpy", duration: "once" }],
    ["some months", { duration: "repeating", months: 3 }, {
      percent_off: "12.5",
      duration: "repeating",
      duration_in_months: "3",
    }],
  ])("grants %s, and nothing besides", async (_what, differs, parameters) => {
    const { id, ...rest } = await couponOf(differs) ?? {};
    expect(id).toContain(DISCOUNT);
    expect(rest).toEqual({ name: "SPRING", "metadata[discount_id]": DISCOUNT, ...parameters });
  });

  it("is for its product alone where the discount is", async () => {
    expect(await couponOf({ productBound: true }))
      .toMatchObject({ "applies_to[products][0]": "prod_OabcDEF" });
    expect(Object.keys(await couponOf({ productBound: false }) ?? {}).join())
      .not.toContain("applies_to");
  });

  it("is not made for every product where the one that it is for is not known", async () => {
    const { outcome, calls } = await use({ [USE]: [gone, used], [MAKE]: [made] }, {
      ...withDiscount({ productBound: true }),
      stripeProductId: null,
    });
    expect(outcome).toMatchObject({ message: `discount ${DISCOUNT} without its product` });
    expect(calls).toEqual([]);
  });

  it("has another id for each thing that it may grant", async () => {
    const granted = [
      {},
      { percentOff: 12.51 },
      { percentOff: 1.25 },
      { percentOff: undefined, amountOff: 1_250, currency: "usd" },
      { percentOff: undefined, amountOff: 1_250, currency: "eur" },
      { duration: "once" },
      { duration: "repeating", months: 1 },
      { duration: "repeating", months: 11 },
      { productBound: true },
    ];
    const ids = await Promise.all(granted.map(async (one) => (await couponOf(one))?.["id"]));
    expect(new Set(ids).size).toBe(granted.length);
  });

  it("has a name that Stripe takes, however long the code", async () => {
    expect((await couponOf({ code: "X".repeat(100) }))?.["name"]).toHaveLength(40);
  });
});
