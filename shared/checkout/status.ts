import type { Snapshot } from "../contract/snapshot.ts";
import type { Checkouts } from "../database/checkouts.ts";
import type { Logger } from "../runtime/log.ts";
import { repairSession } from "./repair.ts";
import type { StripeGateway } from "../stripe/gateway.ts";

/** What status asks of Stripe, now and then: kept apart, so that who rarely needs it can load it late. */
export interface StatusStripe {
  /** An intent's client secret, which no table holds. */
  clientSecret(stripePaymentIntentId: string, account: string | null): Promise<string>;
  /** Brings a stuck session to where Stripe says that it is. */
  repair(sessionId: string, log: Logger): Promise<Snapshot | undefined>;
}

export const statusStripe = (checkouts: Checkouts, stripe: StripeGateway): StatusStripe => ({
  async clientSecret(stripePaymentIntentId, account) {
    const intent = await stripe.intents.retrieve(stripePaymentIntentId, account);
    return intent.client_secret ?? "";
  },
  repair: (sessionId, log) => repairSession({ checkouts, stripe, log }, sessionId),
});
