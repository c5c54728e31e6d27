import { delay } from "deno-std/async/delay.js";
import type { Snapshot } from "../contract/snapshot.ts";
import { aboutSession } from "./about-session.ts";
import { tellDetails } from "./tell-details.ts";
import type { IntentFacts } from "../domain/facts.ts";
import type { ChangePlan, FulfillmentPlan } from "../domain/plans.ts";
import type { LocatedCheckout } from "../domain/sessions.ts";
import { type Fulfilled, givenUp, type Paid } from "./outcome.ts";
import type { CheckoutPorts } from "./ports.ts";
import { refund } from "./refund.ts";
import { readAgain } from "../runtime/read-again.ts";
import { intentFacts, isDisputed } from "../stripe/facts.ts";
import { idOf } from "../stripe/ids.ts";
import { cardOwnerOf, type CheckoutIntent } from "../stripe/intent-calls.ts";
import { changeSubscription, completeChange } from "./change.ts";
import { complete, fulfill } from "./fulfill.ts";

/** Where a session stood after settling. */
export type Settled =
  | { readonly outcome: "settled"; readonly snapshot: Snapshot }
  /** The intent is not the session's current one: nothing moved. */
  | { readonly outcome: "superseded" };

/**
 * Brings a session to where Stripe says that its intent is, fulfillment included. The one way for confirm, webhook and
 * repair; whoever comes second finds the work done. Where another has written to the session since it was located, both it and the
 * intent are read again; null where it is gone by then.
 *
 * @param known the intent, if it has just been read
 */
export function settle(
  ports: CheckoutPorts,
  first: LocatedCheckout,
  known?: CheckoutIntent,
): Promise<Settled | null> {
  const { checkouts, stripe, log } = ports;
  const { stripePaymentIntentId, stripeAccountId } = first;
  log.note(aboutSession(first));
  let located: LocatedCheckout | null = first;
  let intent = known;
  let givesWay = true;
  return readAgain("session", async () => {
    located ??= await checkouts.locate({ stripePaymentIntentId });
    if (located === null) return null;
    const at = located;
    const read = intent ?? await stripe.intents.retrieve(stripePaymentIntentId, stripeAccountId);
    [located, intent] = [null, undefined];
    const recorded = await checkouts.recordIntent(at, await withLosses(ports, at, read), givesWay);
    switch (recorded.outcome) {
      case "stale":
        return "stale";
      case "superseded":
        return { outcome: "superseded" };
      case "recorded":
        if (recorded.exhausted) return closeExhausted(ports, at);
        return { outcome: "settled", snapshot: recorded.snapshot };
      case "succeeded":
        return { outcome: "settled", snapshot: recorded.snapshot };
      case "being_fulfilled":
        // Once for a caller: where runs fail one after the other, the last would wait for each of them.
        givesWay = false;
        // Of a complete session it does not matter when the intent was read.
        if (await waitForOtherRun(ports, at, recorded)) [located, intent] = [at, read];
        return "stale";
      case "fulfill":
        givesWay = false;
        return fulfillOrRefund(ports, recorded.plan, read);
      case "refund":
        return { outcome: "settled", snapshot: await refund(ports, recorded.plan) };
    }
  });
}

/** Milliseconds between two looks at what another run does: the first, and the longest. */
const LOOKS = { first: 50, longest: 400 };

/**
 * Waits for the run that fulfills the session; answers whether it has completed it. Confirm and Stripe's webhook learn of a payment at
 * the same time: both would send Stripe the same under the same idempotency keys, of which Stripe refuses the second while the first is at
 * work (https://docs.stripe.com/api/idempotent_requests), and its client asks again half a second later (RequestSender.js in stripe-node).
 */
async function waitForOtherRun(
  { checkouts }: CheckoutPorts,
  { sessionId }: LocatedCheckout,
  { version, milliseconds }: { readonly version: number; readonly milliseconds: number },
): Promise<boolean> {
  const until = performance.now() + milliseconds;
  for (
    let wait = LOOKS.first;
    performance.now() < until;
    wait = Math.min(wait * 2, LOOKS.longest)
  ) {
    await delay(Math.min(wait, until - performance.now()));
    const seen = await checkouts.read(sessionId);
    if (seen?.snapshot.version !== version) return seen?.snapshot.status === "succeeded";
  }
  return false;
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
 * The intent is canceled, for nothing else keeps them from trying on; if a card was good just now, it stays paid: whatever is
 * found is no doing of the event or the card that was settled before.
 */
async function closeExhausted(
  ports: CheckoutPorts,
  { sessionId, stripePaymentIntentId, stripeAccountId }: LocatedCheckout,
): Promise<Settled | "stale"> {
  ports.log.warn("closed after too many refused cards", { sessionId });
  await ports.stripe.intents.cancel(stripePaymentIntentId, stripeAccountId);
  const checkouts = ports.checkouts.for({});
  const again = await checkouts.locate({ sessionId });
  return again === null ? "stale" : await settle({ ...ports, checkouts }, again) ?? "stale";
}

/**
 * A payment that cannot be honored goes back: at once where Stripe's refusal is final or its invoice is not what was paid,
 * else after the deadline until which it is tried again.
 */
async function fulfillOrRefund(
  ports: CheckoutPorts,
  plan: FulfillmentPlan,
  intent: CheckoutIntent,
): Promise<Settled | "stale"> {
  let fulfilled: Fulfilled;
  try {
    const paid = await paidFor(ports, plan, intent);
    if (paid.outcome !== "paid") fulfilled = paid;
    else if (plan.change !== null) fulfilled = await completeChange(ports, plan.change);
    else fulfilled = await complete(ports, plan, paid);
  } catch (error) {
    fulfilled = givenUp(ports, plan, error);
  }
  switch (fulfilled.outcome) {
    case "succeeded":
      return { outcome: "settled", snapshot: fulfilled.snapshot };
    case "stale":
      return "stale";
    case "refused": {
      const { reason } = fulfilled;
      if (!await ports.checkouts.refuseFulfillment(plan.sessionId, reason)) return "stale";
      const refused = { ...plan, refundReason: reason };
      return { outcome: "settled", snapshot: await refund(ports, refused) };
    }
    case "refund":
      return { outcome: "settled", snapshot: await refund(ports, plan) };
  }
}

/** What the session is for, made at Stripe: a new subscription, or the change of one. */
async function paidFor(
  ports: CheckoutPorts,
  plan: FulfillmentPlan,
  intent: CheckoutIntent,
): Promise<Paid> {
  const { sessionId, totalAmount: shown, change } = plan;
  if (!isAsShown(intent, plan)) {
    ports.log.error("the payment is not what was shown", { sessionId, shown });
    return { outcome: "refused", reason: "amount_mismatch" };
  }
  const payer = intent.customer === null ? null : idOf(intent.customer);
  return change === null
    ? fulfill(ports, plan, { stripeCustomerId: payer, cardOwner: cardOwnerOf(intent) })
    : changed(ports, plan, change, payer);
}

/** Whether what came in is what the customer was shown; of a set-up nothing comes in. */
const isAsShown = (intent: CheckoutIntent, { totalAmount, currency }: FulfillmentPlan): boolean =>
  intent.object === "setup_intent" ||
  (intent.amount_received === totalAmount && intent.currency === currency);

async function changed(
  ports: CheckoutPorts,
  plan: FulfillmentPlan,
  change: ChangePlan,
  payer: string | null,
): Promise<Paid> {
  const { stripeCustomerId } = plan.customer;
  if (stripeCustomerId !== null) await tellDetails(ports, plan, stripeCustomerId);
  return changeSubscription(ports, change, payer);
}
