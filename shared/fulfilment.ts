import type { Snapshot } from "./contract/snapshot.ts";
import type { CheckoutName, Checkouts } from "./database/checkouts.ts";
import type { ChangePlan, FulfilmentPlan, LocatedCheckout } from "./database/rows.ts";
import { CheckoutError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { causeText } from "./http/error-response.ts";
import { isCustomerGone, StripeRefusal } from "./stripe/errors.ts";
import { intentFacts, subscriptionFacts } from "./stripe/facts.ts";
import type { StripeGateway } from "./stripe/gateway.ts";
import { changeSubscription } from "./subscription-change.ts";
import type { CheckoutIntent } from "./stripe/intent-calls.ts";

export interface Fulfilment {
  readonly checkouts: Checkouts;
  readonly stripe: StripeGateway;
  readonly log: Logger;
}

/** Who asks: a webhook's event is marked processed in the transaction that has its effect. */
export interface Cause {
  readonly eventId?: string | undefined;
  readonly attemptNumber?: number | undefined;
}

/** Where a session stood after settling. */
export type Settled =
  | { readonly outcome: "settled"; readonly snapshot: Snapshot }
  /** The intent is not the session's current one: nothing moved. */
  | { readonly outcome: "superseded" };

/** How often to read again when others keep writing. */
const MAX_READS = 8;

/**
 * Brings a session to where Stripe says that its intent is, fulfilment included. The one way for confirm, webhook and
 * repair; whoever comes second finds the work done. Null where there is no such session.
 */
export async function settle(
  ports: Fulfilment,
  name: CheckoutName,
  cause: Cause = {},
): Promise<Settled | null> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const located = await ports.checkouts.locate(name);
    if (located === null) return null;
    const intent = await ports.stripe.intents.retrieve(
      located.stripePaymentIntentId,
      located.stripeAccountId,
    );
    const settled = await settleAs(ports, located, intent, cause);
    if (settled !== "stale") return settled;
  }
  throw new CheckoutError("database_unavailable", {
    cause: new Error(`session kept changing through ${MAX_READS} reads`),
  });
}

/** The same with an intent just read; `stale` when the session has changed since it was located. */
export async function settleAs(
  ports: Fulfilment,
  located: LocatedCheckout,
  intent: CheckoutIntent,
  cause: Cause = {},
): Promise<Settled | "stale"> {
  const recorded = await ports.checkouts.recordIntent(located, intentFacts(intent), cause);
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
    case "fulfil":
      return fulfilOrRefund(ports, recorded.plan, cause);
    case "refund":
      return { outcome: "settled", snapshot: await refund(ports, recorded.plan, cause) };
  }
}

/**
 * More cards were refused than a session may put forward, which only somebody can bring about who goes past our confirm.
 * The intent is canceled, for nothing else keeps them from trying on; if a card was good just now, it stays paid.
 */
async function closeExhausted(
  ports: Fulfilment,
  { sessionId, stripePaymentIntentId, stripeAccountId }: LocatedCheckout,
): Promise<Settled | "stale"> {
  ports.log.warn("closed after too many refused cards", { sessionId });
  await ports.stripe.intents.cancel(stripePaymentIntentId, stripeAccountId);
  return await settle(ports, { sessionId }) ?? "stale";
}

/** What Stripe refuses for good is given back; a customer who is gone there is made anew, from a fresh plan. */
async function fulfilOrRefund(
  ports: Fulfilment,
  plan: FulfilmentPlan,
  cause: Cause,
): Promise<Settled | "stale"> {
  let customer: PayingCustomer | undefined;
  try {
    const { change } = plan;
    if (change !== null) return await fulfilChange(ports, { ...plan, change }, cause);
    customer = await payingCustomer(ports, plan);
    return { outcome: "settled", snapshot: await fulfil(ports, plan, customer, cause) };
  } catch (error) {
    // An anchor is refused where our clock is wrong: that passes, and is no reason to give a payment back.
    if (!(error instanceof StripeRefusal) || error.param === "billing_cycle_anchor") throw error;
    ports.log.error("stripe refused", { sessionId: plan.sessionId, cause: causeText(error) });
    if (isCustomerGone(error) && customer !== undefined) {
      await ports.checkouts.forgetStripeCustomer(customer.id);
      return "stale";
    }
    if (!await ports.checkouts.refuseFulfilment(plan.sessionId)) return "stale";
    return { outcome: "settled", snapshot: await refund(ports, plan, cause) };
  }
}

