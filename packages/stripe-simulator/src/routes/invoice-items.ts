import { invalid } from "../core/errors.ts";
import { checkCurrency } from "../core/money.ts";
import { flag, hash, integer, metadata, required, text, timeRange } from "../core/params.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { addInvoiceItem } from "../operations/invoice-items.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import type { InvoiceItem, Price } from "../store/types.ts";
import { customerNamed, mergeMetadata } from "./shared.ts";

/** The one-time price that an item names; a recurring one is a subscription's. */
function priceNamed({ account }: Call, id: string | undefined): Price | undefined {
  if (id === undefined) return undefined;
  const price = account.prices.get(id, "pricing[price]");
  if (price.recurring === null) return price;
  throw invalid(
    "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
    { param: "pricing[price]" },
  );
}

const create = route("POST", "/v1/invoiceitems", {
  amount: integer(),
  currency: text(),
  customer: required(text()),
  description: text(),
  discountable: flag(),
  metadata: metadata(),
  period: hash({ start: required(integer()), end: required(integer()) }),
  pricing: hash({ price: text() }),
  quantity: integer(0),
  subscription: text(),
}, (call) => {
  const { world, account, params } = call;
  const customer = customerNamed(call, params.customer);
  const price = priceNamed(call, params.pricing?.price);
  if ((price === undefined) === (params.amount === undefined)) {
    throw invalid("You must pass exactly one of: amount, pricing.", { param: "amount" });
  }
  const subscription = params.subscription === undefined
    ? null
    : account.subscriptions.get(params.subscription, "subscription");
  if (subscription !== null && subscription.customer !== customer) {
    throw invalid(
      `The subscription ${subscription.id} does not belong to the customer ${customer}.`,
      { param: "subscription" },
    );
  }
  const currency = price?.currency ?? params.currency;
  if (currency === undefined) {
    throw invalid("Missing required param: currency.", {
      code: "parameter_missing",
      param: "currency",
    });
  }
  const now = world.clock.now();
  const quantity = params.quantity ?? 1;
  const amount = params.amount ?? (price?.unit_amount ?? 0) * quantity;
  return addInvoiceItem(call, {
    customer,
    subscription: subscription?.id ?? null,
    line: {
      item: null,
      invoiceItem: null,
      amount,
      quantity,
      currency: checkCurrency(currency),
      period: params.period ?? { start: now, end: now },
      proration: false,
      discountable: params.discountable ?? amount >= 0,
      description: params.description ?? price?.nickname ?? "",
      pricing: price === undefined ? null : {
        price_details: { price: price.id, product: price.product },
        type: "price_details",
        unit_amount_decimal: price.unit_amount_decimal,
      },
      taxBehavior: price?.tax_behavior === "inclusive" ? "inclusive" : "exclusive",
      metadata: mergeMetadata({}, params.metadata),
    },
  });
});

function matches(
  item: InvoiceItem,
  params: { customer?: string; invoice?: string; pending?: boolean },
) {
  return (params.customer === undefined || item.customer === params.customer) &&
    (params.invoice === undefined || item.invoice === params.invoice) &&
    (params.pending === undefined || (item.invoice === null) === params.pending);
}

const all = route("GET", "/v1/invoiceitems", {
  ...PAGE,
  created: timeRange(),
  customer: text(),
  invoice: text(),
  pending: flag(),
}, ({ account, params }) => {
  const rows = account.invoiceItems.all().filter((item) =>
    inRange(item.date, params.created) && matches(item, params)
  );
  return paginate(rows, params, "/v1/invoiceitems", "invoiceitem");
});

export const invoiceItemRoutes = [create, all];
