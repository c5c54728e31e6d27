import type { Stripe } from "stripe";
import { customerWith, idOf, priceOf } from "./simulator.ts";
import type { Bench } from "./simulator.ts";

/** A subscription that waits for its first invoice to be paid. */
export interface Waiting {
  subscription: Stripe.Subscription;
  customer: string;
  method: string;
  invoice: string;
  /** The invoice's own payment intent. */
  intent: string;
}

export async function waiting(
  bench: Bench,
  more: Partial<Stripe.SubscriptionCreateParams> = {},
): Promise<Waiting> {
  const { customer, method } = await customerWith(bench.stripe);
  const price = await priceOf(bench.stripe);
  const subscription = await bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items: [{ price: price.id }],
    payment_behavior: "default_incomplete",
    expand: ["latest_invoice.payments"],
    ...more,
  });
  const invoice = subscription.latest_invoice;
  if (invoice === null || typeof invoice === "string") throw new Error("there is no invoice");
  return {
    subscription,
    customer,
    method,
    invoice: invoice.id,
    intent: idOf(invoice.payments?.data[0]?.payment.payment_intent),
  };
}

/** A payment that has nothing to do with an invoice yet. */
export async function paidApart(
  bench: Bench,
  customer: string | undefined,
  given: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.PaymentIntent> {
  return bench.stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    ...(customer === undefined ? {} : { customer }),
    payment_method: "pm_card_visa",
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    confirm: true,
    ...given,
  });
}

export async function statusOf(bench: Bench, { subscription }: Waiting): Promise<string> {
  return (await bench.stripe.subscriptions.retrieve(subscription.id)).status;
}

/** The payments on an invoice's list, the invoice's own apart. */
export async function paymentsOf(
  bench: Bench,
  invoice: string,
): Promise<{ own: Stripe.InvoicePayment | undefined; attached: Stripe.InvoicePayment[] }> {
  const read = await bench.stripe.invoices.retrieve(invoice, { expand: ["payments"] });
  const all = read.payments?.data ?? [];
  return {
    own: all.find((payment) => payment.is_default),
    attached: all.filter((payment) => !payment.is_default),
  };
}

/** The types of the events that tell of an object, or hold its id. */
export async function toldOf(bench: Bench, id: string): Promise<string[]> {
  await bench.idle();
  return bench.received.map(({ event }) => event)
    .filter((event) => JSON.stringify(event.data.object).includes(`"${id}"`))
    .map((event) => event.type);
}
