import * as simulated from "@billingos/stripe-simulator/currencies";
import { describe, expect, it } from "vitest";
import {
  chargeStep,
  decimalsOf,
  formatAmount,
  minimumCharge,
} from "../../../shared/domain/currencies.ts";

describe("an amount", () => {
  it.each([
    [2900, "usd", "$29.00"],
    [4300, "jpy", "¥4,300"],
    [50, "krw", "₩50"],
    [1_500, "mga", "MGA 1,500"],
    [5_120, "kwd", "KWD 5.120"],
    // Two digits that are always zero: Intl alone would say a hundredfold.
    [50_000, "isk", "ISK 500.00"],
    [50_000, "ugx", "UGX 500.00"],
    [17_500, "huf", "HUF 175.00"],
    [0, "eur", "€0.00"],
  ])("of %d %s is %s", (amount, currency, text) => {
    expect(formatAmount(amount, currency).replaceAll("\u00a0", " ")).toBe(text);
  });
});

describe("a currency", () => {
  it("has the decimals, the steps and the least charge that the simulator has, written apart from it", () => {
    const all = simulated.currencies();
    expect(all.length).toBeGreaterThan(130);
    const ours = all.map((code) => [code, decimalsOf(code), chargeStep(code), minimumCharge(code)]);
    expect(ours).toEqual(
      all.map((
        code,
      ) => [code, simulated.decimalsOf(code), simulated.stepOf(code), simulated.leastCharge(code)]),
    );
  });
});
