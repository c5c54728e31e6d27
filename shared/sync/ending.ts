import { CheckoutError } from "../runtime/errors.ts";
import type { EndingAtStripe } from "../database/own-subscriptions.ts";
import { syncSubscription } from "./subscription.ts";
import type { SyncPorts } from "./ports.ts";

/** A round is lost only where another call about the same subscription came between. */
const ROUNDS = 4;

/**
 * Lets a subscription at Stripe end with its period, or go on, and writes it down as Stripe has it then, as after any news of it. Stopped
 * between the two, the webhook or reconcile writes it down. Answers whether it had ended by then.
 */
export async function setEnding(
  ports: SyncPorts,
  { stripeSubscriptionId, stripeAccountId: account }: EndingAtStripe,
  ending: boolean,
): Promise<"done" | "ended"> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const located = await ports.events.locateSubscription(stripeSubscriptionId);
    const revision = located?.revision ?? 0;
    const outcome = await ports.stripe.cancellations.set({
      stripeSubscriptionId,
      account,
      ending,
      revision,
    });
    await syncSubscription(ports, { stripeSubscriptionId }, account);
    if (outcome !== "unsure") return outcome;
  }
  throw new CheckoutError("change_in_progress");
}
