import type { Snapshot } from "../contract/snapshot.ts";
import { tellDetails } from "./tell-details.ts";
import type { CheckoutName } from "../database/checkouts.ts";
import type { ChangePlan, FulfilmentPlan, IntentFacts, LocatedCheckout } from "../database/rows.ts";
import { type Cause, type CheckoutPorts, type Fulfilled, givenUp } from "./ports.ts";
import { refund } from "./refund.ts";
import { readAgain } from "../runtime/read-again.ts";
import { isCustomerGone } from "../stripe/errors.ts";
import { intentFacts, isDisputed } from "../stripe/facts.ts";
import { idOf } from "../stripe/ids.ts";
import type { CheckoutIntent } from "../stripe/intent-calls.ts";
import { changeSubscription } from "./change.ts";
import { type PayingCustomer, payingCustomer, startSubscription } from "./fulfill.ts";

/** Where a session stood after settling. */
export type Settled =
  | { readonly outcome: "settled"; readonly snapshot: Snapshot }
  /** The intent is not the session's current one: nothing moved. */
  | { readonly outcome: "superseded" };

/**
 * Brings a session to where Stripe says that its intent is, fulfillment included. The one way for confirm, webhook and
 * repair; whoever comes second finds the work done. Null where there is no such session.
 */
export function settle(
  ports: CheckoutPorts,
  name: CheckoutName,
  cause: Cause = {},
): Promise<Settled | null> {
  return readAgain("session", async () => {
    const located = await ports.checkouts.locate(name);
    if (located === null) return null;
    const intent = await ports.stripe.intents.retrieve(
      located.stripePaymentIntentId,
      located.stripeAccountId,
    );
    return settleAs(ports, located, intent, cause);
  });
}

/** The same with an intent just read; `stale` when the session has changed since it was located. */
export async function settleAs(
  ports: CheckoutPorts,
  located: LocatedCheckout,
  intent: CheckoutIntent,
  cause: Cause = {},
): Promise<Settled | "stale"> {
  const facts = await withLosses(ports, located, intent);
  const recorded = await ports.checkouts.recordIntent(located, facts, cause);
  switch (recorded.outcome) {
    case "stale":
      return "stale";
    case "superseded":
      return { outcome: "superseded" };
    case "recorded":
      return recorded.exhausted
        ? closeExhausted(ports, located)
        : { outcome: "settled", snapshot: recorded.snapshot };
    case "succeeded": {
      const again = await ports.checkouts.read(located.sessionId);
      return { outcome: "settled", snapshot: again?.snapshot ?? located.snapshot };
    }
    case "fulfill":
      return fulfilOrRefund(ports, recorded.plan, intent, cause);
    case "refund":
      return { outcome: "settled", snapshot: await refund(ports, recorded.plan, cause) };
  }
}

/** What the intent says, and what of its payment the customer's bank has taken back for good. */
async function withLosses(
  { stripe }: CheckoutPorts,
  { stripeAccountId }: LocatedCheckout,
  intent: CheckoutIntent,
): Promise<IntentFacts> {
  const facts = intentFacts(intent);
  if (!isDisputed(intent)) return facts;
  const lost = await stripe.refunds.lost(intent.id, stripeAccountId);
  return { ...facts, amountReturned: (facts.amountReturned ?? 0) + lost };
}

/**
 * More cards were refused than a session may try, which only somebody can bring about who goes past our confirm.
 * The intent is canceled, for nothing else keeps them from trying on; if a card was good just now, it stays paid.
 */
async function closeExhausted(
  ports: CheckoutPorts,
  { sessionId, stripePaymentIntentId, stripeAccountId }: LocatedCheckout,
): Promise<Settled | "stale"> {
  ports.log.warn("closed after too many refused cards", { sessionId });
  await ports.stripe.intents.cancel(stripePaymentIntentId, stripeAccountId);
  return await settle(ports, { sessionId }) ?? "stale";
}

/**
 * A payment that cannot be honored goes back: at once where Stripe's refusal is final or its invoice is not what was paid,
 * else after the deadline until which it is tried again.
 */
async function fulfilOrRefund(
  ports: CheckoutPorts,
  plan: FulfilmentPlan,
  intent: CheckoutIntent,
  cause: Cause,
): Promise<Settled | "stale"> {
  const payer = intent.customer === null ? null : idOf(intent.customer);
  const { change } = plan;
  let fulfilled: Fulfilled;
  if (!isAsShown(intent, plan)) {
    const { sessionId, totalAmount: shown } = plan;
    ports.log.error("the payment is not what was shown", { sessionId, shown });
    fulfilled = { outcome: "refused", reason: "amount_mismatch" };
  } else {
    fulfilled = change === null
      ? await started(ports, plan, payer, cause)
      : await changed(ports, { ...plan, change }, payer, cause);
  }
  switch (fulfilled.outcome) {
    case "succeeded":
      return { outcome: "settled", snapshot: fulfilled.snapshot };
    case "stale":
      return "stale";
    case "refused": {
      const { reason } = fulfilled;
      if (!await ports.checkouts.refuseFulfilment(plan.sessionId, reason)) return "stale";
      const refused = { ...plan, refundReason: reason };
      return { outcome: "settled", snapshot: await refund(ports, refused, cause) };
    }
    case "refund":
      return { outcome: "settled", snapshot: await refund(ports, plan, cause) };
  }
}

/** Whether what came in is what the customer was shown; of a set-up nothing comes in. */
const isAsShown = (intent: CheckoutIntent, { totalAmount, currency }: FulfilmentPlan): boolean =>
  intent.object === "setup_intent" ||
  (intent.amount_received === totalAmount && intent.currency === currency);

/** The new subscription; a customer who is gone at Stripe is made anew, from a fresh plan. */
async function started(
  ports: CheckoutPorts,
  plan: FulfilmentPlan,
  payer: string | null,
  cause: Cause,
): Promise<Fulfilled> {
  let customer: PayingCustomer | undefined;
  try {
    customer = await payingCustomer(ports, plan);
    return await startSubscription(ports, plan, { customer, payer }, cause);
  } catch (error) {
    if (customer !== undefined && isCustomerGone(error)) {
      await ports.checkouts.forgetStripeCustomer(customer.id);
      // A card that was the customer's goes with its owner: no fresh plan would change that.
      if (!customer.ownsCard) return { outcome: "stale" };
    }
    return givenUp(ports, plan, error);
  }
}

async function changed(
  ports: CheckoutPorts,
  plan: FulfilmentPlan & { readonly change: ChangePlan },
  payer: string | null,
  cause: Cause,
): Promise<Fulfilled> {
  const { stripeCustomerId } = plan.customer;
  try {
    if (stripeCustomerId !== null) await tellDetails(ports, plan, stripeCustomerId);
    return await changeSubscription(ports, plan.change, payer, cause);
  } catch (error) {
    return givenUp(ports, plan, error);
  }
}
