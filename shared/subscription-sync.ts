import type Stripe from "stripe";
import { uuid } from "./contract/primitives.ts";
import type { Checkouts } from "./database/checkouts.ts";
import type { Events } from "./database/events.ts";
import { CheckoutError } from "./errors.ts";
import { subscriptionFacts } from "./stripe/facts.ts";
import type { StripeGateway } from "./stripe/gateway.ts";

const MAX_READS = 8;

export interface SubscriptionSync {
  readonly checkouts: Checkouts;
  readonly events: Events;
  readonly stripe: StripeGateway;
}

/** Who may still be about to record a subscription that the database does not know. */
async function makerOf(
  { checkouts }: SubscriptionSync,
  { status, metadata }: Stripe.Subscription,
): Promise<"none" | "at work" | "just done"> {
  const sessionId = uuid.safeParse(metadata["checkout_session_id"]);
  // Whoever completes the session reads it again: one that has ended already needs no telling.
  if (!sessionId.success || status === "canceled" || status === "incomplete_expired") return "none";
  const session = await checkouts.locate({ sessionId: sessionId.data });
  if (session === null || session.status === "failed" || session.status === "canceled") {
    return "none";
  }
  return session.status === "succeeded" ? "just done" : "at work";
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
      const maker = await makerOf(ports, subscription);
      if (maker === "none") return "unknown";
      if (maker === "at work") throw new CheckoutError("event_not_ready");
      continue;
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
