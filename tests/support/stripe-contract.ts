import type { Exchange } from "@billingos/stripe-simulator";
import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import { validateExchanges } from "@billingos/stripe-simulator/openapi";
import { expect } from "vitest";
import * as z from "zod";

const exchangeList = z.array(
  z.custom<Exchange>((value) => typeof value === "object" && value !== null && "kind" in value),
);

/**
 * Holds every request to the simulator, every answer and every delivered event since the last call against Stripe's
 * published description, and answers how many there were.
 */
export async function expectStripesContract(adminUrl: string): Promise<number> {
  const exchanges = exchangeList.parse(await stripeAdmin(adminUrl, "GET", "/exchanges"));
  await stripeAdmin(adminUrl, "DELETE", "/exchanges");
  if (exchanges.length === 0) return 0;
  const violations = validateExchanges(exchanges);
  expect(violations.map(({ in: where, of, at, message }) => `${where} ${of} ${at}: ${message}`))
    .toEqual([]);
  return exchanges.length;
}
