import { invalid } from "../core/errors.ts";
import { flag, required, text } from "../core/params.ts";
import { methodNamed } from "../entities/payment-method.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { markUncollectible, voidInvoice } from "../operations/invoice-endings.ts";
import { addPayment, isProcessing, paymentsOf } from "../operations/invoice-payments.ts";
import { finalizeInvoice, payInvoice, settleInvoice } from "../operations/invoices.ts";
import { checkUsable } from "../operations/methods.ts";
import { payerOf } from "../operations/payers.ts";
import { subscriptionOf } from "../operations/subscription-invoices.ts";
import type { Account } from "../store/account.ts";
import type { Invoice, PaymentIntent } from "../store/types.ts";

const notPossible = { code: "status_transition_invalid" };

function named({ account, ids }: Call): Invoice {
  return account.invoices.get(ids[0] ?? "");
}

const pay = route("POST", "/v1/invoices/:id/pay", {
  off_session: flag(),
  paid_out_of_band: flag(),
  payment_method: text(),
}, (call) => {
  const { world, account, params } = call;
  const invoice = named(call);
  const isPaid = (): boolean => invoice.status === "paid";
  if (isPaid()) throw invalid("Invoice is already paid");
  if (invoice.status === "void") throw invalid("Voided invoices cannot be paid.");
  if (invoice.status === "draft") finalizeInvoice(call, invoice);
  if (isPaid()) return invoice;
  if (params.paid_out_of_band === true) {
    if (isProcessing(account, invoice)) {
      throw invalid(
        "There is a payment processing on this invoice and marking it paid out of band could cause overpayment.",
      );
    }
    settleInvoice(call, invoice, "out_of_band");
    return invoice;
  }
  if (isProcessing(account, invoice)) {
    throw invalid("There is a payment processing on this invoice.");
  }
  const subscription = subscriptionOf(call, invoice);
  const method = params.payment_method === undefined
    ? (subscription === undefined ? undefined : payerOf(call, subscription))
    : methodNamed(account, world.clock.now(), params.payment_method, "payment_method");
  if (method !== undefined) checkUsable(account, method, invoice.customer);
  payInvoice(call, invoice, method);
  return invoice;
});

function refuse(message: string, code?: string): Error {
  return invalid(message, { param: "payment_intent", ...(code === undefined ? {} : { code }) });
}

/** Refuses an intent that is not for this invoice. */
function checkAttachable(account: Account, invoice: Invoice, intent: PaymentIntent): void {
  if (account.paymentOfIntent.has(intent.id)) {
    throw refuse(
      `The PaymentIntent ${intent.id} is already attached to an invoice.`,
      "resource_already_exists",
    );
  }
  if (intent.status === "canceled") {
    throw refuse("You cannot attach a canceled PaymentIntent to an invoice.");
  }
  if (intent.customer !== invoice.customer) {
    throw refuse("The customer of the PaymentIntent must be the customer of the invoice.");
  }
  if (intent.currency !== invoice.currency) {
    throw refuse("The currency of the PaymentIntent must be the currency of the invoice.");
  }
  if (intent.amount !== invoice.amount_remaining) {
    throw refuse(
      "For charge_automatically subscription invoices, you are only allowed to attach a payment with an amount that matches the invoice total.",
    );
  }
}

const attach = route("POST", "/v1/invoices/:id/attach_payment", {
  payment_intent: required(text()),
}, (call) => {
  const { account, params } = call;
  const invoice = named(call);
  const intent = account.paymentIntents.get(params.payment_intent, "payment_intent");
  if (invoice.status !== "open") {
    throw invalid(`You cannot attach a payment to an invoice that is ${invoice.status}.`);
  }
  checkAttachable(account, invoice, intent);
  const payment = addPayment(call, invoice, intent, false);
  if (intent.status === "succeeded") settleInvoice(call, invoice, payment);
  return invoice;
});

/** Whether somebody has attached a payment that is made or may still be. */
function hasAttached(account: Account, invoice: Invoice): boolean {
  return paymentsOf(account, invoice).some((payment) =>
    !payment.is_default && payment.status !== "canceled"
  );
}

const voided = route("POST", "/v1/invoices/:id/void", {}, (call) => {
  const invoice = named(call);
  if (invoice.status !== "open" && invoice.status !== "uncollectible") {
    throw invalid("You can only void an open or uncollectible invoice.", notPossible);
  }
  if (hasAttached(call.account, invoice) || isProcessing(call.account, invoice)) {
    throw invalid("You cannot void an invoice that has open or paid payments.", notPossible);
  }
  voidInvoice(call, invoice);
  return invoice;
});

const givenUp = route("POST", "/v1/invoices/:id/mark_uncollectible", {}, (call) => {
  const invoice = named(call);
  if (invoice.status !== "open") {
    throw invalid("You can only mark an open invoice as uncollectible.", notPossible);
  }
  markUncollectible(call, invoice);
  return invoice;
});

/** What moves an invoice from state to state. */
export const invoiceActionRoutes = [pay, attach, voided, givenUp];
