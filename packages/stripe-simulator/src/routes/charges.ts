import { text, timeRange } from "../core/params.ts";
import { route } from "../http/router.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";

const retrieve = route(
  "GET",
  "/v1/charges/:id",
  {},
  ({ account, ids }) => account.charges.get(ids[0] ?? ""),
);

const all = route("GET", "/v1/charges", {
  ...PAGE,
  created: timeRange(),
  customer: text(),
  payment_intent: text(),
}, ({ account, params }) => {
  const rows = account.charges.all().filter((charge) =>
    inRange(charge.created, params.created) &&
    (params.customer === undefined || charge.customer === params.customer) &&
    (params.payment_intent === undefined || charge.payment_intent === params.payment_intent)
  );
  return paginate(rows, params, "/v1/charges", "charge");
});

export const chargeRoutes = [retrieve, all];
