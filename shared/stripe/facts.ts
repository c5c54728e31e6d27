import type Stripe from "stripe";
import type { IntentFacts, SubscriptionFacts } from "../database/rows.ts";
import { paymentFailure } from "../domain/declines.ts";

/** What the database keeps of a payment intent. Needs `latest_charge` expanded once the intent has succeeded. */
export function intentFacts(intent: Stripe.PaymentIntent): IntentFacts {
  const charge = intent.latest_charge;
  const succeeded = intent.status === "succeeded";
  if (succeeded && (charge === null || typeof charge === "string")) {
    throw new Error(`payment intent ${intent.id} was read without its charge`);
  }
  const refusal = intent.status === "requires_payment_method" ? intent.last_payment_error : null;
  const method = intent.payment_method;
  return {
    id: intent.id,
    status: intent.status,
    ...(method === null
      ? {}
      : { paymentMethodId: typeof method === "string" ? method : method.id }),
    ...(charge === null ? {} : { chargeId: typeof charge === "string" ? charge : charge.id }),
    // A card pays as it is charged. A bank debit was begun days before: its period starts now that the money is there.
    ...(succeeded && charge !== null && typeof charge !== "string" &&
        charge.payment_method_details?.type === "card"
      ? { succeededAt: charge.created }
      : {}),
    ...(refusal === null ? {} : { error: paymentFailure(refusal) }),
  };
}

/** What the database keeps of a subscription. Its period stands on its items, all of one rhythm here. */
export function subscriptionFacts(subscription: Stripe.Subscription): SubscriptionFacts {
  const [item] = subscription.items.data;
  if (item === undefined) throw new Error(`subscription ${subscription.id} has no item`);
  return {
    id: subscription.id,
    status: subscription.status,
    currentPeriodStart: item.current_period_start,
    currentPeriodEnd: item.current_period_end,
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    canceledAt: subscription.canceled_at,
    endedAt: subscription.ended_at,
    trialEnd: subscription.trial_end,
  };
}
