import type { QueryClient } from "@tanstack/react-query";
import type { CheckoutClient } from "../client.ts";

const numbers = new WeakMap<CheckoutClient, number>();
let last = 0;

/** Under what a client's answers are kept: what was answered to one is not shown by another. */
export function keyOf(client: CheckoutClient): readonly [string, number] {
  const known = numbers.get(client) ?? (last += 1);
  numbers.set(client, known);
  return ["billingos-checkout", known];
}

/**
 * Has all be read again that a client was answered. What is on its way was asked for before, and TanStack Query would take a first answer
 * for the new one (@tanstack/query-core, src/query.ts, `fetch`): it is given up.
 */
export async function readAnew(queries: QueryClient, client: CheckoutClient): Promise<void> {
  const queryKey = keyOf(client);
  await queries.cancelQueries({ queryKey });
  await queries.invalidateQueries({ queryKey });
}
