import type Stripe from "stripe";
import type { StripeEnvironment } from "../env.ts";
import { connectStripe } from "./client.ts";
import { type Account, paymentIntents } from "./payment-intents.ts";

let stripe: Stripe | undefined;

/** An intent's client secret, which no table holds. Its own module, so that who rarely needs it can load it late. */
export async function readClientSecret(
  environment: StripeEnvironment,
  intentId: string,
  account: Account,
): Promise<string> {
  stripe ??= connectStripe(environment);
  const { client_secret: secret } = await paymentIntents(stripe).retrieve(intentId, account);
  return secret ?? "";
}
