import type Stripe from "stripe";
import type { IntentFacts, SubscriptionFacts } from "../domain/facts.ts";
import { paymentFailure } from "../domain/declines.ts";
import { present } from "../runtime/present.ts";
import { idOf } from "./ids.ts";
import { type CheckoutIntent, lastErrorOf, methodIdOf } from "./intent-calls.ts";

/** What the database keeps of an intent, as `intents` reads it: a payment with its charge, a set-up with its method. */
export function intentFacts(intent: CheckoutIntent): IntentFacts {
  const refusal = intent.status === "requires_payment_method" ? lastErrorOf(intent) : null;
  const paymentMethodId = methodIdOf(intent);
  return {
    id: intent.id,
    status: intent.status,
    ...present({ paymentMethodId }),
    ...(intent.object === "setup_intent" ? setupFacts(intent) : paymentFacts(intent)),
    ...present({ error: refusal && paymentFailure(refusal) }),
  };
}

/** Whether the customer's bank has taken the payment back, for the time being or for good. */
export const isDisputed = (intent: CheckoutIntent): boolean =>
  intent.object === "payment_intent" && typeof intent.latest_charge !== "string" &&
  intent.latest_charge?.disputed === true;

function paymentFacts(intent: Stripe.PaymentIntent): Partial<IntentFacts> {
  const charge = intent.latest_charge;
  if (intent.status !== "succeeded") return charge === null ? {} : { chargeId: idOf(charge) };
  if (charge === null || typeof charge === "string") {
    throw new Error(`payment intent ${intent.id} was read without its charge`);
  }
  return {
    chargeId: charge.id,
    amountReturned: charge.amount_refunded,
    // A card pays as it is charged. The charge of a bank debit was made days before the money came.
    ...(charge.payment_method_details?.type === "card" ? { succeededAt: charge.created } : {}),
  };
}

/** Stripe's fingerprint is the same wherever the same card or bank account is set up on one account. */
function setupFacts({ payment_method: method }: Stripe.SetupIntent): Partial<IntentFacts> {
  if (method === null || typeof method === "string") return {};
  const fingerprint = method.card?.fingerprint ?? method.us_bank_account?.fingerprint ??
    method.sepa_debit?.fingerprint;
  return present({ fingerprint });
}

/** By what the item of a checkout is known among those of its subscription. */
export interface OwnItem {
  readonly stripeItemId?: string | null;
  /** For one whose id is not known, or is gone. */
  readonly stripePriceId?: string | null;
}

/**
 * The item that a checkout sold. Merchants add others (an add-on, a second product), and Stripe promises no order of them: a
 * position says nothing. Where neither id nor price is there any more, it is the one that the subscription has had longest.
 */
export function ownItem(
  { id, items: { data } }: Stripe.Subscription,
  { stripeItemId, stripePriceId }: OwnItem,
): Stripe.SubscriptionItem {
  const item = data.find((one) => one.id === stripeItemId) ??
    data.find(({ price }) => price.id === stripePriceId) ??
    data.toSorted((one, other) => one.created - other.created).at(0);
  if (item === undefined) throw new Error(`subscription ${id} has no item`);
  return item;
}

/** What the database keeps of a subscription. Its period stands on its item. */
export function subscriptionFacts(
  subscription: Stripe.Subscription,
  own: OwnItem,
): SubscriptionFacts {
  const item = ownItem(subscription, own);
  return {
    id: subscription.id,
    status: subscription.status,
    stripeItemId: item.id,
    stripePriceId: item.price.id,
    // A metered price has none.
    quantity: item.quantity ?? 1,
    currentPeriodStart: item.current_period_start,
    currentPeriodEnd: item.current_period_end,
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelAt: subscription.cancel_at,
    collectionPaused: subscription.pause_collection?.behavior ?? null,
    collectionResumesAt: subscription.pause_collection?.resumes_at ?? null,
    pendingUpdateExpiresAt: subscription.pending_update?.expires_at ?? null,
    scheduled: subscription.schedule !== null,
    collectionMethod: subscription.collection_method,
    madeByApplication: subscription.application !== null,
    canceledAt: subscription.canceled_at,
    endedAt: subscription.ended_at,
    trialEnd: subscription.trial_end,
  };
}
