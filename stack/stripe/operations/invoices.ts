import { cardRefused, StripeRefusal } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { APPLICATION, methodTypesFor, newPaymentIntent } from "../entities/payment-intent.ts";
import type { Invoice, PaymentIntent, PaymentMethod, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";
import { applyBalance, unapplyBalance } from "./balance.ts";
import { changeSubscription, endSubscription } from "./lifecycle.ts";
import { attemptPayment } from "./payments.ts";

const DAY = 86_400;
/** Days until the next attempt after the first, second and third failure. */
const RETRY_DAYS = [3, 5, 7];

export function subscriptionOf({ account }: Context, invoice: Invoice): Subscription | undefined {
  const id = invoice.parent?.subscription_details?.subscription;
  return id === undefined ? undefined : account.subscriptions.find(id);
}

/** Opens a draft for payment; one of nothing is paid at once. */
export function finalizeInvoice(context: Context, invoice: Invoice): void {
  const { world, account, actor } = context;
  const now = world.clock.now();
  const customer = account.customers.find(String(invoice.customer));
  const count = customer?.next_invoice_sequence ?? 1;
  if (customer !== undefined) customer.next_invoice_sequence = count + 1;
  invoice.status = "open";
  invoice.number = `${customer?.invoice_prefix ?? "SIM"}-${String(count).padStart(4, "0")}`;
  invoice.effective_at = now;
  applyBalance(context, invoice);
  invoice.automatically_finalizes_at = null;
  invoice.status_transitions.finalized_at = now;
  invoice.hosted_invoice_url = `${world.url}/invoice/${invoice.id}`;
  invoice.invoice_pdf = `${world.url}/invoice/${invoice.id}/pdf`;
  world.emit(account, "invoice.finalized", invoice, actor);
  if (invoice.amount_due === 0) settle(context, invoice);
  else intentFor(context, invoice);
}

/** The intent that pays the invoice, made once. */
function intentFor(context: Context, invoice: Invoice): PaymentIntent {
  const { world, account, actor } = context;
  const knownIntent = account.paymentOfInvoice.get(invoice.id)?.payment.payment_intent;
  if (knownIntent !== undefined) return account.paymentIntents.get(knownIntent);
  const now = world.clock.now();
  const subscription = subscriptionOf(context, invoice);
  const percent = subscription?.application_fee_percent ?? null;
  const intent = newPaymentIntent({
    amount: invoice.amount_due,
    currency: invoice.currency,
    created: now,
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
  account.invoiceOfIntent.set(intent.id, invoice.id);
  const payment = account.invoicePayments.add({
    id: newId("inpay"),
    object: "invoice_payment",
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: now,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intent.id, type: "payment_intent" },
    status: "open",
    status_transitions: { canceled_at: null, paid_at: null },
  });
  account.paymentOfInvoice.set(invoice.id, payment);
  world.emit(account, "payment_intent.created", intent, actor);
  return intent;
}

/**
 * Collects an open invoice. Throws Stripe's 402 after recording a refused card, or a card that asks
 * for its owner, and when there is nothing to pay with.
 */
export function payInvoice(
  context: Context,
  invoice: Invoice,
  method: PaymentMethod | undefined,
): void {
  const intent = intentFor(context, invoice);
  invoice.attempted = true;
  invoice.attempt_count += 1;
  if (method === undefined) {
    paymentFailed(context, invoice);
    throw new StripeRefusal(400, {
      type: "invalid_request_error",
      code: "resource_missing",
      message:
        "This customer has no attached payment source or default payment method. Please consider adding a default payment method.",
    });
  }
  try {
    // An invoice's intent waits for its customer where the card asks for it, also in a renewal.
    attemptPayment(context, intent, method, {
      offSession: false,
      errorOnAction: false,
      useStripeSdk: true,
      returnUrl: null,
      mandate: null,
    });
  } finally {
    syncInvoice(context, intent);
  }
  if (intent.status === "requires_action") {
    throw cardRefused(
      "This payment requires additional user action before it can be completed successfully. Payment can be completed using the `PaymentIntent` associated with this invoice.",
      { code: "invoice_payment_intent_requires_action" },
    );
  }
}

/** Carries over to an invoice what became of the intent that pays it. */
export function syncInvoice(context: Context, intent: PaymentIntent): void {
  const { world, account, actor } = context;
  const id = account.invoiceOfIntent.get(intent.id);
  const invoice = id === undefined ? undefined : account.invoices.find(id);
  if (invoice?.status !== "open" && invoice?.status !== "uncollectible") return;
  if (intent.status === "succeeded") settle(context, invoice, intent);
  else if (intent.status === "requires_action") {
    world.emit(account, "invoice.payment_action_required", invoice, actor);
    paymentFailed(context, invoice);
  } else if (intent.status === "requires_payment_method") paymentFailed(context, invoice);
}

function settle(context: Context, invoice: Invoice, intent?: PaymentIntent): void {
  const { world, account, actor } = context;
  const now = world.clock.now();
  invoice.status = "paid";
  invoice.attempted = true;
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = now;
  const payment = intent === undefined ? undefined : account.paymentOfInvoice.get(invoice.id);
  if (payment !== undefined) {
    payment.status = "paid";
    payment.amount_paid = invoice.amount_paid;
    payment.status_transitions.paid_at = now;
    world.emit(account, "invoice_payment.paid", payment, actor);
  }
  world.emit(account, "invoice.paid", invoice, actor);
  world.emit(account, "invoice.payment_succeeded", invoice, actor);
  const subscription = subscriptionOf(context, invoice);
  if (subscription === undefined || subscription.ended_at !== null) return;
  const latest = subscription.latest_invoice === invoice.id;
  const waits = ["incomplete", "past_due", "unpaid"].includes(subscription.status);
  const save = subscription.payment_settings?.save_default_payment_method === "on_subscription";
  changeSubscription(context, subscription, () => {
    if (latest && waits) subscription.status = "active";
    const method = account.paymentMethods.find(intent?.payment_method ?? "");
    // What is not the customer's could not pay again.
    if (save && method?.customer === subscription.customer) {
      subscription.default_payment_method = method.id;
    }
  });
}

function paymentFailed(context: Context, invoice: Invoice): void {
  const { world, account, actor } = context;
  const subscription = subscriptionOf(context, invoice);
  const first = invoice.billing_reason === "subscription_create";
  const days = first ? undefined : RETRY_DAYS[invoice.attempt_count - 1];
  invoice.next_payment_attempt = days === undefined ? null : world.clock.now() + days * DAY;
  world.emit(account, "invoice.payment_failed", invoice, actor);
  if (subscription === undefined || first || subscription.ended_at !== null) return;
  if (subscription.status === "unpaid") return;
  const then = days === undefined ? world.billing.afterRetries : "past_due";
  if (then === "cancel") endSubscription(context, subscription, "payment_failed");
  else {
    changeSubscription(context, subscription, () => {
      subscription.status = then;
    });
  }
}

/** Gives an open invoice up without closing the way to pay it. */
export function markUncollectible({ world, account, actor }: Context, invoice: Invoice): void {
  invoice.status = "uncollectible";
  invoice.next_payment_attempt = null;
  invoice.status_transitions.marked_uncollectible_at = world.clock.now();
  world.emit(account, "invoice.marked_uncollectible", invoice, actor);
}

/** Closes an invoice that nobody is to pay any more. */
export function voidInvoice(context: Context, invoice: Invoice): void {
  const { world, account, actor } = context;
  invoice.status = "void";
  invoice.next_payment_attempt = null;
  invoice.automatically_finalizes_at = null;
  invoice.status_transitions.voided_at = world.clock.now();
  if (invoice.number !== null) unapplyBalance(context, invoice);
  world.emit(account, "invoice.voided", invoice, actor);
}
