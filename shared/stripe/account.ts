import type Stripe from "stripe";
import { present } from "../runtime/present.ts";

/** A connected account's id; null is the platform's own account. */
export type Account = string | null;

export const onAccount = (account: Account): Stripe.RequestOptions =>
  present({ stripeAccount: account });
