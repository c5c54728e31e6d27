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
import { route } from "../http/router.ts";
import { setAutoAdvance } from "../operations/invoices.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
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
    if (params.auto_advance !== undefined) setAutoAdvance(world, invoice, params.auto_advance);
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

const lines = route("GET", "/v1/invoices/:id/lines", PAGE, ({ account, ids, params }) => {
  const invoice = account.invoices.get(ids[0] ?? "");
  const oldestFirst = invoice.lines.data.toReversed();
  return paginate(oldestFirst, params, `/v1/invoices/${invoice.id}/lines`, "line_item");
});

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
  lines,
  payments,
];
