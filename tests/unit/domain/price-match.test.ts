import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CataloguePrice,
  priceDifferences,
  type StripePrice,
} from "../../../shared/domain/price-match.ts";

const row: CataloguePrice = {
  unitAmount: 2_900,
  currency: "usd",
  interval: "month",
  intervalCount: 1,
};
const price: StripePrice = { ...row, active: true, perSeat: true, stripeProductId: "prod_1" };

describe("a price at Stripe", () => {
  it("agrees with the catalogue where it bills the same", () => {
    expect(priceDifferences(row, price)).toEqual([]);
  });

  it.each<[string, Partial<StripePrice>]>([
    ["whether it is for sale", { active: false }],
    ["whose product it is", { stripeProductId: "prod_2" }],
  ])("agrees whatever does not decide what is billed: %s", (_what, differs) => {
    expect(priceDifferences(row, { ...price, ...differs })).toEqual([]);
  });

  it.each<[string, Partial<CataloguePrice>, Partial<StripePrice>, string[]]>([
    ["one cent more", {}, { unitAmount: 2_901 }, ["unitAmount"]],
    ["one cent less", {}, { unitAmount: 2_899 }, ["unitAmount"]],
    ["nothing", {}, { unitAmount: 0 }, ["unitAmount"]],
    ["an amount by tiers", {}, { unitAmount: null, perSeat: false }, ["unitAmount", "perSeat"]],
    ["fractions of a cent", {}, { unitAmount: null }, ["unitAmount"]],
    ["as much in another currency", {}, { currency: "eur" }, ["currency"]],
    ["yen written with two decimals", { unitAmount: 4_300, currency: "jpy" }, {
      unitAmount: 430_000,
      currency: "jpy",
    }, ["unitAmount"]],
    ["a currency in capitals", {}, { currency: "USD" }, ["currency"]],
    ["each year", {}, { interval: "year" }, ["interval"]],
    ["each quarter", {}, { intervalCount: 3 }, ["intervalCount"]],
    ["once", {}, { interval: "", intervalCount: 0, perSeat: false }, [
      "interval",
      "intervalCount",
      "perSeat",
    ]],
    ["by packages or use", {}, { perSeat: false }, ["perSeat"]],
  ])("differs where it bills %s, and the fields are named", (_what, sold, differs, named) => {
    expect(priceDifferences({ ...row, ...sold }, { ...price, ...differs })).toEqual(named);
  });

  it("agrees in yen, which have no decimals", () => {
    const yen = { unitAmount: 4_300, currency: "jpy" };
    expect(priceDifferences({ ...row, ...yen }, { ...price, ...yen })).toEqual([]);
  });

  it("agrees only where the amount for each seat is a whole number of minor units", () => {
    fc.assert(fc.property(fc.nat(100_000), fc.integer({ min: 2, max: 99 }), (amount, quantity) => {
      const unitAmount = amount / quantity;
      const differs = priceDifferences({ ...row, unitAmount }, {
        ...price,
        unitAmount: Math.round(unitAmount),
      });
      expect(differs).toEqual(amount % quantity === 0 ? [] : ["unitAmount"]);
    }));
  });
});
