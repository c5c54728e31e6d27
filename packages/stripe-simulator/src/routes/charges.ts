import { emptyable, metadata, text, timeRange } from "../core/params.ts";
import { route } from "../http/router.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import { SEARCH, search } from "../store/search.ts";
import { mergeMetadata } from "./shared.ts";

const retrieve = route(
  "GET",
  "/v1/charges/:id",
  {},
  ({ account, ids }) => account.charges.get(ids[0] ?? ""),
);

const update = route("POST", "/v1/charges/:id", {
  description: text(),
  metadata: metadata(),
  receipt_email: emptyable(text()),
}, ({ world, account, actor, ids, params }) => {
  const charge = account.charges.get(ids[0] ?? "");
  world.change(account, "charge.updated", charge, actor, () => {
    charge.metadata = mergeMetadata(charge.metadata, params.metadata);
    if (params.description !== undefined) charge.description = params.description;
    if (params.receipt_email !== undefined) charge.receipt_email = params.receipt_email;
  });
  return charge;
});

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

const found = route("GET", "/v1/charges/search", SEARCH, ({ world, account, params }) => {
  const newest = world.clock.now() - world.searchLagSeconds;
  return search(account.charges.all(), params, "/v1/charges/search", newest);
});

export const chargeRoutes = [retrieve, update, all, found];
