import type { CreateResponse } from "@billingos/checkout";
import type { Stripe } from "@stripe/stripe-js";
// The other entry loads Stripe.js wherever it is imported.
import { loadStripe } from "@stripe/stripe-js/pure/index.js";

const loaded = new Map<string, Promise<Stripe | null>>();

/** Stripe.js for the account that sells: loaded once, for a second one says so in the console. */
export function stripeOf(
  { stripePublishableKey, stripeAccountId }: CreateResponse,
): Promise<Stripe | null> {
  const name = `${stripePublishableKey} ${stripeAccountId ?? ""}`;
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const loading = loadStripe(
    stripePublishableKey,
    stripeAccountId === undefined ? undefined : { stripeAccount: stripeAccountId },
  );
  loaded.set(name, loading);
  // Whoever asks next has it tried anew.
  loading.catch(() => loaded.delete(name));
  return loading;
}
