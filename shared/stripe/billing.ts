import type Stripe from "stripe";
import type { DisputeFacts, InvoiceFacts } from "../database/facts.ts";
import { idOf } from "./ids.ts";
import { PAID_BY } from "./invoices.ts";
import { type Account, onAccount } from "./payment-intents.ts";
import { read } from "./write.ts";

/** An invoice with what pays it. */
export interface PaidBy {
  readonly invoice: Stripe.Invoice;
  readonly paymentIntentId: string | null;
  /** Minor units, of all its payments. */
  readonly amountRefunded: number;
}

/** The readings of what follows a checkout: invoices, charges, disputes. */
export function billing(stripe: Stripe) {
  const amountRefunded = async (paymentIntentId: string, account: Account): Promise<number> => {
    const intent = await stripe.paymentIntents.retrieve(
      paymentIntentId,
      { expand: ["latest_charge"] },
      onAccount(account),
    );
    const charge = intent.latest_charge;
    return charge === null || typeof charge === "string" ? 0 : charge.amount_refunded;
  };

  return {
    invoice: (id: string, account: Account): Promise<PaidBy> =>
      read(async () => {
        const invoice = await stripe.invoices.retrieve(
          id,
          { expand: ["payments"] },
          onAccount(account),
        );
        // Stripe embeds ten of a list.
        if (invoice.lines.has_more) {
          const lines: Stripe.InvoiceLineItem[] = [];
          for await (
            const line of stripe.invoices.listLineItems(id, { limit: 100 }, onAccount(account))
          ) lines.push(line);
          invoice.lines.data = lines;
        }
        const payments = invoice.payments?.data ?? [];
        if (invoice.payments?.has_more === true) {
          payments.length = 0;
          for await (
            const one of stripe.invoicePayments.list(
              { invoice: id, limit: 100 },
              onAccount(account),
            )
          ) payments.push(one);
        }
        const outOfBand = invoice.metadata?.[PAID_BY];
        const paid = [
          ...payments.filter(({ status }) => status === "paid").map(intentOf),
          // A payment that was made before the invoice.
          ...(invoice.status === "paid" && outOfBand?.startsWith("pi_") === true
            ? [outOfBand]
            : []),
        ].filter((intent) => intent !== null);
        const refunded: number[] = [];
        for (const intent of paid) refunded.push(await amountRefunded(intent, account));
        const expected = payments.find(({ is_default: isDefault }) => isDefault);
        return {
          invoice,
          paymentIntentId: paid[0] ?? (expected === undefined ? null : intentOf(expected)),
          amountRefunded: refunded.reduce((sum, amount) => sum + amount, 0),
        };
      }),

    /** The invoice that an intent pays, if it pays one. */
    invoiceOf: (paymentIntentId: string, account: Account): Promise<string | undefined> =>
      read(async () => {
        const { data: [payment] } = await stripe.invoicePayments.list(
          { payment: { type: "payment_intent", payment_intent: paymentIntentId }, limit: 1 },
          onAccount(account),
        );
        return payment === undefined ? undefined : idOf(payment.invoice);
      }),

    charge: (id: string, account: Account): Promise<Stripe.Charge> =>
      read(() => stripe.charges.retrieve(id, {}, onAccount(account))),

    dispute: (id: string, account: Account): Promise<Stripe.Dispute> =>
      read(() => stripe.disputes.retrieve(id, {}, onAccount(account))),
  };
}

export type Billing = ReturnType<typeof billing>;

function intentOf({ payment }: Stripe.InvoicePayment): string | null {
  return payment.payment_intent === undefined ? null : idOf(payment.payment_intent);
}

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
