import type Stripe from "stripe";
import type { Address } from "../contract/create.ts";
import { present } from "../runtime/present.ts";

/** An address in Stripe's form. */
export const stripeAddress = ({ country, postalCode, state, city, line1, line2 }: Address) => ({
  country,
  ...present({ postal_code: postalCode, state, city, line1, line2 }),
});

/** Whether Stripe knows the customer at this address. */
export function isAt({ address }: Stripe.Customer, expected: Address): boolean {
  const known = new Map<string, unknown>(Object.entries(address ?? {}));
  return Object.entries(stripeAddress(expected)).every(([name, value]) =>
    known.get(name) === value
  );
}
