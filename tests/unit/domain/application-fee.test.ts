import * as fc from "fast-check";
import { expect, it } from "vitest";
import { feePercent } from "../../../shared/domain/application-fee.ts";

it.each([
  [0, "0"],
  [1, "0.01"],
  [10, "0.1"],
  [29, "0.29"],
  [57, "0.57"],
  [115, "1.15"],
  [250, "2.5"],
  [1_234, "12.34"],
  [9_999, "99.99"],
  [10_000, "100"],
])("%i basis points are written as %s percent", (basisPoints, written) => {
  expect(String(feePercent(basisPoints))).toBe(written);
});

it("every fee has at most two decimals, which is all that Stripe takes", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 10_000 }), (basisPoints) => {
    expect(String(feePercent(basisPoints))).toMatch(/^\d{1,3}(\.\d{1,2})?$/);
  }));
});

it("a percent says the basis points that it came from, and no two fees are alike", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 10_000 }), (basisPoints) => {
    expect(Math.round(feePercent(basisPoints) * 100)).toBe(basisPoints);
  }));
});
