import { required, text } from "../core/params.ts";
import { methodNamed } from "../entities/payment-method.ts";
import { route } from "../http/router.ts";
import { attach, detach } from "../operations/methods.ts";
import { makeMethod, METHOD_SHAPE } from "./shared.ts";

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

export const paymentMethodRoutes = [
  create,
  retrieve,
  attachRoute,
  detachRoute,
];
