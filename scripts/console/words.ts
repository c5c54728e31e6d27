import { decimalsOf } from "../../shared/domain/currencies.ts";
import { mask } from "../../shared/runtime/log.ts";

/**
 * What others wrote, fit for a terminal: nothing that looks like a secret or an e-mail address (law 8), and no control character,
 * with which a text could move the cursor, change the title or hide what stands before it.
 */
export const printable = (text: string): string => mask(text.replaceAll(/\p{C}+/gu, " "));

/** Minor units as people write them. */
export const money = (amount: number, currency: string): string => {
  const decimals = decimalsOf(currency);
  return `${(amount / 10 ** decimals).toFixed(decimals)} ${currency.toUpperCase()}`;
};

/** Seconds in the largest unit that fits. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole}s`;
  if (whole < 7_200) return `${Math.floor(whole / 60)}m`;
  return whole < 172_800 ? `${Math.floor(whole / 3_600)}h` : `${Math.floor(whole / 86_400)}d`;
}

export const since = (now: Date, then: Date): string =>
  span((now.getTime() - then.getTime()) / 1_000);

/** Rows under each other in columns of one width. */
export function columnsOf(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ").trimEnd()
  );
}
