import type Stripe from "stripe";
import type { Address } from "../contract/create.ts";
import { present } from "../runtime/present.ts";

/** An address in Stripe's form. */
export const stripeAddress = ({ country, postalCode, state, city, line1, line2 }: Address) => ({
  country,
  ...present({ postal_code: postalCode, state, city, line1, line2 }),
});

/**
 * The same with an empty text for each part that is not known: an update leaves what it does not name as it was
 * (https://docs.stripe.com/api/customers/update; of the parts of an address recorded by Kiln-AI/Seahaven), and a customer who moved would
 * be taxed by some of the old address. An empty text unsets a part of a customer's (recorded of `line1`: bitwarden/server#776).
 */
export const wholeAddress = (address: Address) => ({
  postal_code: "",
  state: "",
  city: "",
  line1: "",
  line2: "",
  ...stripeAddress(address),
});

/** Whether Stripe knows the customer at this address, and of no part that it does not have. */
export function isAt({ address }: Stripe.Customer, expected: Address): boolean {
  const known = new Map<string, unknown>(Object.entries(address ?? {}));
  return Object.entries(wholeAddress(expected)).every(([name, value]) =>
    (known.get(name) ?? "") === value
  );
}
