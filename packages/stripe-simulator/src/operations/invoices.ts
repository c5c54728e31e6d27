import { cardRefused, StripeRefusal } from "../core/errors.ts";
import type { Invoice, InvoicePayment, PaymentIntent, PaymentMethod } from "../store/types.ts";
import type { World } from "../world.ts";
import { applyBalance, moveBalance } from "./balance.ts";
import type { Context } from "./context.ts";
import { cancelDefault, intentFor, intentOf, markCanceled, markPaid } from "./invoice-payments.ts";
import { changeSubscription, endSubscription } from "./lifecycle.ts";
import { attemptPayment } from "./payments.ts";
import { decisiveInvoice, subscriptionOf } from "./subscription-invoices.ts";

const DAY = 86_400;
/** Days until the next attempt after the first, second and third failure. */
const RETRY_DAYS = [3, 5, 7];

/** Lets Stripe drive an invoice toward its payment, or stops it. */
export function setAutoAdvance(world: World, invoice: Invoice, on: boolean): void {
  if (invoice.status !== "draft" && invoice.status !== "open") return;
  invoice.auto_advance = on;
  if (!on) {
    invoice.automatically_finalizes_at = null;
    invoice.next_payment_attempt = null;
  } else if (invoice.status === "draft") {
    invoice.automatically_finalizes_at ??= world.clock.now() + world.options.invoiceDraftSeconds;
  }
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
  const details = invoice.parent?.subscription_details;
  const subscription = subscriptionOf(context, invoice);
  if (details && subscription !== undefined) details.metadata = { ...subscription.metadata };
  applyBalance(context, invoice);
  invoice.automatically_finalizes_at = null;
  invoice.status_transitions.finalized_at = now;
  invoice.hosted_invoice_url = `${world.url}/invoice/${invoice.id}`;
  invoice.invoice_pdf = `${world.url}/invoice/${invoice.id}/pdf`;
  world.emit(account, "invoice.finalized", invoice, actor);
  if (invoice.amount_due === 0) settleInvoice(context, invoice, "nothing");
  else intentFor(context, invoice);
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

/** Carries over to an invoice what became of an intent that pays it. */
export function syncInvoice(context: Context, intent: PaymentIntent): void {
  const { world, account, actor } = context;
  const payment = account.paymentOfIntent.get(intent.id);
  if (payment?.status !== "open") return;
  const invoice = account.invoices.get(payment.invoice);
  const owed = invoice.status === "open" || invoice.status === "uncollectible";
  if (intent.status === "canceled") markCanceled(context, payment);
  else if (intent.status === "succeeded") {
    if (owed) settleInvoice(context, invoice, payment);
    else if (invoice.status === "paid") overpay(context, invoice, payment);
  } else if (payment.is_default && owed) {
    if (intent.status === "requires_action") {
      world.emit(account, "invoice.payment_action_required", invoice, actor);
      paymentFailed(context, invoice);
    } else if (intent.status === "requires_payment_method") paymentFailed(context, invoice);
  }
}

/** A second payment of an invoice goes to the customer's balance. */
function overpay(context: Context, invoice: Invoice, payment: InvoicePayment): void {
  const amount = payment.amount_requested;
  markPaid(context, payment, amount);
  invoice.amount_overpaid += amount;
  const customer = context.account.customers.find(String(invoice.customer));
  if (customer === undefined) return;
  moveBalance(context, customer, {
    amount: -amount,
    currency: invoice.currency,
    type: "invoice_overpaid",
    invoice: invoice.id,
  });
}

/** An invoice is paid: by one of its payments, outside of Stripe, or for there is nothing to pay. */
export function settleInvoice(
  context: Context,
  invoice: Invoice,
  by: InvoicePayment | "nothing" | "out_of_band",
): void {
  const { world, account, actor } = context;
  invoice.status = "paid";
  invoice.attempted = true;
  invoice.auto_advance = false;
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = world.clock.now();
  if (typeof by === "object") markPaid(context, by, invoice.amount_paid);
  cancelDefault(context, invoice, "automatic");
  world.emit(account, "invoice.paid", invoice, actor);
  // Nothing was attempted for what has been paid elsewhere.
  if (by !== "out_of_band") world.emit(account, "invoice.payment_succeeded", invoice, actor);
  const subscription = subscriptionOf(context, invoice);
  if (subscription === undefined || subscription.ended_at !== null) return;
  const decides = decisiveInvoice(context, subscription)?.id === invoice.id;
  const waits = ["incomplete", "past_due", "unpaid"].includes(subscription.status);
  const save = subscription.payment_settings?.save_default_payment_method === "on_subscription";
  const own = typeof by === "object" && by.is_default ? intentOf(account, by) : undefined;
  changeSubscription(context, subscription, () => {
    if (decides && waits) subscription.status = "active";
    const method = account.paymentMethods.find(own?.payment_method ?? "");
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
