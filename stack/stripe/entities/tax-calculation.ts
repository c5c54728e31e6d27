import { newId } from "../core/ids.ts";
import { sumBy } from "../core/shares.ts";
import type { Tax } from "../operations/taxes.ts";
import type { TaxCalculation, TaxCalculationLine } from "../store/types.ts";

const KEPT_SECONDS = 90 * 86_400;
export const GENERAL_TAX_CODE = "txcd_10000000";

export interface TaxedLine {
  amount: number;
  behavior: "exclusive" | "inclusive";
  quantity: number;
  product: string | null;
  reference: string;
  taxCode: string;
  metadata: Record<string, string>;
  taxes: Tax[];
}

type LineBreakdown = NonNullable<TaxCalculationLine["tax_breakdown"]>;
type Breakdown = TaxCalculation["tax_breakdown"];

function lineBreakdown(taxes: readonly Tax[]): LineBreakdown {
  return taxes.map(({ levy, amount, taxable }) => ({
    amount,
    jurisdiction: {
      country: levy.country,
      display_name: levy.state ?? levy.country,
      level: levy.state === null ? "country" : "state",
      state: levy.state,
    },
    sourcing: "destination",
    tax_rate_details: levy.type === null ? null : {
      display_name: levy.type.replaceAll("_", " ").toUpperCase(),
      percentage_decimal: String(levy.percent),
      tax_type: levy.type,
    },
    taxability_reason: levy.reason,
    taxable_amount: taxable,
  }));
}

function breakdownOf(lines: readonly TaxedLine[]): Breakdown {
  const rows = lines.flatMap((line) =>
    line.taxes.map(({ levy, amount, taxable }): Breakdown[number] => ({
      amount,
      inclusive: line.behavior === "inclusive",
      tax_rate_details: {
        country: levy.country,
        flat_amount: null,
        percentage_decimal: String(levy.percent),
        rate_type: levy.type === null ? null : "percentage",
        state: levy.state,
        tax_type: levy.type,
      },
      taxability_reason: levy.reason,
      taxable_amount: taxable,
    }))
  );
  return sumBy(
    rows,
    (row) => JSON.stringify([row.inclusive, row.tax_rate_details, row.taxability_reason]),
    (into, row) => {
      into.amount += row.amount;
      into.taxable_amount += row.taxable_amount;
    },
  );
}

function taxOf(line: TaxedLine): number {
  return line.taxes.reduce((all, tax) => all + tax.amount, 0);
}

export interface NewCalculation {
  now: number;
  currency: string;
  customer: string | null;
  details: TaxCalculation["customer_details"];
  taxDate: number;
  lines: readonly TaxedLine[];
}

export function newCalculation(
  given: NewCalculation,
): { calculation: TaxCalculation & { id: string }; lines: TaxCalculationLine[] } {
  const total = (behavior: TaxedLine["behavior"]): number =>
    given.lines.filter((line) => line.behavior === behavior)
      .reduce((all, line) => all + taxOf(line), 0);
  const amounts = given.lines.reduce((all, line) => all + line.amount, 0);
  const id = newId("taxcalc");
  return {
    calculation: {
      id,
      object: "tax.calculation",
      amount_total: amounts + total("exclusive"),
      currency: given.currency,
      customer: given.customer,
      customer_details: given.details,
      expires_at: given.now + KEPT_SECONDS,
      livemode: false,
      ship_from_details: null,
      shipping_cost: null,
      tax_amount_exclusive: total("exclusive"),
      tax_amount_inclusive: total("inclusive"),
      tax_breakdown: breakdownOf(given.lines),
      tax_date: given.taxDate,
    },
    lines: given.lines.map((line) => ({
      id: newId("tax_li"),
      object: "tax.calculation_line_item",
      amount: line.amount,
      amount_tax: taxOf(line),
      livemode: false,
      metadata: line.metadata,
      performance_location: null,
      product: line.product,
      quantity: line.quantity,
      reference: line.reference,
      tax_behavior: line.behavior,
      tax_breakdown: lineBreakdown(line.taxes),
      tax_code: line.taxCode,
    })),
  };
}
