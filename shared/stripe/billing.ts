import type Stripe from "stripe";
import { idOf } from "./ids.ts";
import { PAID_BY } from "./invoices.ts";
import { subscriptionOf, WITH_SUBSCRIPTION } from "./invoice-subscription.ts";
import { type Account, onAccount } from "./account.ts";
import { present } from "../runtime/present.ts";
import { read } from "./write.ts";

/** An invoice with what pays it. */
export interface PaidBy {
  readonly invoice: Stripe.Invoice;
  readonly paymentIntentId: string | null;
  /** Minor units, of all its payments. */
  readonly amountRefunded: number;
  /** As it is at the same moment; left out where it is to be read by itself, for its many items. */
  readonly subscription?: Stripe.Subscription;
}

/** The readings of what follows a checkout: invoices, charges, disputes. */
export interface BillingReadings {
  invoice(id: string, account: Account): Promise<PaidBy>;
  /** The invoice that an intent pays, if it pays one. */
  invoiceOf(paymentIntentId: string, account: Account): Promise<string | undefined>;
  charge(id: string, account: Account): Promise<Stripe.Charge>;
  dispute(id: string, account: Account): Promise<Stripe.Dispute>;
}

export function billing(stripe: Stripe): BillingReadings {
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
    invoice: (id, account) =>
      read(async () => {
        const invoice = await stripe.invoices.retrieve(
          id,
          { expand: ["payments", WITH_SUBSCRIPTION] },
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
        const collected = payments.filter(({ status }) => status === "paid").map(intentOf)
          .filter((intent) => intent !== null);
        const named = invoice.metadata?.[PAID_BY];
        // A payment that was made before the invoice is among those where it could be attached, and else is all that paid it.
        const paid = collected.length === 0 && invoice.status === "paid" &&
            named?.startsWith("pi_") === true
          ? [named]
          : collected;
        const refunded: number[] = [];
        for (const intent of paid) refunded.push(await amountRefunded(intent, account));
        const expected = payments.find(({ is_default: isDefault }) => isDefault);
        return {
          invoice,
          paymentIntentId: paid[0] ?? (expected === undefined ? null : intentOf(expected)),
          amountRefunded: refunded.reduce((sum, amount) => sum + amount, 0),
          ...present({ subscription: subscriptionOf(invoice) }),
        };
      }),

    invoiceOf: (paymentIntentId, account) =>
      read(async () => {
        const { data: [payment] } = await stripe.invoicePayments.list(
          { payment: { type: "payment_intent", payment_intent: paymentIntentId }, limit: 1 },
          onAccount(account),
        );
        return payment === undefined ? undefined : idOf(payment.invoice);
      }),

    charge: (id, account) => read(() => stripe.charges.retrieve(id, {}, onAccount(account))),

    dispute: (id, account) => read(() => stripe.disputes.retrieve(id, {}, onAccount(account))),
  };
}

function intentOf({ payment }: Stripe.InvoicePayment): string | null {
  return payment.payment_intent === undefined ? null : idOf(payment.payment_intent);
}
