import type Stripe from "stripe";
import { asCheckoutError } from "./errors.ts";

/** Asks Stripe for next to nothing: reconcile's key may list events, so this one may too. Throws a CheckoutError. */
export type StripeProbe = () => Promise<void>;

/** Milliseconds, in one try: whoever asks wants to know how things are now. */
const PATIENCE = 5_000;

export const stripeProbe = (stripe: Stripe): StripeProbe => async () => {
  try {
    await stripe.events.list({ limit: 1 }, { timeout: PATIENCE, maxNetworkRetries: 0 });
  } catch (error) {
    throw asCheckoutError(error);
  }
};
