import { describe, expect, it } from "vitest";
import {
  isGoodExpiry,
  spaced,
  spacedExpiry,
  testMethodOf,
  testMethods,
} from "../../../examples/payment-sheet/src/buy/test-methods.ts";
import { priceOf } from "../../../examples/payment-sheet/src/pages/price-of.ts";

describe("the test numbers of the example's form", () => {
  it("are each another one's", () => {
    expect(testMethods.map(({ number }) => testMethodOf(number))).toEqual(testMethods);
  });

  it.each([
    ["4242424242424242", "pm_card_visa"],
    ["4242-4242 42424242", "pm_card_visa"],
    ["4242 4242 4242 424", undefined],
    ["4111 1111 1111 1111", undefined],
    ["", undefined],
  ])("of %j take %s", (typed, id) => {
    expect(testMethodOf(typed)?.paymentMethodId).toBe(id);
  });

  it.each([
    ["424242424", "4242 4242 4"],
    ["4242 4242 4242 4242 4242", "4242 4242 4242 4242 424"],
    ["card: 42", "42"],
  ])("are written in fours: %s", (typed, written) => expect(spaced(typed)).toBe(written));

  it.each([["1", "1"], ["12", "12"], ["123", "12 / 3"], ["12 / 345", "12 / 34"]])(
    "have an expiry, which is written as it stands on a card: %s",
    (typed, written) => expect(spacedExpiry(typed)).toBe(written),
  );

  const now = new Date(2026, 10, 26);
  it.each([
    ["11 / 26", true],
    ["10 / 26", false],
    ["12 / 25", false],
    ["01 / 27", true],
    ["13 / 30", false],
    ["00 / 30", false],
    ["1 / 30", false],
    ["", false],
  ])("are good through the month of the expiry %j: %s", (typed, good) => {
    expect(isGoodExpiry(typed, now)).toBe(good);
  });
});

describe("what a subscription costs, on the account page", () => {
  const monthly = { amount: 2_900, currency: "usd", interval: "month", intervalCount: 1 } as const;
  it.each([
    [{ price: monthly, quantity: 1 }, "$29.00 per month"],
    [{ price: monthly, quantity: 3 }, "$87.00 per month for 3 seats"],
    [{ price: { ...monthly, intervalCount: 3 }, quantity: 1 }, "$29.00 every 3 months"],
    [{ price: { ...monthly, amount: 0 }, quantity: 1 }, "Free"],
    [{ price: null, quantity: 1 }, ""],
  ])("is said of the period that it is for: %j", (subscription, said) => {
    expect(priceOf(subscription)).toBe(said);
  });
});
