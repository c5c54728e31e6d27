import { describe, expect, it } from "vitest";
import demo from "../../../billing.catalogue.ts";
import { CatalogueError, defineCatalogue, readCatalogue } from "../../../catalogue/define.ts";
import { input } from "./states.ts";

const price = { currency: "usd", amount: 2900, interval: "month" };
const withPrice = (change: object) => ({
  ...input,
  products: { pro: { name: "Pro", prices: { monthly: { ...price, ...change } } } },
});
const withProduct = (change: object) => ({
  ...input,
  products: { pro: { name: "Pro", prices: { monthly: price }, ...change } },
});
const withDiscount = (change: object) => ({
  ...input,
  discounts: { welcome: { code: "WELCOME", duration: "once", ...change } },
});

function sentences(written: unknown): readonly string[] {
  try {
    readCatalogue(written);
    return [];
  } catch (error) {
    if (error instanceof CatalogueError) return error.sentences;
    throw error;
  }
}

it("a catalogue with every setting said reads as itself", () => {
  expect(readCatalogue(demo)).toEqual(demo);
  expect(readCatalogue(defineCatalogue(input))).toEqual(defineCatalogue(input));
});

describe("a catalogue that does not hold together", () => {
  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /^the catalogue: /],
    [
      "another organization's key form",
      { ...input, organization: { key: "Acme!", name: "A" } },
      /^organization\.key: a key is/,
    ],
    ["no name", { ...input, organization: { key: "acme" } }, /^organization\.name: /],
    ["a fee without an account", {
      ...input,
      organization: { key: "acme", name: "A", applicationFeeBps: 5 },
    }, /^organization\.applicationFeeBps: needs stripeAccount/],
    [
      "a setting that is misspelt",
      withPrice({ intervall: "month" }),
      /monthly: intervall is no setting/,
    ],
    [
      "an amount with a point",
      withPrice({ amount: 29.5 }),
      /monthly\.amount: must be a whole number of minor units/,
    ],
    [
      "an amount as a text",
      withPrice({ amount: "2900" }),
      /monthly\.amount: must be a whole number/,
    ],
    ["a negative amount", withPrice({ amount: -1 }), /monthly\.amount: /],
    [
      "an amount that Stripe cannot charge",
      withPrice({ amount: 10 }),
      /monthly\.amount: must be 0 or at least 50/,
    ],
    [
      "an amount between two steps",
      withPrice({ currency: "kwd", amount: 2905 }),
      /monthly\.amount: must be a multiple of 10/,
    ],
    [
      "a currency in capitals",
      withPrice({ currency: "USD" }),
      /monthly\.currency: must be a currency's three lower-case letters/,
    ],
    ["an interval that is none", withPrice({ interval: "decade" }), /monthly\.interval: /],
    [
      "more than three years",
      withPrice({ intervalCount: 37 }),
      /monthly\.intervalCount: must be at most 36/,
    ],
    [
      "a trial of three years",
      withPrice({ trialDays: 1095 }),
      /monthly\.trialDays: must be a whole number of days/,
    ],
    [
      "seats that are none",
      withPrice({ seats: { min: 5, max: 2 } }),
      /monthly\.seats: max must not be below min/,
    ],
    [
      "a price whose key is an id",
      withProduct({ prices: { "b5000000-0000-4000-8000-0000000000b2": price } }),
      /must not look like a UUID/,
    ],
    [
      "a feature that is not there",
      withProduct({ features: { nope: true } }),
      /features\.nope: is no feature of this file/,
    ],
    [
      "a number of a boolean feature",
      withProduct({ features: { sso: 5 } }),
      /features\.sso: is boolean/,
    ],
    [
      "a limit without a number",
      withProduct({ features: { projects: true } }),
      /features\.projects: needs a number/,
    ],
    ["two products with one price's key", {
      ...input,
      products: {
        pro: { name: "Pro", prices: { monthly: price } },
        team: { name: "Team", prices: { monthly: price } },
      },
    }, /team\.prices\.monthly: is a price of pro too/],
    [
      "an id that is not Stripe's",
      withProduct({ stripeId: "pro" }),
      /pro\.stripeId: must be an id of Stripe's/,
    ],
    ["a discount of nothing", withDiscount({}), /welcome\.percentOff: a discount has either/],
    [
      "a discount of both",
      withDiscount({ percentOff: 5, amountOff: 5, currency: "usd" }),
      /welcome\.percentOff: /,
    ],
    [
      "an amount off without a currency",
      withDiscount({ amountOff: 500 }),
      /welcome\.currency: stands beside amountOff/,
    ],
    [
      "months of a discount that is taken once",
      withDiscount({ percentOff: 5, months: 3 }),
      /welcome\.months: /,
    ],
    [
      "a discount on no product",
      withDiscount({ percentOff: 5, product: "team" }),
      /welcome\.product: team is no product/,
    ],
    [
      "an end that is no time",
      withDiscount({ percentOff: 5, expiresAt: "tomorrow" }),
      /welcome\.expiresAt: must be a time/,
    ],
    ["two discounts with one code", {
      ...input,
      discounts: {
        one: { code: "SAVE", percentOff: 5, duration: "once" },
        two: { code: "save", percentOff: 6, duration: "once" },
      },
    }, /two\.code: is the code of one too/],
  ])("says so: %s", (_what, written, told) => {
    expect(sentences(written).join("\n")).toMatch(told);
  });

  it("is told of all that is wrong at once", () => {
    expect(sentences({ ...withPrice({ amount: 1.5, currency: "EURO" }) })).toHaveLength(2);
  });
});
