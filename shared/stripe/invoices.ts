import type Stripe from "stripe";
import { present } from "../runtime/present.ts";
import { StripeRefusal, unlessRefused } from "./errors.ts";
import { idOf } from "./ids.ts";
import { subscriptionOf, WITH_SUBSCRIPTION } from "./invoice-subscription.ts";
import { type Account, onAccount } from "./account.ts";
import type { BilledSubscription } from "./subscriptions.ts";
import { isReplay, read, writeOrRefuse } from "./write.ts";

/** A payment that was made before the invoice that it is for. */
export interface Payment {
  readonly sessionId: string;
  /** Null where nothing was due. */
  readonly stripePaymentIntentId: string | null;
  /** Whose the intent is; null for a customer who was made after the payment. */
  readonly stripeCustomerId: string | null;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
}

/** In an invoice's metadata: the payment intent that paid it. */
export const PAID_BY = "payment_intent_id";

/** `void` stands for every end that takes no payment any more; otherwise means by another payment than the session's. */
export type InvoiceSettled =
  /** With its subscription as it is since, where Stripe's answer to the payment has told. */
  | { readonly outcome: "paid"; readonly subscription?: BilledSubscription }
  | { readonly outcome: "mismatch" | "void" | "paid_otherwise" };

const withSubscription = { expand: [WITH_SUBSCRIPTION] };

/** The subscription of an invoice that was just paid; a replay tells of how it was then. */
function paidSubscription(invoice: Stripe.Invoice): BilledSubscription | undefined {
  const seen = isReplay(invoice) ? undefined : subscriptionOf(invoice);
  return seen !== undefined && idOf(seen.latest_invoice ?? "") === invoice.id
    ? { ...seen, latest_invoice: invoice }
    : undefined;
}

const isFirst = ({ billing_reason: reason }: Stripe.Invoice) => reason === "subscription_create";

/** The calls about the invoice that a session's payment is for. */
export interface Invoices {
  /**
   * Has an open invoice (null where Stripe made none) paid by a payment of the same amount; no card is tried. An intent of
   * the invoice's customer is attached: "If the PaymentIntent's status is already succeeded when it's attached, it's credited
   * to the invoice immediately" (https://docs.stripe.com/api/invoices/attach_payment). Any other, and one that Stripe does not
   * take for an invoice which it collects itself (https://docs.stripe.com/invoicing/partial-payments), pays it out of band:
   * "This will result in no charge being made" (https://docs.stripe.com/api/invoices/pay).
   */
  settle(
    invoice: Stripe.Invoice | null,
    payment: Payment,
    account: Account,
  ): Promise<InvoiceSettled>;
  /** The intents through which Stripe has collected an invoice. */
  collectedBy(id: string, account: Account): Promise<string[]>;
  /** The invoice that a subscription was made with; null where Stripe made none. */
  firstOf(subscription: BilledSubscription, account: Account): Promise<Stripe.Invoice | null>;
  /**
   * Closes an invoice that nobody is to pay, and answers it as it is then: one that is past that stays as it is, as where its customer has paid
   * it a moment ago.
   */
  void(id: string, account: Account): Promise<Stripe.Invoice>;
}

