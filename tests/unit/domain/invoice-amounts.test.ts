import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AmountInvoice,
  changeAmounts,
  invoiceAmounts,
} from "../../../shared/domain/invoice-amounts.ts";

const line = (amount: number, ...discounts: number[]) => ({
  amount,
  discount_amounts: discounts.map((discount) => ({ amount: discount })),
});
const none: AmountInvoice = {
  amount_due: 0,
  total: 0,
  total_discount_amounts: null,
  total_taxes: null,
  lines: { data: [] },
};
const exclusive = (amount: number) => ({ amount, tax_behavior: "exclusive" });
const inclusive = (amount: number) => ({ amount, tax_behavior: "inclusive" });

describe("what an invoice comes to", () => {
  it.each<[string, Partial<AmountInvoice>, object]>([
    ["its total and what is due of it", { total: 2_900, amount_due: 2_900 }, {
      total: 2_900,
      amountDue: 2_900,
      discountAmount: 0,
      taxAmount: 0,
    }],
    ["less where a balance pays of it", { total: 2_900, amount_due: 400 }, {
      total: 2_900,
      amountDue: 400,
    }],
    ["more where something is owed", { total: 2_900, amount_due: 3_400 }, { amountDue: 3_400 }],
    ["a credit", { total: -1_200 }, { total: -1_200, amountDue: 0 }],
    ["all its discounts together", {
      total_discount_amounts: [{ amount: 100 }, { amount: 250 }],
    }, { discountAmount: 350 }],
    ["all the taxes that come on top", {
      total_taxes: [exclusive(200), exclusive(51)],
    }, { taxAmount: 251 }],
    ["no tax that the prices contain", {
      total_taxes: [inclusive(463), exclusive(51)],
    }, { taxAmount: 51 }],
  ])("is %s", (_what, differs, amounts) => {
    expect(invoiceAmounts({ ...none, ...differs })).toMatchObject(amounts);
  });
});

describe("what a change credits and charges", () => {
  it.each<[string, Partial<AmountInvoice>, object]>([
    ["by the lines", { total: 1_450, lines: { data: [line(-1_450), line(2_900)] } }, {
      credited: 1_450,
      charged: 2_900,
    }],
    ["without the tax on top", {
      total: 1_682,
      total_taxes: [exclusive(232)],
      lines: { data: [line(-1_450), line(2_900)] },
    }, { credited: 1_450, charged: 2_900 }],
    ["with the tax that is contained", {
      total: 1_450,
      total_taxes: [inclusive(232)],
      lines: { data: [line(-1_450), line(2_900)] },
    }, { credited: 1_450, charged: 2_900 }],
    ["less discounts of both", {
      total: 1_305,
      lines: { data: [line(-1_450, -145), line(2_900, 290)] },
    }, { credited: 1_305, charged: 2_610 }],
    ["with what waits of earlier changes", {
      total: 950,
      lines: { data: [line(-1_450), line(2_900), line(-500)] },
    }, { credited: 1_950, charged: 2_900 }],
    ["as the difference where lines are missing", {
      total: 1_450,
      lines: { data: [line(-1_450)] },
    }, { credited: 0, charged: 1_450 }],
    ["as the difference where it is a credit", { total: -700, lines: { data: [line(2_900)] } }, {
      credited: 700,
      charged: 0,
    }],
    ["as nothing where nothing changes", {}, { credited: 0, charged: 0 }],
  ])("is told %s", (_how, differs, amounts) => {
    expect(changeAmounts({ ...none, ...differs })).toEqual(amounts);
  });
});

const amount = fc.integer({ min: -10_000_000, max: 10_000_000 });
const parts = fc.array(fc.record({ amount }), { maxLength: 3 });
const lines = fc.array(
  fc.record({ amount, discount_amounts: fc.option(parts) }),
  { maxLength: 12 },
);
const taxes = fc.option(fc.array(
  fc.record({ amount, tax_behavior: fc.constantFrom("exclusive", "inclusive") }),
  { maxLength: 3 },
));

/** An invoice of which Stripe shows the first lines only; its total is over all of them, or over anything at all. */
const invoices = fc.record({ all: lines, shown: fc.nat(12), taxes, off: fc.option(amount) }).map(
  ({ all, shown, taxes: total_taxes, off }): AmountInvoice => {
    const net = all.reduce(
      (sum, { amount: gross, discount_amounts }) =>
        sum + gross - (discount_amounts ?? []).reduce((less, one) => less + one.amount, 0),
      0,
    );
    const onTop = (total_taxes ?? []).reduce(
      (sum, tax) => tax.tax_behavior === "exclusive" ? sum + tax.amount : sum,
      0,
    );
    const total = off ?? net + onTop;
    const data = all.slice(0, shown);
    return {
      total,
      amount_due: Math.max(0, total),
      total_discount_amounts: null,
      total_taxes,
      lines: { data },
    };
  },
);

it("what is charged less what is credited is the total before the tax on top, however many lines are shown", () => {
  fc.assert(fc.property(invoices, (invoice) => {
    const { credited, charged } = changeAmounts(invoice);
    expect(charged - credited).toBe(invoice.total - invoiceAmounts(invoice).taxAmount);
    expect(Math.min(credited, charged)).toBeGreaterThanOrEqual(0);
    expect([Object.is(credited, -0), Object.is(charged, -0)]).toEqual([false, false]);
  }));
});
