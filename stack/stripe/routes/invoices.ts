import { invalid } from "../core/errors.ts";
import {
  choice,
  emptyable,
  flag,
  hash,
  metadata,
  required,
  text,
  timeRange,
} from "../core/params.ts";
import { methodNamed } from "../entities/payment-method.ts";
import { route } from "../http/router.ts";
import {
  finalizeInvoice,
  markUncollectible,
  payInvoice,
  subscriptionOf,
  voidInvoice,
} from "../operations/invoices.ts";
import { payerOf } from "../operations/payers.ts";
import { checkUsable } from "../operations/methods.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import { SEARCH, search } from "../store/search.ts";
import { mergeMetadata } from "./shared.ts";

const retrieve = route(
  "GET",
  "/v1/invoices/:id",
  {},
  ({ account, ids }) => account.invoices.get(ids[0] ?? ""),
);

const update = route("POST", "/v1/invoices/:id", {
  auto_advance: flag(),
  description: emptyable(text()),
  metadata: metadata(),
}, ({ world, account, actor, ids, params }) => {
  const invoice = account.invoices.get(ids[0] ?? "");
  world.change(account, "invoice.updated", invoice, actor, () => {
    invoice.metadata = mergeMetadata(invoice.metadata ?? {}, params.metadata);
    if (params.description !== undefined) invoice.description = params.description;
    if (params.auto_advance !== undefined) invoice.auto_advance = params.auto_advance;
  });
  return invoice;
});

const all = route("GET", "/v1/invoices", {
  ...PAGE,
  created: timeRange(),
  customer: text(),
  status: choice("draft", "open", "paid", "uncollectible", "void"),
  subscription: text(),
}, ({ account, params }) => {
  const rows = account.invoices.all().filter((invoice) =>
    inRange(invoice.created, params.created) &&
    (params.customer === undefined || invoice.customer === params.customer) &&
    (params.status === undefined || invoice.status === params.status) &&
    (params.subscription === undefined ||
      invoice.parent?.subscription_details?.subscription === params.subscription)
  );
  return paginate(rows, params, "/v1/invoices", "invoice");
});

const found = route("GET", "/v1/invoices/search", SEARCH, ({ world, account, params }) => {
  const newest = world.clock.now() - world.searchLagSeconds;
  return search(account.invoices.all(), params, "/v1/invoices/search", newest);
});

const finalize = route("POST", "/v1/invoices/:id/finalize", { auto_advance: flag() }, (call) => {
  const invoice = call.account.invoices.get(call.ids[0] ?? "");
  if (invoice.status !== "draft") {
    throw invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.", {
      code: "invoice_not_editable",
    });
  }
  finalizeInvoice(call, invoice);
  return invoice;
});

const pay = route("POST", "/v1/invoices/:id/pay", {
  off_session: flag(),
  payment_method: text(),
}, (call) => {
  const { world, account, ids, params } = call;
  const invoice = account.invoices.get(ids[0] ?? "");
  const isPaid = (): boolean => invoice.status === "paid";
  if (isPaid()) throw invalid("Invoice is already paid");
  if (invoice.status === "draft") finalizeInvoice(call, invoice);
  if (isPaid()) return invoice;
  if (invoice.status !== "open" && invoice.status !== "uncollectible") {
    throw invalid(`You cannot pay a ${invoice.status} invoice.`);
  }
  const subscription = subscriptionOf(call, invoice);
  const method = params.payment_method === undefined
    ? (subscription === undefined ? undefined : payerOf(call, subscription))
    : methodNamed(account, world.clock.now(), params.payment_method, "payment_method");
  if (method !== undefined) checkUsable(account, method, invoice.customer);
  payInvoice(call, invoice, method);
  return invoice;
});

const voided = route("POST", "/v1/invoices/:id/void", {}, (call) => {
  const invoice = call.account.invoices.get(call.ids[0] ?? "");
  if (invoice.status !== "open") {
    throw invalid("You can only void an open invoice.", { code: "status_transition_invalid" });
  }
  voidInvoice(call, invoice);
  return invoice;
});

const uncollectible = route("POST", "/v1/invoices/:id/mark_uncollectible", {}, (call) => {
  const invoice = call.account.invoices.get(call.ids[0] ?? "");
  if (invoice.status !== "open") {
    throw invalid("You can only mark an open invoice as uncollectible.", {
      code: "status_transition_invalid",
    });
  }
  markUncollectible(call, invoice);
  return invoice;
});

const lines = route("GET", "/v1/invoices/:id/lines", PAGE, ({ account, ids, params }) => {
  const invoice = account.invoices.get(ids[0] ?? "");
  const oldestFirst = invoice.lines.data.toReversed();
  return paginate(oldestFirst, params, `/v1/invoices/${invoice.id}/lines`, "line_item");
});

const payment = route(
  "GET",
  "/v1/invoice_payments/:id",
  {},
  ({ account, ids }) => account.invoicePayments.get(ids[0] ?? ""),
);

const payments = route("GET", "/v1/invoice_payments", {
  ...PAGE,
  invoice: text(),
  payment: hash({ type: required(choice("payment_intent")), payment_intent: text() }),
  status: choice("open", "paid", "canceled"),
}, ({ account, params }) => {
  const rows = account.invoicePayments.all().filter((one) =>
    (params.invoice === undefined || one.invoice === params.invoice) &&
    (params.status === undefined || one.status === params.status) &&
    (params.payment?.payment_intent === undefined ||
      one.payment.payment_intent === params.payment.payment_intent)
  );
  return paginate(rows, params, "/v1/invoice_payments", "invoice_payment");
});

export const invoiceRoutes = [
  retrieve,
  update,
  all,
  found,
  finalize,
  pay,
  voided,
  uncollectible,
  lines,
  payment,
  payments,
];
