import { text, timeRange } from "../core/params.ts";
import { route } from "../http/router.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";

const retrieve = route(
  "GET",
  "/v1/disputes/:id",
  {},
  ({ account, ids }) => account.disputes.get(ids[0] ?? ""),
);

const all = route("GET", "/v1/disputes", {
  ...PAGE,
  charge: text(),
  created: timeRange(),
  payment_intent: text(),
}, ({ account, params }) => {
  const rows = account.disputes.all().filter((dispute) =>
    inRange(dispute.created, params.created) &&
    (params.charge === undefined || dispute.charge === params.charge) &&
    (params.payment_intent === undefined || dispute.payment_intent === params.payment_intent)
  );
  return paginate(rows, params, "/v1/disputes", "dispute");
});

export const disputeRoutes = [retrieve, all];
