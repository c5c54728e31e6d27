import type { Snapshot } from "../contract/snapshot.ts";
import type { ChangePlan } from "../domain/plans.ts";
import { type Fulfilled, givenUp, type Paid } from "./outcome.ts";
import { aboutSession } from "./about-session.ts";
import type { CheckoutPorts } from "./ports.ts";
import { close, undo } from "./refund.ts";
import { readAgain } from "../runtime/read-again.ts";
import { subscriptionFacts } from "../stripe/facts.ts";

/**
 * Carries a decided change out at Stripe, once, and has its invoice paid by the session's payment. Where the invoice does not come
 * to what was paid, it is closed, and whoever refuses the session takes the change back (`undo`).
 *
 * @param payer whose the payment intent is
 */
export async function changeSubscription(
  { stripe, log }: CheckoutPorts,
  plan: ChangePlan,
  payer: string | null,
): Promise<Paid> {
  const { sessionId, stripeSubscriptionId, stripeAccountId: account } = plan;
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
  if (settled.outcome === "paid") return { outcome: "paid", stripeSubscriptionId };
  log.error("the invoice of a change is not what was paid", {
    sessionId,
    stripePriceId: plan.toStripePriceId,
    invoiced: invoice?.amount_due ?? 0,
    paid: plan.paid,
  });
  // While its id is known: `undo` has to look for it, and might find an invoice of the merchant's.
  await close({ stripe, log }, plan, invoice);
  return { outcome: "refused", reason: "amount_mismatch" };
}

/** Writes the changed subscription down as it is now. */
export async function completeChange(
  { checkouts, stripe, log }: CheckoutPorts,
  plan: ChangePlan,
): Promise<Fulfilled> {
  const { sessionId, stripeSubscriptionId: id, stripeAccountId: account } = plan;
  const subscription = await stripe.subscriptions.retrieve(id, account);
  const completed = await checkouts.completeChange(plan, subscriptionFacts(subscription, plan));
  if (completed.outcome === "succeeded") log.info("changed", { sessionId, subscriptionId: id });
  return completed;
}

/** Both, for a confirmed change with nothing due: its end, good or bad, is the snapshot's. */
export function carryOut(ports: CheckoutPorts, confirmed: ChangePlan): Promise<Snapshot> {
  const { checkouts, log } = ports;
  const { sessionId } = confirmed;
  log.note(aboutSession(confirmed));
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
    const made = await changeSubscription(ports, plan, null);
    return made.outcome === "paid" ? await completeChange(ports, plan) : made;
  } catch (error) {
    return givenUp(ports, plan, error);
  }
}
