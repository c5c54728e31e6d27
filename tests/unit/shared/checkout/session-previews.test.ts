import { describe, expect, it } from "vitest";
import type { CreatedSession } from "../../../../shared/domain/sessions.ts";
import { changeInvoice, SESSION, withAddOn } from "../stripe/plans.ts";
import { type Answer, answer, invalid, lost, missing, refusal } from "../stripe/recorded.ts";
import {
  checkout,
  COUPON,
  discounted,
  PREVIEW,
  preview,
  PRICE,
  returning,
  taxed,
} from "../support/priced-session.ts";
import { soldPrice } from "../support/sold-session.ts";

/** A session that changes a subscription. */
const changing = (
  stripeSubscriptionId: string | null,
  fromStripePriceId: string | null,
): Partial<CreatedSession> => ({
  ...returning,
  checkoutMode: "change",
  change: {
    stripeSubscriptionId,
    fromStripePriceId,
    trialing: false,
    restarts: false,
    credited: 0,
    charged: 0,
    trialDays: 0,
  },
});

describe("a session's first invoice", () => {
  it.each<[string, Partial<CreatedSession>]>([
    ["a returning customer", returning],
    ["a tax", taxed],
  ])("is previewed for %s, and what it comes to is kept", async (_what, differs) => {
    const costs = { ...preview, amount_due: 6_000, total: 6_902 };
    const { priced, calls, called } = checkout({
      [PREVIEW]: [answer({
        ...costs,
        total_taxes: [{ amount: 1_102, tax_behavior: "exclusive" }],
      })],
    });
    expect(await priced(differs)).toMatchObject({ previewed: true });
    expect(calls()).toEqual([PRICE, PREVIEW]);
    expect(called).toEqual([{
      name: "record_preview",
      args: {
        p_session_id: SESSION,
        p_preview: { total: 6_902, amountDue: 6_000, taxAmount: 1_102, discountAmount: 0 },
      },
    }]);
  });

  it("is previewed with the session's coupon, made where it is missing, for its product", async () => {
    const bound = { code: "SPRING", percentOff: 50, duration: "once", productBound: true } as const;
    const { priced, seen, calls } = checkout({
      [PREVIEW]: [missing("discounts[0][coupon]"), answer(preview)],
      [COUPON]: [answer({ id: "coupon", object: "coupon" })],
    });
    await priced({ ...discounted, discount: bound });
    expect(calls()).toEqual([PRICE, PREVIEW, COUPON, PREVIEW]);
    expect(seen[2]?.parameters).toMatchObject({ "applies_to[products][0]": "prod_OabcDEF" });
    expect(seen[3]?.parameters["discounts[0][coupon]"]).toBe(seen[2]?.parameters["id"]);
  });

  it("is a new customer's where Stripe has the returning one no more", async () => {
    const { priced, seen, called } = checkout({
      [PREVIEW]: [missing("customer"), answer(preview)],
    });
    expect(await priced(returning)).toMatchObject({ previewed: true });
    expect(called[0]).toEqual({
      name: "forget_stripe_customer",
      args: { p_stripe_customer_id: "cus_OabcDEF" },
    });
    expect(seen.at(-1)?.parameters).not.toHaveProperty("customer");
  });

  it.each<[string, Answer, string]>([
    [
      "the currency",
      invalid({
        message: "You cannot combine currencies on a single customer. This customer has …",
      }),
      "currency_conflict",
    ],
    ["the coupon", invalid({ code: "coupon_expired", param: "coupon" }), "coupon_expired"],
    ["the address", invalid({ code: "customer_tax_location_invalid" }), "address_invalid"],
    ["the tax id", invalid({ code: "tax_id_invalid" }), "tax_id_invalid"],
    ["to tell taxes", invalid({ code: "failed_tax_calculation" }), "tax_unavailable"],
    ["without Stripe Tax", invalid({ code: "stripe_tax_inactive" }), "tax_unavailable"],
    [
      "the account",
      refusal(403, { type: "invalid_request_error" }),
      "merchant_account_unavailable",
    ],
    ["by not answering", lost, "stripe_unavailable"],
  ])("that Stripe refuses is not sold: %s", async (_what, reply, code) => {
    const { priced, names } = checkout({ [PREVIEW]: [reply] });
    await expect(priced({ ...returning, ...taxed, ...discounted })).rejects.toMatchObject({ code });
    expect(names()).toEqual([]);
  });

  it.each([
    ["requires_location_inputs", "address_invalid"],
    ["failed", "tax_unavailable"],
    [null, "tax_unavailable"],
  ])("is not sold with a tax that could not be told: %s", async (status, code) => {
    const untaxed = { ...preview, automatic_tax: { enabled: true, status } };
    const { priced, names } = checkout({ [PREVIEW]: [answer(untaxed)] });
    await expect(priced(taxed)).rejects.toMatchObject({ code });
    expect(names()).toEqual([]);
    expect(await priced(returning)).toMatchObject({ previewed: true });
  });

  it.each([["usd", 50], ["jpy", 50], ["huf", 17_500]])(
    "is not sold below %s's least charge",
    async (currency, minimum) => {
      const at = async (total: number) => {
        const { priced, names } = checkout({
          [PRICE]: [answer({ ...soldPrice, currency })],
          [PREVIEW]: [answer({ ...preview, currency, total, amount_due: total })],
        });
        const code = await priced({ ...discounted, currency }).then(
          () => "sold",
          (error: unknown) => error,
        );
        return { code, names: names() };
      };
      expect(await at(minimum - 1)).toMatchObject({
        code: { code: "amount_too_small", details: { minimum, currency } },
        names: [],
      });
      expect((await at(minimum)).code).toBe("sold");
      expect((await at(0)).code).toBe("sold");
    },
  );
});

describe("a change of price", () => {
  const SUBSCRIPTION = "GET /v1/subscriptions/sub_1NabcDEF";
  const change = changing("sub_1NabcDEF", "price_old");

  it("is previewed of its subscription, and what it comes to is kept", async () => {
    const { priced, calls, called } = checkout({
      [SUBSCRIPTION]: [answer(withAddOn({ price: "price_old" }))],
      [PREVIEW]: [answer({ ...changeInvoice(), total: 1_450 })],
    });
    await priced(change);
    expect(calls()).toEqual([PRICE, SUBSCRIPTION, PREVIEW]);
    expect(called[0]?.args["p_preview"]).toMatchObject({
      itemId: "si_OabcDEF",
      stripePriceId: "price_old",
      amountDue: 1_450,
      total: 1_450,
    });
  });

  it("is refused where the subscription has ended at Stripe", async () => {
    const { priced, names } = checkout({
      [SUBSCRIPTION]: [answer(withAddOn({ price: "price_old" }, { status: "canceled" }))],
    });
    await expect(priced(change)).rejects.toMatchObject({ code: "subscription_ended" });
    expect(names()).toEqual([]);
  });

  it("of a free subscription, of which Stripe knows nothing, is a first invoice", async () => {
    const { priced, calls } = checkout();
    await priced(changing(null, null));
    expect(calls()).toEqual([PRICE, PREVIEW]);
  });
});
