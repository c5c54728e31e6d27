import { choice, emptyable, hash, metadata, required, text } from "../core/params.ts";
import { methodNamed } from "../entities/payment-method.ts";
import { route } from "../http/router.ts";
import { attach, detach } from "../operations/methods.ts";
import { PAGE, paginate } from "../store/list.ts";
import { makeMethod, mergeMetadata, METHOD_SHAPE } from "./shared.ts";

const TYPE = choice("card", "us_bank_account", "sepa_debit");

const create = route(
  "POST",
  "/v1/payment_methods",
  METHOD_SHAPE,
  (call) => makeMethod(call, call.params),
  { publishable: true },
);

const retrieve = route(
  "GET",
  "/v1/payment_methods/:id",
  {},
  ({ world, account, ids }) => methodNamed(account, world.clock.now(), ids[0] ?? "", "id"),
);

const update = route("POST", "/v1/payment_methods/:id", {
  metadata: metadata(),
  billing_details: hash({
    email: emptyable(text()),
    name: emptyable(text()),
    phone: emptyable(text()),
  }),
}, ({ world, account, actor, ids, params }) => {
  const method = account.paymentMethods.get(ids[0] ?? "");
  world.change(account, "payment_method.updated", method, actor, () => {
    method.metadata = mergeMetadata(method.metadata ?? {}, params.metadata);
    if (params.billing_details !== undefined) {
      Object.assign(method.billing_details, params.billing_details);
    }
  });
  return method;
});

const attachRoute = route("POST", "/v1/payment_methods/:id/attach", {
  customer: required(text()),
}, (call) => {
  const { world, account, ids, params } = call;
  const method = methodNamed(account, world.clock.now(), ids[0] ?? "", "id");
  attach(call, method, params.customer);
  return method;
});

const detachRoute = route("POST", "/v1/payment_methods/:id/detach", {}, (call) => {
  const method = call.account.paymentMethods.get(call.ids[0] ?? "");
  detach(call, method);
  return method;
});

const all = route("GET", "/v1/payment_methods", {
  ...PAGE,
  customer: text(),
  type: TYPE,
}, ({ account, params }) => {
  const rows = account.paymentMethods.all().filter((method) =>
    method.customer !== null &&
    (params.customer === undefined || method.customer === params.customer) &&
    (params.type === undefined || method.type === params.type)
  );
  return paginate(rows, params, "/v1/payment_methods", "PaymentMethod");
});

const ofCustomer = route("GET", "/v1/customers/:id/payment_methods", {
  ...PAGE,
  type: TYPE,
}, ({ account, ids, params }) => {
  const customer = account.customers.get(ids[0] ?? "");
  const rows = account.paymentMethods.all().filter((method) =>
    method.customer === customer.id && (params.type === undefined || method.type === params.type)
  );
  const url = `/v1/customers/${customer.id}/payment_methods`;
  return paginate(rows, params, url, "PaymentMethod");
});

export const paymentMethodRoutes = [
  create,
  retrieve,
  update,
  attachRoute,
  detachRoute,
  all,
  ofCustomer,
];
