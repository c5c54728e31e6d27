import type { Events } from "./database/events.ts";
import { CheckoutError } from "./errors.ts";
import { subscriptionFacts } from "./stripe/facts.ts";
import type { StripeGateway } from "./stripe/gateway.ts";

const MAX_READS = 8;

export interface SubscriptionSync {
  readonly events: Events;
  readonly stripe: StripeGateway;
}

/**
 * Writes a subscription as Stripe has it now, whatever the event said. `unknown` for one that checkout did not make;
 * throws `event_not_ready` for one that checkout is just making.
 */
export async function syncSubscription(
  ports: SubscriptionSync,
  stripeSubscriptionId: string,
  account: string | null,
  eventId: string,
): Promise<"applied" | "unknown"> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const located = await ports.events.locateSubscription(stripeSubscriptionId);
    const subscription = await ports.stripe.subscriptions.retrieve(stripeSubscriptionId, account);
    if (located === null) {
      if (subscription.metadata["checkout_session_id"] === undefined) return "unknown";
      throw new CheckoutError("event_not_ready");
    }
    const { outcome } = await ports.events.recordSubscription(
      located.revision,
      subscriptionFacts(subscription),
      eventId,
    );
    if (outcome === "recorded") return "applied";
  }
  throw new CheckoutError("database_unavailable", {
    cause: new Error(`subscription kept changing through ${MAX_READS} reads`),
  });
}
