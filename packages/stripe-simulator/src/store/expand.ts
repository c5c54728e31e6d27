import { invalid } from "../core/errors.ts";
import { isObject, snapshot } from "../core/json.ts";
import { leviesAt } from "../core/tax-rates.ts";
import type { Account } from "./account.ts";
import { shortenLists } from "./embedded.ts";
import { wholeList } from "./list.ts";
import type { Customer } from "./types.ts";

type Find = (account: Account, id: string) => object | undefined;

const FIND: Readonly<Record<string, Find>> = {
  customer: (account, id) => account.customers.find(id),
  payment_method: (account, id) => account.paymentMethods.find(id),
  default_payment_method: (account, id) => account.paymentMethods.find(id),
  latest_charge: (account, id) => account.charges.find(id),
  charge: (account, id) => account.charges.find(id),
  payment_intent: (account, id) => account.paymentIntents.find(id),
  setup_intent: (account, id) => account.setupIntents.find(id),
  pending_setup_intent: (account, id) => account.setupIntents.find(id),
  latest_attempt: (account, id) => account.setupAttempts.find(id),
  mandate: (account, id) => account.mandates.find(id),
  product: (account, id) => account.products.find(id),
  price: (account, id) => account.prices.find(id),
  default_price: (account, id) => account.prices.find(id),
  latest_invoice: (account, id) => account.invoices.find(id),
  invoice: (account, id) => account.invoices.find(id),
  // A deleted coupon is still shown by the discounts that came of it.
  coupon: (account, id) =>
    account.coupons.find(id) ??
      [...account.redeemedCoupons.values()].find((coupon) => coupon.id === id),
  discount: (account, id) => account.discounts.find(id),
  subscription: (account, id) => account.subscriptions.find(id),
};

/** Which fields of which object may be expanded; the rest is refused, as Stripe does. */
const EXPANDABLE: Readonly<Record<string, readonly string[]>> = {
  payment_intent: ["customer", "payment_method", "latest_charge"],
  setup_intent: ["customer", "payment_method", "latest_attempt", "mandate"],
  setup_attempt: ["customer", "payment_method", "setup_intent"],
  charge: ["customer", "payment_intent", "refunds"],
  dispute: ["charge", "payment_intent"],
  refund: ["charge", "payment_intent", "customer", "payment_method"],
  payment_method: ["customer"],
  price: ["product"],
  product: ["default_price"],
  customer: ["subscriptions", "default_payment_method", "tax", "tax_ids"],
  subscription: [
    "customer",
    "default_payment_method",
    "latest_invoice",
    "pending_setup_intent",
    "discounts",
  ],
  coupon: ["applies_to"],
  discount: ["coupon", "customer"],
  customer_balance_transaction: ["customer", "invoice"],
  invoiceitem: ["customer", "invoice"],
  plan: ["product"],
  invoice: [
    "customer",
    "default_payment_method",
    "discounts",
    "payments",
    "subscription",
    "discount",
  ],
  line_item: ["price", "discount"],
  invoice_payment: ["invoice", "payment_intent"],
};

/** Whether tax can be computed for a customer, by the customer's own address. */
function taxOf(account: Account, id: string): Customer["tax"] {
  const address = account.customers.find(id)?.address ?? null;
  const levies = address === null ? null : leviesAt(address);
  const collecting = levies?.some((levy) => levy.reason !== "not_collecting") ?? false;
  return {
    automatic_tax: levies === null
      ? "unrecognized_location"
      : collecting
      ? "supported"
      : "not_collecting",
    ip_address: null,
    location: levies === null || address === null ? null : {
      country: address.country ?? "",
      source: "billing_address",
      state: levies[0]?.state ?? null,
    },
    provider: "stripe",
  };
}

/** Parts that an object shows only when asked. */
function hidden(account: Account, object: Record<string, unknown>, field: string): unknown {
  const id = String(object["id"]);
  if (object["object"] === "charge" && field === "refunds") {
    const refunds = account.refunds.all().filter((refund) => refund.charge === id).toReversed();
    return wholeList(refunds, `/v1/charges/${id}/refunds`);
  }
  if (object["object"] === "customer" && field === "subscriptions") {
    const live = account.subscriptions.all().filter((one) =>
      one.customer === id && one.status !== "canceled"
    );
    return wholeList(live.toReversed(), `/v1/customers/${id}/subscriptions`);
  }
  if (object["object"] === "customer" && field === "tax_ids") {
    const rows = account.taxIds.all().filter((one) => one.customer === id).toReversed();
    return wholeList(rows, `/v1/customers/${id}/tax_ids`);
  }
  if (object["object"] === "customer" && field === "tax") return taxOf(account, id);
  if (object["object"] === "coupon" && field === "applies_to") {
    const products = account.couponProducts.get(id);
    return products === undefined ? undefined : { products };
  }
  if (object["object"] === "invoice" && field === "payments") {
    const payments = account.paymentsOfInvoice.get(id) ?? [];
    return wholeList(payments.toReversed(), `/v1/invoice_payments?invoice=${id}`);
  }
  return undefined;
}

/** The answer with the asked fields opened. Throws Stripe's refusal for one that has none. */
export function expandAll(
  account: Account,
  object: object,
  paths: readonly string[],
): Record<string, unknown> {
  const copy = snapshot(object);
  for (const path of paths) {
    const parts = path.split(".");
    const depth = parts.filter((part) => part !== "data").length;
    if (depth > 4) {
      throw invalid(`You cannot expand more than 4 levels of a property. Property: ${path}`, {
        param: "expand",
      });
    }
    open(account, copy, parts, path, kindOf(copy, ""));
  }
  shortenLists(copy);
  return copy;
}

function kindOf(object: Record<string, unknown>, otherwise: string): string {
  return typeof object["object"] === "string" ? object["object"] : otherwise;
}

function open(
  account: Account,
  at: unknown,
  parts: readonly string[],
  path: string,
  kind: string,
): void {
  const [field, ...rest] = parts;
  if (field === undefined || at === null) return;
  if (Array.isArray(at)) {
    for (const one of at) open(account, one, parts, path, kind);
    return;
  }
  if (!isObject(at)) throw refuse(path);
  const owner = kindOf(at, kind);
  at[field] = opened(account, at, owner, field, path);
  open(account, at[field], rest, path, owner);
}

function opened(
  account: Account,
  at: Record<string, unknown>,
  owner: string,
  field: string,
  path: string,
): unknown {
  const value = at[field];
  if (field === "discounts" && Array.isArray(value)) {
    return value.map((one: unknown) => {
      const found = typeof one === "string" ? account.discounts.find(one) : undefined;
      return found === undefined ? one : snapshot(found);
    });
  }
  if (isObject(value) || Array.isArray(value)) return value;
  if (!(EXPANDABLE[owner]?.includes(field) ?? false)) throw refuse(path);
  const part = hidden(account, at, field);
  if (part !== undefined) return structuredClone(part);
  if (typeof value !== "string") return value ?? null;
  const found = FIND[field]?.(account, value);
  return found === undefined ? value : snapshot(found);
}

function refuse(path: string): Error {
  return invalid(`This property cannot be expanded (${path}).`, { param: "expand" });
}
