import type { Target } from "../figure.ts";
import type { RowResult } from "../rounds.ts";
import type { Spread } from "../statistics.ts";

/** Three digits that count, and no more than the unit is worth. */
export function number(value: number): string {
  if (!Number.isFinite(value)) throw new Error("the value is no number");
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: 0,
    maximumFractionDigits: digits,
  });
}

/** `12.5 (11.9–14)`. */
export const spread = ({ median, least, most }: Spread): string =>
  least === most ? number(median) : `${number(median)} (${number(least)}–${number(most)})`;

/** `≥ 0.85 ×`; the unit where it is the value that counts. */
export const bound = (target: Target, unit: string): string =>
  `${target.is === "at least" ? "≥" : "≤"} ${number(target.bound)} ${
    target.of === "ratio" ? "×" : unit
  }`;

export const verdict = ({ met }: Pick<RowResult, "met">): "met" | "missed" | "reported" =>
  met === null ? "reported" : met ? "met" : "missed";
