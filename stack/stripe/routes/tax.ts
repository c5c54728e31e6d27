import { invalid } from "../core/errors.ts";
import { checkCurrency } from "../core/money.ts";
import { choice, hash, integer, list, metadata, required, text } from "../core/params.ts";
import type { Params } from "../core/params.ts";
import { GENERAL_TAX_CODE, newCalculation } from "../entities/tax-calculation.ts";
import { checkTaxId } from "../entities/tax-ids.ts";
import { newBillingDetails } from "../entities/payment-method.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { leviesOf, locationInvalid, overrideOf, taxIdsOf, taxOn } from "../operations/taxes.ts";
import { PAGE, paginate } from "../store/list.ts";
import type { TaxCalculation } from "../store/types.ts";
import { ADDRESS, addressOf, mergeMetadata } from "./shared.ts";
import { TAX_ID } from "./tax-ids.ts";

const CALCULATION = {
  currency: required(text()),
  customer: text(),
  customer_details: hash({
    address: ADDRESS,
    address_source: choice("billing", "shipping"),
    ip_address: text(),
    tax_ids: list(TAX_ID),
    taxability_override: choice("customer_exempt", "none", "reverse_charge"),
  }),
  line_items: required(list(hash({
    amount: required(integer()),
    metadata: metadata(),
    product: text(),
    quantity: integer(1),
    reference: text(500),
    tax_behavior: choice("exclusive", "inclusive"),
    tax_code: text(),
  }))),
  tax_date: integer(),
};

type CalculationParams = Params<typeof CALCULATION>;

/** Who the calculation is for: a customer, or what is told of one. */
function detailsOf(
  { account }: Call,
  params: CalculationParams,
): TaxCalculation["customer_details"] {
  const given = params.customer_details;
  if ((params.customer === undefined) === (given === undefined)) {
    throw invalid("You must pass exactly one of: customer, customer_details.", {
      code: "parameter_missing",
      param: "customer_details",
    });
  }
  if (params.customer !== undefined) {
    const customer = account.customers.get(params.customer, "customer");
    return {
      address: customer.address ?? null,
      address_source: customer.address === null ? null : "billing",
      ip_address: null,
      tax_ids: account.taxIds.all().filter((one) => one.customer === customer.id)
        .map(({ type, value }) => ({ type, value })),
      taxability_override: overrideOf(customer.tax_exempt),
    };
  }
  for (const [index, { type, value }] of (given?.tax_ids ?? []).entries()) {
    checkTaxId(type, value, `customer_details[tax_ids][${index}][value]`);
  }
  const address = addressOf(given?.address);
  if (address !== null && given?.address_source === undefined) {
    throw invalid("Missing required param: customer_details[address_source].", {
      code: "parameter_missing",
      param: "customer_details[address_source]",
    });
  }
  return {
    address: newBillingDetails({ address }).address,
    address_source: given?.address_source ?? null,
    ip_address: given?.ip_address ?? null,
    tax_ids: given?.tax_ids ?? [],
    taxability_override: given?.taxability_override ?? "none",
  };
}

const calculate = route("POST", "/v1/tax/calculations", CALCULATION, (call) => {
  const { world, account, params } = call;
  const currency = checkCurrency(params.currency);
  const details = detailsOf(call, params);
  const levies = leviesOf({
    address: details.address,
    taxIds: params.customer === undefined ? details.tax_ids : taxIdsOf(account, params.customer),
    override: params.customer === undefined
      ? params.customer_details?.taxability_override ?? "none"
      : overrideOf(account.customers.find(params.customer)?.tax_exempt),
  });
  if (levies === null) throw locationInvalid("customer_details[address]");
  const references = params.line_items.map((line, index) => line.reference ?? `L${index + 1}`);
  if (new Set(references).size < references.length) {
    throw invalid("Each line item must have a reference of its own.", { param: "line_items" });
  }
  const now = world.clock.now();
  const { calculation, lines } = newCalculation({
    now,
    currency,
    customer: params.customer ?? null,
    details,
    taxDate: params.tax_date ?? now,
    lines: params.line_items.map((line, index) => {
      const product = line.product === undefined
        ? undefined
        : account.products.get(line.product, `line_items[${index}][product]`);
      const behavior = line.tax_behavior ?? "exclusive";
      return {
        amount: line.amount,
        behavior,
        quantity: line.quantity ?? 1,
        product: product?.id ?? null,
        reference: references[index] ?? "",
        taxCode: line.tax_code ?? product?.tax_code ?? GENERAL_TAX_CODE,
        metadata: mergeMetadata({}, line.metadata),
        taxes: taxOn(line.amount, behavior, levies, currency),
      };
    }),
  });
  account.taxCalculations.add(calculation);
  account.taxCalculationLines.set(calculation.id, lines);
  return calculation;
});

const calculation = route(
  "GET",
  "/v1/tax/calculations/:id",
  {},
  ({ account, ids }) => account.taxCalculations.get(ids[0] ?? ""),
);

const calculationLines = route(
  "GET",
  "/v1/tax/calculations/:id/line_items",
  PAGE,
  ({ account, ids, params }) => {
    const { id } = account.taxCalculations.get(ids[0] ?? "");
    const rows = (account.taxCalculationLines.get(id) ?? []).toReversed();
    return paginate(rows, params, `/v1/tax/calculations/${id}/line_items`, "tax line item");
  },
);

export const taxRoutes = [calculate, calculation, calculationLines];
