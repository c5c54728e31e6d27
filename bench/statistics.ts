/** The middle of several rounds, and how far they lay apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @throws where there is nothing to be in the middle of */
export const median = (values: readonly number[]): number => percentile(values, 50);

/**
 * The value below which so many hundredths lie, between two neighbors in proportion.
 *
 * @throws where there are no values, or one is no number
 */
export function percentile(values: readonly number[], hundredths: number): number {
  if (values.some((value) => !Number.isFinite(value))) throw new Error("a value is no number");
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * hundredths / 100;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error("there are no values");
  return below + (above - below) * (place - Math.floor(place));
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});
