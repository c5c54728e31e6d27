import type Stripe from "stripe";
import type { DisputeFacts, InvoiceFacts } from "../domain/facts.ts";
import type { PaidBy } from "./billing.ts";
import { idOf } from "./ids.ts";

/** What the database keeps of an invoice; null for one of no subscription. */
export function invoiceFacts(
  { invoice, paymentIntentId, amountRefunded }: PaidBy,
): InvoiceFacts | null {
  const subscription = invoice.parent?.subscription_details?.subscription;
  if (subscription === undefined || invoice.status === null) return null;
  // A renewal's own dates are those of the period that has ended; its line tells of the one that is paid for.
  const period =
    invoice.lines.data.find(({ parent }) => parent?.subscription_item_details?.proration === false)
      ?.period ?? { start: invoice.period_start, end: invoice.period_end };
  const { finalized_at: finalizedAt, paid_at: paidAt } = invoice.status_transitions;
  return {
    id: invoice.id,
    subscriptionId: idOf(subscription),
    paymentIntentId,
    number: invoice.number,
    status: invoice.status,
    billingReason: invoice.billing_reason,
    currency: invoice.currency,
    amountDue: invoice.amount_due,
    amountPaid: invoice.amount_paid,
    amountRefunded,
    periodStart: period.start,
    periodEnd: period.end,
    finalizedAt,
    paidAt,
    attemptCount: invoice.attempt_count,
    nextPaymentAttempt: invoice.next_payment_attempt,
  };
}

/** What the database keeps of a dispute; null for one about a charge that no intent made. */
export function disputeFacts(dispute: Stripe.Dispute): DisputeFacts | null {
  if (dispute.payment_intent === null) return null;
  return {
    id: dispute.id,
    chargeId: idOf(dispute.charge),
    paymentIntentId: idOf(dispute.payment_intent),
    status: dispute.status,
    reason: dispute.reason,
    amount: dispute.amount,
    currency: dispute.currency,
    openedAt: dispute.created,
  };
}
