import { checkCurrency } from "../core/money.ts";
import { integer, metadata, required, text } from "../core/params.ts";
import { route } from "../http/router.ts";
import { moveBalance } from "../operations/balance.ts";
import { PAGE, paginate } from "../store/list.ts";
import { mergeMetadata } from "./shared.ts";

const create = route("POST", "/v1/customers/:id/balance_transactions", {
  amount: required(integer()),
  currency: required(text()),
  description: text(350),
  metadata: metadata(),
}, (call) => {
  const { account, ids, params } = call;
  const customer = account.customers.get(ids[0] ?? "");
  return moveBalance(call, customer, {
    amount: params.amount,
    currency: checkCurrency(params.currency),
    type: "adjustment",
    description: params.description ?? null,
    metadata: mergeMetadata({}, params.metadata),
  });
});

const all = route("GET", "/v1/customers/:id/balance_transactions", {
  ...PAGE,
  invoice: text(),
}, ({ account, ids, params }) => {
  const customer = account.customers.get(ids[0] ?? "");
  const rows = account.balanceTransactions.all().filter((one) =>
    one.customer === customer.id &&
    (params.invoice === undefined || one.invoice === params.invoice)
  );
  const url = `/v1/customers/${customer.id}/balance_transactions`;
  return paginate(rows, params, url, "customer balance transaction");
});

export const customerBalanceRoutes = [create, all];
