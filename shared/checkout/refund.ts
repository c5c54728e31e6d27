import type Stripe from "stripe";
import type { Snapshot } from "../contract/snapshot.ts";
import type { ChangePlan, FulfillmentPlan } from "../domain/plans.ts";
import { present } from "../runtime/present.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { LogFields, Logger } from "../runtime/log.ts";
import type { CheckoutPorts } from "./ports.ts";
import { causeText } from "../runtime/cause.ts";
import { StripeRefusal, unlessRefused } from "../stripe/errors.ts";
import { idOf } from "../stripe/ids.ts";
import { type BilledSubscription, hasEnded } from "../stripe/subscriptions.ts";

/** Law 7: what cannot be honored goes back, and no subscription stays behind to charge later. */
export async function refund(
  ports: CheckoutPorts,
  plan: FulfillmentPlan,
): Promise<Snapshot> {
  const { checkouts, stripe } = ports;
  await leaveNothingOrTell(ports, plan);
  if (plan.intentKind === "setup") {
    return (await checkouts.recordRelease(plan.sessionId)).snapshot;
  }
  const { refusal, ...seen } = await stripe.refunds.ensure(plan);
  if (refusal !== undefined) {
    const { sessionId } = plan;
    ports.log.error("refund refused, and tried again", { sessionId, cause: causeText(refusal) });
  }
  const { outcome, moved, snapshot } = await checkouts.recordRefund(plan.sessionId, seen);
  if (moved) {
    const about = { refundId: seen.id, ...present({ reason: plan.refundReason }) };
    tellOf(ports.log.with({ sessionId: plan.sessionId }), outcome, about);
  }
  return snapshot;
}

type RefundOutcome = Awaited<ReturnType<CheckoutPorts["checkouts"]["recordRefund"]>>["outcome"];

function tellOf(log: Logger, outcome: RefundOutcome, about: LogFields): void {
  switch (outcome) {
    case "refunded":
      return log.warn("refunded", about);
    case "pending":
      return log.warn("refund pending", about);
    case "failed":
      return log.error("refund failed, and is made again", about);
    case "given_up":
      return log.error("refund given up: a person has to see to it", about);
  }
}

/**
 * What Stripe does not let us end (a key that lacks a right, say) must not keep the customer's money: it is told, and tried
 * again with every later look at the refund.
 */
async function leaveNothingOrTell(
  ports: CheckoutPorts,
  plan: FulfillmentPlan,
): Promise<void> {
  try {
    await leaveNothing(ports, plan);
  } catch (error) {
    const passes = error instanceof CheckoutError && error.code === "stripe_unavailable";
    if (passes || !(error instanceof CheckoutError)) throw error;
    const { sessionId } = plan;
    ports.log.error("a subscription is left behind", { sessionId, cause: causeText(error) });
  }
}

/** Ends whatever a refunded session may have left at Stripe, and closes its invoices: nobody is to pay them. */
async function leaveNothing(
  { checkouts, stripe, log }: CheckoutPorts,
  plan: FulfillmentPlan,
): Promise<void> {
  const { change } = plan;
  if (change !== null) return undo({ stripe, log }, change);
  // Whatever Stripe's refusal is, it must not stand in the way of a refund.
  const owner = await unlessRefused(stripe.customers.cardOwner(plan));
  const known = owner ?? plan.customer.stripeCustomerId;
  const left = known === null ? await stripe.customers.find(plan) : undefined;
  // The next payment does not look so far back.
  if (left !== undefined) await checkouts.recordStripeCustomer(plan, left.id, false);
  const customer = known ?? left?.id;
  if (customer === undefined) return;
  for (const subscription of await stripe.subscriptions.listOf(plan, customer)) {
    await endSubscription({ stripe, log }, plan, subscription);
  }
}

type Billed = Pick<ChangePlan, "sessionId" | "stripeAccountId" | "stripePaymentIntentId">;

