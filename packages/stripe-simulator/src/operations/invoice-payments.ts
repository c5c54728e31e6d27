import { newId } from "../core/ids.ts";
import { APPLICATION, methodTypesFor, newPaymentIntent } from "../entities/payment-intent.ts";
import type { Account } from "../store/account.ts";
import type { Invoice, InvoicePayment, PaymentIntent } from "../store/types.ts";
import type { Context } from "./context.ts";
import { CANCELABLE, cancelIntent } from "./intents.ts";
import { subscriptionOf } from "./subscription-invoices.ts";

export function paymentsOf(account: Account, invoice: Invoice): readonly InvoicePayment[] {
  return account.paymentsOfInvoice.get(invoice.id) ?? [];
}

function defaultOf(account: Account, invoice: Invoice): InvoicePayment | undefined {
  return paymentsOf(account, invoice).find((payment) => payment.is_default);
}

export function intentOf(account: Account, payment: InvoicePayment): PaymentIntent {
  return account.paymentIntents.get(String(payment.payment.payment_intent));
}

/** Puts an intent on an invoice's list of payments. */
export function addPayment(
  { world, account }: Context,
  invoice: Invoice,
  intent: PaymentIntent,
  isDefault: boolean,
): InvoicePayment {
  const payment = account.invoicePayments.add({
    id: newId("inpay"),
    object: "invoice_payment",
    amount_paid: null,
    amount_requested: isDefault ? invoice.amount_due : intent.amount,
    created: world.clock.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: isDefault,
    livemode: false,
    payment: { payment_intent: intent.id, type: "payment_intent" },
    status: "open",
    status_transitions: { canceled_at: null, paid_at: null },
  });
  account.paymentsOfInvoice.set(invoice.id, [...paymentsOf(account, invoice), payment]);
  account.paymentOfIntent.set(intent.id, payment);
  return payment;
}

/** The intent that Stripe makes for an invoice, made once. */
export function intentFor(context: Context, invoice: Invoice): PaymentIntent {
  const { world, account, actor } = context;
  const known = defaultOf(account, invoice);
  if (known !== undefined) return intentOf(account, known);
  const percent = subscriptionOf(context, invoice)?.application_fee_percent ?? null;
  const intent = newPaymentIntent({
    amount: invoice.amount_due,
    currency: invoice.currency,
    created: world.clock.now(),
    application: account.connected ? APPLICATION : null,
    application_fee_amount: percent === null
      ? null
      : Math.round((invoice.amount_due * percent) / 100),
    capture_method: "automatic",
    customer: invoice.customer,
    description: invoice.billing_reason === "subscription_create"
      ? "Subscription creation"
      : "Subscription update",
    payment_method_types: methodTypesFor(invoice.currency),
    setup_future_usage: invoice.billing_reason === "subscription_create" ? "off_session" : null,
  });
  account.paymentIntents.add(intent);
  addPayment(context, invoice, intent, true);
  world.emit(account, "payment_intent.created", intent, actor);
  return intent;
}

export function markPaid(
  { world, account, actor }: Context,
  payment: InvoicePayment,
  amount: number,
): void {
  payment.status = "paid";
  payment.amount_paid = amount;
  payment.status_transitions.paid_at = world.clock.now();
  world.emit(account, "invoice_payment.paid", payment, actor);
}

export function markCanceled({ world }: Context, payment: InvoicePayment): void {
  payment.status = "canceled";
  payment.status_transitions.canceled_at = world.clock.now();
}

/** Closes the invoice's own way to be paid, once it is paid otherwise or void. */
export function cancelDefault(
  context: Context,
  invoice: Invoice,
  reason: "automatic" | "void_invoice",
): void {
  const payment = defaultOf(context.account, invoice);
  if (payment?.status !== "open") return;
  const intent = intentOf(context.account, payment);
  // What is on its way to the bank cannot be called back.
  if (!CANCELABLE.has(intent.status)) return;
  cancelIntent(context, intent, reason);
  markCanceled(context, payment);
}

/** Money for this invoice is on its way. */
export function isProcessing(account: Account, invoice: Invoice): boolean {
  return paymentsOf(account, invoice).some((payment) =>
    payment.status === "open" && intentOf(account, payment).status === "processing"
  );
}
