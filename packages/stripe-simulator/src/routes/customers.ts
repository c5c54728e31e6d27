import { invalid } from "../core/errors.ts";
import { choice, emptyable, hash, list, metadata, text, timeRange } from "../core/params.ts";
import type { Params } from "../core/params.ts";
import { newCustomer } from "../entities/customer.ts";
import { methodNamed, newBillingDetails } from "../entities/payment-method.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { attach } from "../operations/methods.ts";
import { endAsItStands } from "../operations/cancellations.ts";
import { buyerOf, leviesOf, locationInvalid } from "../operations/taxes.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import type { Customer } from "../store/types.ts";
import { checkTaxId } from "../entities/tax-ids.ts";
import { ADDRESS, addressOf, mergeMetadata } from "./shared.ts";
import { giveTaxId, TAX_ID } from "./tax-ids.ts";

const FIELDS = {
  address: emptyable(ADDRESS),
  description: emptyable(text()),
  email: emptyable(text(512)),
  invoice_settings: hash({ default_payment_method: text(), footer: text() }),
  metadata: metadata(),
  name: emptyable(text(256)),
  phone: emptyable(text(20)),
  preferred_locales: list(text()),
  tax: hash({
    ip_address: emptyable(text()),
    validate_location: choice("auto", "deferred", "immediately"),
  }),
  tax_exempt: emptyable(choice("exempt", "none", "reverse")),
};

/**
 * The address after an update: a part that is not sent stays, an empty one goes ("Any parameters not provided are left unchanged",
 * https://docs.stripe.com/api/customers/update; that this holds for parts of the address, recorded by Kiln-AI/Seahaven: "nested
 * objects merge per leaf"; the empty one inferred).
 */
function addressAfter(
  { address: known = null }: Customer,
  given: Params<typeof FIELDS>["address"],
): NonNullable<Customer["address"]> | null {
  if (given === undefined) return known;
  return given === null
    ? null
    : newBillingDetails({ address: addressOf({ ...known, ...given }) }).address;
}

function apply(call: Call, customer: Customer, params: Params<typeof FIELDS>): void {
  if (params.email !== undefined && params.email !== null && !params.email.includes("@")) {
    throw invalid(`Invalid email address: ${params.email}`, {
      code: "email_invalid",
      param: "email",
    });
  }
  checkLocation(call, customer, params);
  const method = params.invoice_settings?.default_payment_method;
  if (method !== undefined) {
    const known = call.account.paymentMethods.find(method);
    if (known?.customer !== customer.id) {
      throw invalid(
        `The customer does not have a payment method with the ID ${method}. The payment method must be attached to the customer.`,
        { code: "resource_missing", param: "invoice_settings[default_payment_method]" },
      );
    }
    customer.invoice_settings.default_payment_method = method;
  }
  if (params.invoice_settings?.footer !== undefined) {
    customer.invoice_settings.footer = params.invoice_settings.footer;
  }
  if (params.address !== undefined) customer.address = addressAfter(customer, params.address);
  if (params.description !== undefined) customer.description = params.description;
  if (params.email !== undefined) customer.email = params.email;
  if (params.name !== undefined) customer.name = params.name;
  if (params.phone !== undefined) customer.phone = params.phone;
  if (params.preferred_locales !== undefined) {
    customer.preferred_locales = params.preferred_locales;
  }
  if (params.tax_exempt !== undefined) customer.tax_exempt = params.tax_exempt ?? "none";
  customer.metadata = mergeMetadata(customer.metadata, params.metadata);
}

/** Refuses an address that tax cannot be computed from, where that is asked for. */
function checkLocation(call: Call, customer: Customer, params: Params<typeof FIELDS>): void {
  if (params.tax?.validate_location !== "immediately") return;
  const address = addressAfter(customer, params.address);
  const buyer = buyerOf(call.account, { ...customer, address }, undefined);
  if (leviesOf(buyer) === null) throw locationInvalid("tax[validate_location]");
}

const create = route("POST", "/v1/customers", {
  ...FIELDS,
  payment_method: text(),
  tax_id_data: list(TAX_ID),
}, (call) => {
  const { world, account, actor, params } = call;
  const now = world.clock.now();
  const customer = newCustomer({ created: now });
  const { payment_method, invoice_settings, tax_id_data = [], ...rest } = params;
  for (const [index, { type, value }] of tax_id_data.entries()) {
    checkTaxId(type, value, `tax_id_data[${index}][value]`);
  }
  apply(call, customer, rest);
  account.customers.add(customer);
  try {
    if (payment_method !== undefined) {
      attach(call, methodNamed(account, now, payment_method, "payment_method"), customer.id);
    }
    apply(call, customer, invoice_settings === undefined ? {} : { invoice_settings });
  } catch (error) {
    account.customers.remove(customer.id);
    throw error;
  }
  world.emit(account, "customer.created", customer, actor);
  for (const given of tax_id_data) giveTaxId(call, customer.id, given, "tax_id_data");
  return customer;
});

const retrieve = route("GET", "/v1/customers/:id", {}, ({ account, ids }) => {
  const id = ids[0] ?? "";
  if (account.deletedCustomers.has(id)) return { id, object: "customer", deleted: true };
  return account.customers.get(id);
});

const update = route("POST", "/v1/customers/:id", FIELDS, (call) => {
  const { world, account, actor, ids, params } = call;
  const customer = account.customers.get(ids[0] ?? "");
  world.change(account, "customer.updated", customer, actor, () => apply(call, customer, params));
  return customer;
});

const remove = route("DELETE", "/v1/customers/:id", {}, (call) => {
  const { world, account, actor, ids } = call;
  const customer = account.customers.get(ids[0] ?? "");
  for (const subscription of account.subscriptions.all()) {
    if (subscription.customer === customer.id && subscription.ended_at === null) {
      endAsItStands(call, subscription);
    }
  }
  for (const method of account.paymentMethods.all()) {
    if (method.customer !== customer.id) continue;
    method.customer = null;
    const secret = account.methodSecrets.get(method.id);
    if (secret !== undefined) secret.use = "consumed";
  }
  account.customers.remove(customer.id);
  account.deletedCustomers.add(customer.id);
  world.emit(account, "customer.deleted", customer, actor);
  return { id: customer.id, object: "customer", deleted: true };
});

const all = route("GET", "/v1/customers", {
  ...PAGE,
  created: timeRange(),
  email: text(),
}, ({ account, params }) => {
  const rows = account.customers.all().filter((customer) =>
    inRange(customer.created, params.created) &&
    (params.email === undefined || customer.email === params.email)
  );
  return paginate(rows, params, "/v1/customers", "customer");
});

export const customerRoutes = [create, retrieve, update, remove, all];
