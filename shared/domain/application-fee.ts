/** Basis points as Stripe's `application_fee_percent`: a number with at most two decimals. */
export function feePercent(basisPoints: number): number {
  return basisPoints / 100;
}