export function invoices(stripe: Stripe): Invoices {
  const retrieve = (id: string, account: Account): Promise<Stripe.Invoice> =>
    read(() => stripe.invoices.retrieve(id, {}, onAccount(account)));

  const hasStatus = (id: string, status: Stripe.Invoice.Status, account: Account) => async () => {
    const seen = await retrieve(id, account);
    return seen.status === status ? seen : undefined;
  };

  /** Names the payment, and keeps Stripe from collecting the invoice by itself from then on. */
  const claim = async (id: string, payment: Payment, account: Account): Promise<void> => {
    const metadata = { [PAID_BY]: payment.stripePaymentIntentId ?? "" };
    await writeOrRefuse<Stripe.Invoice>({
      account,
      idempotencyKey: `paid-by:${payment.sessionId}:${id}`,
      run: (keyed) => stripe.invoices.update(id, { metadata, auto_advance: false }, keyed),
      find: async () => {
        const seen = await retrieve(id, account);
        return seen.metadata?.[PAID_BY] === metadata[PAID_BY] ? seen : undefined;
      },
    });
  };

  const collectedBy = (id: string, account: Account): Promise<string[]> =>
    read(async () => {
      const intents: string[] = [];
      const pages = stripe.invoicePayments.list(
        { invoice: id, status: "paid", limit: 100 },
        onAccount(account),
      );
      for await (const { payment } of pages) {
        if (payment.payment_intent !== undefined) intents.push(idOf(payment.payment_intent));
      }
      return intents;
    });

  /** Of an invoice that is paid: whether by this payment, and not by the customer in another way (its hosted page, say). */
  const paidAs = async (
    invoice: Stripe.Invoice,
    { stripePaymentIntentId: own }: Payment,
    account: Account,
  ): Promise<InvoiceSettled> => {
    if (invoice.amount_due === 0) return { outcome: "paid" };
    const intents = await collectedBy(invoice.id, account);
    const isOwn = intents.length === 0
      ? invoice.metadata?.[PAID_BY] === own
      : intents.every((intent) => intent === own);
    return { outcome: isOwn ? "paid" : "paid_otherwise" };
  };

  /**
   * The invoice where this payment has paid it. That it takes no payment any more Stripe says also where the customer has paid it in
   * another way since it was read: both payments would be kept.
   */
  const paidBy = (id: string, payment: Payment, account: Account) => async () => {
    const seen = await retrieve(id, account);
    const isPaid = seen.status === "paid" &&
      (await paidAs(seen, payment, account)).outcome === "paid";
    return isPaid ? seen : undefined;
  };

  const payOutOfBand = (id: string, payment: Payment, account: Account) =>
    writeOrRefuse<Stripe.Invoice>({
      account,
      idempotencyKey: `pay:${payment.sessionId}:${id}`,
      run: (keyed) =>
        stripe.invoices.pay(id, { paid_out_of_band: true, ...withSubscription }, keyed),
      find: paidBy(id, payment, account),
    });

  /** Undefined where Stripe does not take the intent for this invoice. */
  const attach = async (id: string, payment: Payment, account: Account) => {
    const intent = payment.stripePaymentIntentId ?? "";
    const attached = await unlessRefused(writeOrRefuse<Stripe.Invoice>({
      account,
      idempotencyKey: `attach-payment:${payment.sessionId}:${id}`,
      run: (keyed) =>
        stripe.invoices.attachPayment(id, { payment_intent: intent, ...withSubscription }, keyed),
      find: paidBy(id, payment, account),
    }));
    return attached?.status === "paid" ? attached : undefined;
  };

  return {
    async settle(invoice, payment, account) {
      if (invoice === null) return { outcome: payment.amount === 0 ? "paid" : "mismatch" };
      const { id, status, amount_due: due, currency, customer } = invoice;
      if (due !== payment.amount || currency !== payment.currency) return { outcome: "mismatch" };
      if (status === "paid") return paidAs(invoice, payment, account);
      if (status !== "open") return { outcome: "void" };
      const isCustomers = payment.stripeCustomerId !== null && customer !== null &&
        payment.stripeCustomerId === idOf(customer);
      try {
        await claim(id, payment, account);
        const paid = (isCustomers ? await attach(id, payment, account) : undefined) ??
          await payOutOfBand(id, payment, account);
        return { outcome: "paid", ...present({ subscription: paidSubscription(paid) }) };
      } catch (error) {
        if (!(error instanceof StripeRefusal)) throw error;
        // Paid by another run, or otherwise, or voided, between the reading and now.
        const seen = await retrieve(id, account);
        if (seen.status === "open") throw error;
        return seen.status === "paid" ? paidAs(seen, payment, account) : { outcome: "void" };
      }
    },

    collectedBy,

    async firstOf({ id, latest_invoice: latest }, account) {
      if (latest === null || isFirst(latest)) return latest;
      // Renewed since.
      return read(async () => {
        const pages = stripe.invoices.list({ subscription: id, limit: 100 }, onAccount(account));
        for await (const one of pages) if (isFirst(one)) return one;
        return null;
      });
    },

    async void(id, account) {
      try {
        return await writeOrRefuse<Stripe.Invoice>({
          account,
          idempotencyKey: `void:${id}`,
          run: (keyed) => stripe.invoices.voidInvoice(id, {}, keyed),
          find: hasStatus(id, "void", account),
        });
      } catch (error) {
        if (!(error instanceof StripeRefusal)) throw error;
        const seen = await retrieve(id, account);
        if (seen.status === "open" || seen.status === "uncollectible") throw error;
        return seen;
      }
    },
  };
}
