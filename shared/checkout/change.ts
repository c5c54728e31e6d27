import type { Snapshot } from "../contract/snapshot.ts";
import type { ChangePlan } from "../database/rows.ts";
import { type Cause, type CheckoutPorts, type Fulfilled, givenUp } from "./ports.ts";
import { undo } from "./refund.ts";
import { readAgain } from "../runtime/read-again.ts";
import { subscriptionFacts } from "../stripe/facts.ts";

/**
 * Carries a decided change out at Stripe, once, has its invoice paid by the session's payment, and writes it down. Where the
 * invoice does not come to what was paid, the change is taken back.
 *
 * @param payer whose the payment intent is
 */
export async function changeSubscription(
  ports: CheckoutPorts,
  plan: ChangePlan,
  payer: string | null,
  { eventId }: Cause,
): Promise<Fulfilled> {
  const { checkouts, stripe, log } = ports;
  const { sessionId, stripeAccountId: account } = plan;
  const applied = await stripe.subscriptionChanges.apply(plan);
  if (applied.outcome === "superseded") {
    return { outcome: "refused", reason: "subscription_changed" };
  }
  const { invoice } = applied;
  const settled = await stripe.invoices.settle(invoice, {
    sessionId,
    stripePaymentIntentId: plan.stripePaymentIntentId,
    stripeCustomerId: payer,
    amount: plan.paid,
    currency: plan.currency,
  }, account);
  if (settled !== "paid") {
    log.error("the invoice of a change is not what was paid", {
      sessionId,
      stripePriceId: plan.toStripePriceId,
      invoiced: invoice?.amount_due ?? 0,
      paid: plan.paid,
    });
    if (invoice?.status === "open") await stripe.invoices.void(invoice.id, account);
    return { outcome: "refused", reason: "amount_mismatch" };
  }
  const subscription = await stripe.subscriptions.retrieve(plan.stripeSubscriptionId, account);
  const facts = subscriptionFacts(subscription, plan);
  const completed = await checkouts.completeChange(plan, facts, eventId);
  if (completed.outcome === "succeeded") {
    log.info("changed", { sessionId, subscriptionId: plan.stripeSubscriptionId });
  }
  return completed;
}

/** The same for a confirmed change with nothing due: its end, good or bad, is the snapshot's. */
export function carryOut(ports: CheckoutPorts, confirmed: ChangePlan): Promise<Snapshot> {
  const { checkouts, log } = ports;
  const { sessionId } = confirmed;
  let plan: ChangePlan | null = confirmed;
  return readAgain<Snapshot>("subscription", async () => {
    if (plan === null) return (await checkouts.read(sessionId))?.snapshot ?? "stale";
    const changed = await changedOrRefused(ports, plan);
    if (changed.outcome === "succeeded") return changed.snapshot;
    if (changed.outcome === "refused") {
      log.warn("change refused", { sessionId, reason: changed.reason });
      await undo(ports, plan);
      return checkouts.refuseChange(sessionId);
    }
    plan = await checkouts.resumeChange(sessionId);
    return "stale";
  });
}

async function changedOrRefused(ports: CheckoutPorts, plan: ChangePlan): Promise<Fulfilled> {
  try {
    return await changeSubscription(ports, plan, null, {});
  } catch (error) {
    return givenUp(ports, plan, error);
  }
}
