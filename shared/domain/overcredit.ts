import { chargeStep } from "./currencies.ts";

/** Amounts in minor units. */
export interface CreditedPeriod {
  readonly currency: string;
  /** What Stripe credits for the unused time. */
  readonly credit: number;
  /** What the whole period costs, which is what Stripe takes it to have billed. */
  readonly whole: number;
  /** What was taken off it when it was paid, unknown to Stripe. */
  readonly discount: number;
}

/** The part of a credit that was never paid: the discount's share of the unused time. */
export function overcredit({ currency, credit, whole, discount }: CreditedPeriod): number {
  if (credit <= 0 || whole <= 0) return 0;
  const step = chargeStep(currency);
  return Math.min(credit, Math.round((discount * credit) / whole / step) * step);
}
