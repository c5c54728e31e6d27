import { invalid } from "../core/errors.ts";
import { choice, hash, integer, list, metadata, required, text } from "../core/params.ts";
import { route } from "../http/router.ts";
import { commitCalculation, reverseTransaction } from "../operations/tax-transactions.ts";
import { PAGE, paginate } from "../store/list.ts";
import { mergeMetadata } from "./shared.ts";

const commit = route("POST", "/v1/tax/transactions/create_from_calculation", {
  calculation: required(text()),
  metadata: metadata(),
  posted_at: integer(),
  reference: required(text(500)),
}, (call) => {
  const { account, params } = call;
  const from = account.taxCalculations.get(params.calculation, "calculation");
  return commitCalculation(call, from, {
    reference: params.reference,
    metadata: mergeMetadata({}, params.metadata),
    ...(params.posted_at === undefined ? {} : { postedAt: params.posted_at }),
  });
});

const reverse = route("POST", "/v1/tax/transactions/create_reversal", {
  flat_amount: integer(),
  line_items: list(hash({
    amount: required(integer()),
    amount_tax: required(integer()),
    metadata: metadata(),
    original_line_item: required(text()),
    quantity: integer(1),
    reference: required(text(500)),
  })),
  metadata: metadata(),
  mode: required(choice("full", "partial")),
  original_transaction: required(text()),
  reference: required(text(500)),
}, (call) => {
  const { account, params } = call;
  const original = account.taxTransactions.get(
    params.original_transaction,
    "original_transaction",
  );
  const { flat_amount, line_items } = params;
  const given = { original, reference: params.reference, metadata: params.metadata ?? {} };
  if (params.mode === "full") return reverseTransaction(call, { ...given, what: "full" });
  if ((flat_amount === undefined) === (line_items === undefined)) {
    throw invalid("A partial reversal needs exactly one of: flat_amount, line_items.", {
      param: "flat_amount",
    });
  }
  const amounts = [flat_amount ?? 0, ...(line_items ?? []).map((line) => line.amount)];
  if (amounts.some((amount) => amount > 0)) {
    throw invalid("The amounts of a reversal must be negative.", { param: "flat_amount" });
  }
  const what = line_items === undefined ? { flat: flat_amount ?? 0 } : { lines: line_items };
  return reverseTransaction(call, { ...given, what });
});

const transaction = route(
  "GET",
  "/v1/tax/transactions/:id",
  {},
  ({ account, ids }) => account.taxTransactions.get(ids[0] ?? ""),
);

const transactionLines = route(
  "GET",
  "/v1/tax/transactions/:id/line_items",
  PAGE,
  ({ account, ids, params }) => {
    const { id } = account.taxTransactions.get(ids[0] ?? "");
    const rows = (account.taxTransactionLines.get(id) ?? []).toReversed();
    return paginate(rows, params, `/v1/tax/transactions/${id}/line_items`, "tax line item");
  },
);

export const taxTransactionRoutes = [commit, reverse, transaction, transactionLines];
