import type { Snapshot } from "../../../shared/contract/snapshot.ts";
import type { Checkouts } from "../../../shared/database/checkouts.ts";
import type { StripeEnvironment } from "../../../shared/env.ts";
import type { Logger } from "../../../shared/log.ts";
import { repairSession } from "../../../shared/repair.ts";
import { connectStripe } from "../../../shared/stripe/client.ts";
import { stripeGateway } from "../../../shared/stripe/gateway.ts";

/** What status asks of Stripe, now and then; see index.ts. */
export interface StripeSide {
  /** An intent's client secret, which no table holds. */
  clientSecret(stripePaymentIntentId: string, account: string | null): Promise<string>;
  /** Brings a stuck session to where Stripe says that it is. */
  repair(sessionId: string, log: Logger): Promise<Snapshot | undefined>;
}

export function stripeSide(environment: StripeEnvironment, checkouts: Checkouts): StripeSide {
  const stripe = stripeGateway(connectStripe(environment));
  return {
    async clientSecret(stripePaymentIntentId, account) {
      const intent = await stripe.paymentIntents.retrieve(stripePaymentIntentId, account);
      return intent.client_secret ?? "";
    },
    repair: (sessionId, log) => repairSession({ checkouts, stripe, log }, sessionId),
  };
}
