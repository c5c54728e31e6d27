import { tellDetails } from "./tell-details.ts";
import type { FulfillmentPlan } from "../domain/plans.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { Fulfilled, Paid, PaidSubscription } from "./outcome.ts";
import type { CheckoutPorts } from "./ports.ts";
import { endSubscription } from "./refund.ts";
import { readAgain } from "../runtime/read-again.ts";
import { invoiceFacts } from "../stripe/billing-facts.ts";
import { subscriptionFacts } from "../stripe/facts.ts";
import { isCustomerGone } from "../stripe/errors.ts";

/** Of a session's payment, as it was just read. */
export interface Payer {
  /** Whose the intent is; null for a customer who is made after the payment. */
  readonly stripeCustomerId: string | null;
  /** Whose the card is, null for nobody's; undefined where that was not read along. */
  readonly cardOwner: string | null | undefined;
}

export interface PayingCustomer {
  readonly id: string;
  readonly ownsCard: boolean;
}

/**
 * The customer at Stripe, made where there is none. Whoever owned the card when it paid is the one, also where the row names
 * another by now: the card can be nobody else's.
 */
export async function payingCustomer(
  { checkouts, stripe: { customers } }: CheckoutPorts,
  plan: FulfillmentPlan,
  { cardOwner }: Pick<Payer, "cardOwner">,
): Promise<PayingCustomer> {
  const owner = cardOwner === undefined ? await customers.cardOwner(plan) ?? null : cardOwner;
  if (owner !== null) {
    if (plan.customer.stripeCustomerId === null) await checkouts.recordStripeCustomer(plan, owner);
    return { id: owner, ownsCard: true };
  }
  const id = plan.customer.stripeCustomerId ??
    await checkouts.recordStripeCustomer(plan, (await customers.create(plan)).id);
  return { id, ownsCard: false };
}

/**
 * The session's subscription with its first invoice paid by the session's payment; a customer who is gone at Stripe is made anew,
 * from a fresh plan.
 */
export async function fulfill(
  ports: CheckoutPorts,
  plan: FulfillmentPlan,
  payer: Payer,
): Promise<Paid> {
  const customer = await payingCustomer(ports, plan, payer);
  try {
    return await startSubscription(ports, plan, { customer, payer });
  } catch (error) {
    if (!isCustomerGone(error)) throw error;
    await ports.checkouts.forgetStripeCustomer(customer.id);
    // A card that was the customer's goes with its owner: no fresh plan would change that.
    if (customer.ownsCard) throw error;
    return { outcome: "stale" };
  }
}

/**
 * Makes the session's subscription and has its first invoice paid by the session's payment. Each step finds what an earlier run
 * has done. The invoice decides: where it does not come to what was paid, nothing is fulfilled.
 */
export async function startSubscription(
  ports: CheckoutPorts,
  plan: FulfillmentPlan,
  { customer, payer }: {
    readonly customer: PayingCustomer;
    readonly payer: Pick<Payer, "stripeCustomerId">;
  },
): Promise<Paid> {
  const { stripe, log } = ports;
  const { sessionId, stripeAccountId: account } = plan;
  if (!customer.ownsCard) await stripe.customers.attachCard(plan, customer.id);
  await tellDetails(ports, plan, customer.id);
  await stripe.customers.tellTax(plan, customer.id);
  // As create asked: the price decides what the coupon is for, and not what the row says of its product.
  const price = plan.discount?.productBound === true
    ? await stripe.prices.retrieve(plan.stripePriceId, account)
    : undefined;
  const made = await stripe.coupons.use(
    { ...plan, stripeProductId: price?.stripeProductId ?? null },
    (couponId) => stripe.subscriptions.findOrCreate(plan, customer.id, couponId),
  );
  const invoice = await stripe.invoices.firstOf(made, account);
  const settled = await stripe.invoices.settle(invoice, {
    sessionId,
    stripePaymentIntentId: plan.intentKind === "payment" ? plan.stripePaymentIntentId : null,
    stripeCustomerId: payer.stripeCustomerId,
    amount: plan.totalAmount,
    currency: plan.currency,
  }, account);
  if (settled.outcome === "mismatch") {
    log.error("the first invoice is not what was paid", {
      sessionId,
      stripePriceId: plan.stripePriceId,
      invoiced: invoice?.amount_due ?? 0,
      paid: plan.totalAmount,
    });
    stripe.prices.forget(plan.stripePriceId, account);
    return { outcome: "refused", reason: "amount_mismatch" };
  }
  if (settled.outcome === "paid_otherwise") {
    log.error("the first invoice was paid otherwise", { sessionId });
  }
  if (settled.outcome !== "paid") return { outcome: "refused", reason: "fulfillment_refused" };
  return { ...settled, stripeSubscriptionId: made.id };
}

/**
 * Writes the subscription down as it is now; read again where Stripe told news of it meanwhile, for which there was no row
 * yet. Where another run has completed the session with another subscription, this one is ended: what anybody made who was
 * held up for longer than Stripe keeps idempotency keys, its webhook no longer tells from a stranger's.
 */
export function complete(
  { checkouts, stripe, log }: CheckoutPorts,
  plan: FulfillmentPlan,
  { stripeSubscriptionId: id, subscription: answered }: PaidSubscription,
): Promise<Fulfilled> {
  const { sessionId, stripeAccountId: account } = plan;
  let seenNews = plan.news;
  // That Stripe makes it active before it answers the payment is inferred: one that is not yet is read.
  let known = answered?.status === "incomplete" ? undefined : answered;
  return readAgain<Fulfilled>("subscription", async () => {
    const subscription = known ?? await stripe.subscriptions.retrieve(id, account);
    known = undefined;
    if (subscription.status === "incomplete") {
      throw new CheckoutError("stripe_unavailable", {
        cause: new Error(`subscription ${id} is incomplete with its first invoice paid`),
      });
    }
    const invoice = subscription.latest_invoice && invoiceFacts({
      invoice: subscription.latest_invoice,
      paymentIntentId: plan.intentKind === "payment" ? plan.stripePaymentIntentId : null,
      amountRefunded: 0,
    });
    const facts = { ...subscriptionFacts(subscription, plan), seenNews, invoice };
    const completed = await checkouts.complete(sessionId, facts);
    switch (completed.outcome) {
      case "succeeded":
        log.info("fulfilled", { sessionId, subscriptionId: id });
        return completed;
      case "refund":
        return completed;
      case "news":
        seenNews = completed.news;
        return "stale";
      case "surplus":
        log.warn("surplus subscription ended", { sessionId, stripeSubscriptionId: id });
        await endSubscription({ stripe, log }, plan, subscription);
        return { outcome: "stale" };
    }
  });
}