/** Its first invoice goes before it: what ends an incomplete subscription need not close that. */
export async function endSubscription(
  { stripe, log }: Pick<CheckoutPorts, "stripe" | "log">,
  session: Billed,
  subscription: BilledSubscription,
): Promise<void> {
  const { stripeAccountId: account } = session;
  await close({ stripe, log }, session, await stripe.invoices.firstOf(subscription, account));
  if (!hasEnded(subscription)) await stripe.subscriptions.cancel(subscription.id, account);
}

/**
 * Nobody is to pay the invoice, nor to have paid it otherwise, nor to have lost a credit to it, nor to owe less by it. One that was given up
 * can still be paid (https://docs.stripe.com/invoicing/integration/workflow-transitions). What Stripe refuses to void, as where a part is paid
 * (https://docs.stripe.com/invoicing/partial-payments), or to give back is told: it keeps neither the rest from going back nor what was
 * billed from being ended, which would charge again.
 */
export async function close(
  { stripe, log }: Pick<CheckoutPorts, "stripe" | "log">,
  session: Billed,
  seen: Stripe.Invoice | null,
): Promise<void> {
  const { sessionId, stripeAccountId, stripePaymentIntentId: own } = session;
  const about = { sessionId, stripeInvoiceId: seen?.id };
  const isOpen = seen?.status === "open" || seen?.status === "uncollectible";
  // Its customer may have paid it since it was seen.
  const invoice = isOpen
    ? await orTell(
      stripe.invoices.void(seen.id, stripeAccountId),
      (cause) => log.error("an invoice can still be paid", { ...about, cause }),
    )
    : seen;
  if (invoice?.status !== "paid") return;
  const tell = (fields: LogFields) => (cause: string | undefined) =>
    log.error("what an invoice has collected is not given back", { ...fields, cause });
  for (const intent of await stripe.invoices.collectedBy(invoice.id, stripeAccountId)) {
    if (intent === own) continue;
    const payment = { sessionId, stripeAccountId, stripePaymentIntentId: intent };
    await orTell(
      stripe.refunds.giveBack(payment),
      tell({ ...about, stripePaymentIntentId: intent }),
    );
  }
  const used = usedBalance(invoice);
  if (used !== 0 && invoice.customer !== null) {
    const credit = { invoiceId: invoice.id, amount: used, currency: invoice.currency };
    const back = stripe.customers.restoreCredit(session, idOf(invoice.customer), credit);
    await orTell(back, tell(about));
  }
}

/** Tells what Stripe refuses, and goes on; what else fails is tried again. */
async function orTell<T>(
  work: Promise<T>,
  tell: (cause: string | undefined) => void,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    tell(causeText(error));
    return undefined;
  }
}

/**
 * What of a customer's balance an invoice has settled, below zero of what they owed. Not what it has added to their credit: a change may
 * stay as it is, and then that is theirs.
 */
function usedBalance({ starting_balance: before, ending_balance: after }: Stripe.Invoice): number {
  const ending = after ?? 0;
  const credit = Math.max(0, Math.min(ending, 0) - Math.min(before, 0));
  return credit + Math.max(ending, 0) - Math.max(before, 0);
}

/**
 * Takes a change back that was made and is not paid for. Where Stripe does not let it (the old price was archived, say), a
 * person has to see to it: the money goes back all the same.
 */
export async function undo(
  { stripe, log }: Pick<CheckoutPorts, "stripe" | "log">,
  change: ChangePlan,
): Promise<void> {
  const { sessionId } = change;
  // The invoice first: once the change is taken back, nothing tells that it was this one's.
  const invoice = await stripe.subscriptionChanges.madeInvoice(change);
  await close({ stripe, log }, change, invoice);
  const refusal = await stripe.subscriptionChanges.revert(change);
  if (refusal !== undefined) {
    log.error("a change is not taken back", { sessionId, cause: causeText(refusal) });
  }
}
