/** Splits a whole number in proportion to weights, in whole numbers that add up to it exactly. */
export function distribute(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  let passed = 0;
  let given = 0;
  return weights.map((weight) => {
    passed += weight;
    const upTo = sum === 0 ? 0 : Math.round((total * passed) / sum);
    const share = upTo - given;
    given = upTo;
    return share;
  });
}

/** Adds up what has the same key, in order of first appearance. */
export function sumBy<T extends { amount: number }>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  add: (into: T, row: T) => void = (into, row) => {
    into.amount += row.amount;
  },
): T[] {
  const sums = new Map<string, T>();
  for (const row of rows) {
    const known = sums.get(keyOf(row));
    if (known === undefined) sums.set(keyOf(row), { ...row });
    else add(known, row);
  }
  return [...sums.values()];
}
