import type Stripe from "stripe";
import { uuid } from "./contract/primitives.ts";
import type { Checkouts } from "./database/checkouts.ts";
import type { Events } from "./database/events.ts";
import { CheckoutError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { subscriptionFacts } from "./stripe/facts.ts";
import { isGone } from "./stripe/errors.ts";
import type { StripeGateway } from "./stripe/gateway.ts";
import { hasEnded } from "./stripe/subscriptions.ts";

const MAX_READS = 8;

export interface SubscriptionSync {
  readonly checkouts: Checkouts;
  readonly events: Events;
  readonly stripe: StripeGateway;
  readonly log: Logger;
}

/** What an event says of a subscription besides that it is to be read again. */
export interface SubscriptionNews {
  readonly stripeSubscriptionId: string;
  /** It was made. */
  readonly isNew: boolean;
  /** Its trial's end is near. */
  readonly trialWillEnd: boolean;
}

/**
 * What becomes of a subscription that the database does not know: somebody else's, or a session's that is just being
 * completed, or surplus: made by a run that lost its session to a refund, and to be ended before it charges.
 */
async function unknownOf(
  { checkouts }: SubscriptionSync,
  subscription: Stripe.Subscription,
): Promise<"foreign" | "being completed" | "just completed" | "surplus"> {
  const sessionId = uuid.safeParse(subscription.metadata["checkout_session_id"]);
  const session = sessionId.success ? await checkouts.locate({ sessionId: sessionId.data }) : null;
  if (session === null) return "foreign";
  if (session.status === "succeeded") return "just completed";
  const isOver = session.status === "failed" || session.status === "canceled" || session.refunding;
  if (!isOver) return "being completed";
  return hasEnded(subscription) ? "foreign" : "surplus";
}

/**
 * Writes a subscription as Stripe has it now, whatever the event said, and marks the event where it is given. `unknown` for one that is not a session's; throws
 * `event_not_ready` for one whose session is just being completed.
 */
export async function syncSubscription(
  ports: SubscriptionSync,
  { stripeSubscriptionId, isNew, trialWillEnd }: SubscriptionNews,
  account: string | null,
  eventId?: string,
): Promise<"applied" | "unknown"> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const located = await ports.events.locateSubscription(stripeSubscriptionId);
    const subscription = await found(ports, stripeSubscriptionId, account);
    if (subscription === undefined) return "unknown";
    if (located !== null) {
      const facts = subscriptionFacts(subscription);
      const { outcome, price } = await ports.events.recordSubscription(
        located.revision,
        { ...facts, trialWillEnd },
        eventId,
      );
      if (price !== undefined) {
        const { subscriptionId } = located;
        ports.log.warn("product kept", {
          subscriptionId,
          stripePriceId: facts.stripePriceId,
          price,
        });
      }
      if (outcome === "recorded") return "applied";
      continue;
    }
    const unknown = await unknownOf(ports, subscription);
    if (unknown === "surplus") {
      await ports.stripe.subscriptions.cancel(stripeSubscriptionId, account);
      return "unknown";
    }
    // Whoever made it reads it once more before writing it down: that it was made is no news.
    if (unknown === "foreign" || (unknown === "being completed" && isNew)) return "unknown";
    if (unknown === "being completed") throw new CheckoutError("event_not_ready");
    // Completed between the two look-ups, or a copy of another subscription's metadata.
    if (reads > 0) return "unknown";
  }
  throw new CheckoutError("database_unavailable", {
    cause: new Error(`subscription kept changing through ${MAX_READS} reads`),
  });
}

/** Undefined where Stripe has no such subscription: there is nothing to be in step with. */
async function found(
  { stripe }: SubscriptionSync,
  id: string,
  account: string | null,
): Promise<Stripe.Subscription | undefined> {
  try {
    return await stripe.subscriptions.retrieve(id, account);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
