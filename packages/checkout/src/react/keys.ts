import type { CheckoutClient } from "../client.ts";

const numbers = new WeakMap<CheckoutClient, number>();
let last = 0;

/** Under what a client's answers are kept: what was answered to one is not shown by another. */
export function keyOf(client: CheckoutClient): readonly [string, number] {
  const known = numbers.get(client) ?? (last += 1);
  numbers.set(client, known);
  return ["billingos-checkout", known];
}
