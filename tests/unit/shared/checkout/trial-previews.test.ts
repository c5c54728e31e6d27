import { describe, expect, it } from "vitest";
import { answer } from "../stripe/recorded.ts";
import {
  checkout,
  discounted,
  lines,
  own,
  PREVIEW,
  preview,
  returning,
  trial,
} from "../support/priced-session.ts";

describe("a trial", () => {
  it("is free now, and of its first charge the discount is told", async () => {
    const { priced, called } = checkout({
      [PREVIEW]: [answer({
        ...preview,
        total: 3_451,
        amount_due: 3_451,
        total_discount_amounts: [{ amount: 2_900 }],
        total_taxes: [{ amount: 551, tax_behavior: "exclusive" }],
      })],
    });
    await priced({ ...trial, ...discounted });
    expect(called[0]?.args["p_preview"]).toMatchObject({
      discountAmount: 2_900,
      taxAmount: 0,
      amountDue: 0,
    });
  });

  it.each<[string, object]>([
    ["a balance that they owe", { starting_balance: 1 }],
    ["a line of another price", {
      lines: lines(own, { amount: 700, pricing: { price_details: { price: "price_other" } } }),
    }],
    ["a line of no price, before its own", { lines: lines({ amount: 1, pricing: null }, own) }],
    ["a credit of another price", {
      lines: lines(own, { amount: -700, pricing: { price_details: { price: "price_other" } } }),
    }],
  ])("is not begun where its first invoice would have %s", async (_what, differs) => {
    const { priced, names } = checkout({ [PREVIEW]: [answer({ ...preview, ...differs })] });
    await expect(priced(trial)).rejects.toMatchObject({ code: "balance_due" });
    expect(names()).toEqual([]);
  });

  it("is begun where the customer has a credit", async () => {
    const { priced } = checkout({ [PREVIEW]: [answer({ ...preview, starting_balance: -700 })] });
    expect(await priced(trial)).toMatchObject({ previewed: true });
  });

  it("is no reason to refuse what somebody owes who pays with it now", async () => {
    const { priced } = checkout({ [PREVIEW]: [answer({ ...preview, starting_balance: 700 })] });
    expect(await priced(returning)).toMatchObject({ previewed: true });
  });
});
