import type Stripe from "stripe";
import type { Address } from "../contract/create.ts";

/**
 * An address in Stripe's form, with an empty text for each part that is not known: an update leaves what it does not name as it was
 * (https://docs.stripe.com/api/customers/update; of the parts of an address recorded by Kiln-AI/Seahaven), and a customer who moved would
 * be taxed by some of the old address. That an empty text unsets a part, and is taken by a preview too, is inferred; so is whether a
 * preview merges.
 */
export const stripeAddress = ({ country, postalCode, state, city, line1, line2 }: Address) => ({
  country,
  postal_code: postalCode ?? "",
  state: state ?? "",
  city: city ?? "",
  line1: line1 ?? "",
  line2: line2 ?? "",
});

/** Whether Stripe knows the customer at this address, and of no part that it does not have. */
export function isAt({ address }: Stripe.Customer, expected: Address): boolean {
  const known = new Map<string, unknown>(Object.entries(address ?? {}));
  return Object.entries(stripeAddress(expected)).every(([name, value]) =>
    (known.get(name) ?? "") === value
  );
}