/** The paid change of a subscription, or its money back where the subscription is another by now. */
async function fulfilChange(
  ports: Fulfilment,
  plan: FulfilmentPlan & { readonly change: ChangePlan },
  cause: Cause,
): Promise<Settled | "stale"> {
  const changed = await changeSubscription(ports, plan.change, cause);
  switch (changed.outcome) {
    case "stale":
      return "stale";
    case "succeeded":
      return { outcome: "settled", snapshot: changed.snapshot };
    case "superseded": {
      const reason = "subscription_changed";
      if (!await ports.checkouts.refuseFulfilment(plan.sessionId, reason)) return "stale";
      return {
        outcome: "settled",
        snapshot: await refund(ports, { ...plan, refundReason: reason }, cause),
      };
    }
    case "refund":
      return { outcome: "settled", snapshot: await refund(ports, plan, cause) };
  }
}

interface PayingCustomer {
  readonly id: string;
  readonly ownsCard: boolean;
}

/**
 * The customer at Stripe, made where there is none. Whoever owned it when it paid is the one, also where the row
 * names another by now: the card can be nobody else's.
 */
async function payingCustomer(
  { checkouts, stripe: { subscriptions } }: Fulfilment,
  plan: FulfilmentPlan,
): Promise<PayingCustomer> {
  const owner = await subscriptions.cardOwner(plan);
  if (owner !== undefined) {
    if (plan.customer.stripeCustomerId === null) await checkouts.recordStripeCustomer(plan, owner);
    return { id: owner, ownsCard: true };
  }
  const id = plan.customer.stripeCustomerId ??
    await checkouts.recordStripeCustomer(plan, (await subscriptions.createCustomer(plan)).id);
  return { id, ownsCard: false };
}

async function fulfil(
  ports: Fulfilment,
  plan: FulfilmentPlan,
  customer: PayingCustomer,
  cause: Cause,
): Promise<Snapshot> {
  const { checkouts, stripe: { subscriptions, taxes } } = ports;
  if (!customer.ownsCard) await subscriptions.attachCard(plan, customer.id);
  await taxes.tellCustomer(plan, customer.id);
  const { id } = await subscriptions.findOrCreate(plan, customer.id);
  // A replayed create answers with the subscription as it was; it may have changed since.
  const subscription = await subscriptions.retrieve(id, plan.stripeAccountId);

  const completed = await checkouts.complete(
    plan.sessionId,
    subscriptionFacts(subscription),
    cause.eventId,
  );
  if (completed.outcome === "succeeded") {
    ports.log.info("fulfilled", { sessionId: plan.sessionId, subscriptionId: id });
    return completed.snapshot;
  }
  const known = { ...plan, customer: { ...plan.customer, stripeCustomerId: customer.id } };
  return refund(ports, known, cause);
}

const refundNews = {
  refunded: "refunded",
  pending: "refund pending",
  failed: "refund failed, and is made again",
  given_up: "refund given up: a person has to see to it",
} as const;

/** Law 7: what cannot be honoured goes back, and no subscription stays behind to charge later. */
async function refund(ports: Fulfilment, plan: FulfilmentPlan, cause: Cause): Promise<Snapshot> {
  const { checkouts, stripe } = ports;
  await stripe.subscriptions.cancelOf(plan);
  if (plan.intentKind === "setup") {
    return (await checkouts.recordRelease(plan.sessionId, cause.eventId)).snapshot;
  }
  const { refusal, ...seen } = await stripe.refunds.ensure(plan);
  if (refusal !== undefined) {
    const { sessionId } = plan;
    ports.log.error("refund refused, and tried again", { sessionId, cause: causeText(refusal) });
  }
  const { outcome, moved, snapshot } = await checkouts.recordRefund(
    plan.sessionId,
    seen,
    cause.eventId,
  );
  if (moved) {
    const isWell = outcome === "refunded" || outcome === "pending";
    ports.log[isWell ? "warn" : "error"](refundNews[outcome], {
      sessionId: plan.sessionId,
      refundId: seen.id,
      reason: plan.refundReason ?? "already_subscribed",
    });
  }
  return snapshot;
}
