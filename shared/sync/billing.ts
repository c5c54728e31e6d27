import { isKnownDispute } from "../domain/disputes.ts";
import { readAgain } from "../runtime/read-again.ts";
import type { Account } from "../stripe/account.ts";
import { found } from "../stripe/errors.ts";
import type { LocatedInvoice } from "../database/located-billing.ts";
import { disputeFacts, invoiceFacts } from "../stripe/billing-facts.ts";
import { subscriptionFacts } from "../stripe/facts.ts";
import { idOf } from "../stripe/ids.ts";
import { forEvent, type SyncPorts } from "./ports.ts";
import { type SyncedSubscription, syncSubscription, tellKept } from "./subscription.ts";

type Synced = "applied" | "unknown";

/** What came of a subscription, as of an event: whether it was about something of ours. */
export const applied = (synced: SyncedSubscription): Synced =>
  synced === "unknown" ? "unknown" : "applied";

/**
 * Writes an invoice and its subscription as Stripe has them now. `unknown` where the subscription is not a session's.
 */
export function syncInvoice(
  ports: SyncPorts,
  stripeInvoiceId: string,
  account: Account,
  located?: LocatedInvoice,
): Promise<Synced> {
  const { billing, stripe } = ports;
  let known = located;
  return readAgain(`invoice ${stripeInvoiceId}`, async () => {
    const seen = known ?? await billing.locateInvoice(stripeInvoiceId);
    known = undefined;
    const invoice = await found(stripe.billing.invoice(stripeInvoiceId, account));
    const facts = invoice === undefined ? null : invoiceFacts(invoice);
    if (facts === null) return "unknown";
    const news = { stripeSubscriptionId: facts.subscriptionId };
    const row = seen.subscription?.stripeSubscriptionId === facts.subscriptionId
      ? seen.subscription
      : undefined;
    const along = row && invoice?.subscription &&
      { row, seen: row.revision, facts: subscriptionFacts(invoice.subscription, row) };
    const recorded = await billing.recordInvoice(seen.revision, facts, account, along);
    switch (recorded.outcome) {
      case "stale":
        return "stale";
      case "recorded":
        if (along === undefined) return applied(await syncSubscription(ports, news, account));
        tellKept(ports, along.row, along.facts, recorded);
        return "applied";
      case "unknown": {
        // Somebody else's; or just being completed, by whoever writes its invoice down too. Recorded by now, it is no end yet.
        const unmarked = { ...ports, events: ports.events.for() };
        const synced = await syncSubscription(unmarked, news, account);
        return synced === "applied" || synced === "unchanged" ? "stale" : applied(synced);
      }
    }
  });
}

/**
 * Reads a known subscription again about which no event came. Its newest invoice goes first, where that is not known as it
 * is: once the subscription is written down, nothing asks for it. `missing` where Stripe has no such subscription.
 */
export async function checkSubscription(
  ports: SyncPorts,
  stripeSubscriptionId: string,
  account: Account,
): Promise<"changed" | "unchanged" | "missing"> {
  let hasNews = false;
  const synced = await syncSubscription(
    ports,
    { stripeSubscriptionId },
    account,
    async ({ latest_invoice: one }) => {
      // A draft is told of, and read, once it is final.
      if (hasNews || one === null || one.status === "draft") return;
      if (await ports.billing.invoiceStatus(one.id) === one.status) return;
      hasNews = true;
      await syncInvoice(ports, one.id, account);
    },
  );
  if (synced === "unknown") return "missing";
  return hasNews || synced !== "unchanged" ? "changed" : "unchanged";
}

/** Writes how much of a payment went back. `unknown` where the payment is neither a session's nor of a subscription of ours. */
export async function syncCharge(
  ports: SyncPorts,
  stripeChargeId: string,
  account: Account,
): Promise<Synced> {
  const { billing, stripe } = ports;
  const read = () => found(stripe.billing.charge(stripeChargeId, account));
  const intent = (await read())?.payment_intent ?? null;
  if (intent === null) return "unknown";
  const paymentIntentId = idOf(intent);
  return readAgain(`charge ${stripeChargeId}`, async () => {
    const payment = await billing.locatePayment(paymentIntentId, account);
    if (payment?.kind !== "checkout") {
      const invoiceId = payment?.stripeInvoiceId ??
        await stripe.billing.invoiceOf(paymentIntentId, account);
      return invoiceId === undefined ? "unknown" : syncInvoice(ports, invoiceId, account);
    }
    const charge = await read();
    if (charge === undefined) return "unknown";
    const { outcome } = await billing.recordCharge(
      payment.revision,
      paymentIntentId,
      charge.amount_refunded,
    );
    return outcome === "recorded" ? "applied" : outcome;
  });
}

/** Writes a dispute as Stripe has it now. `unknown` as for `syncCharge`. */
export function syncDispute(
  ports: SyncPorts,
  stripeDisputeId: string,
  account: Account,
): Promise<Synced> {
  const { billing, stripe } = ports;
  return readAgain(`dispute ${stripeDisputeId}`, async () => {
    const seen = await billing.revision(stripeDisputeId);
    const dispute = await found(stripe.billing.dispute(stripeDisputeId, account));
    const facts = dispute === undefined ? null : disputeFacts(dispute);
    if (facts === null) return "unknown";
    if (!isKnownDispute(facts.status)) {
      ports.log.error("unknown dispute status, taken for lost", {
        stripeDisputeId,
        status: facts.status,
      });
    }
    const { outcome } = await billing.recordDispute(seen, facts, account);
    if (outcome !== "unknown") return outcome === "recorded" ? "applied" : outcome;
    // Perhaps about an invoice that has not been heard of yet.
    const invoiceId = await stripe.billing.invoiceOf(facts.paymentIntentId, account);
    if (invoiceId === undefined) return "unknown";
    const synced = await syncInvoice(forEvent(ports), invoiceId, account);
    return synced === "unknown" ? "unknown" : "stale";
  });
}
