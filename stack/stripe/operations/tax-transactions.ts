import { invalid } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { distribute } from "../core/shares.ts";
import type {
  PaymentIntent,
  TaxCalculation,
  TaxTransaction,
  TaxTransactionLine,
} from "../store/types.ts";
import type { Context } from "./context.ts";

function checkReference({ account }: Context, reference: string): void {
  if (account.taxTransactions.all().every((one) => one.reference !== reference)) return;
  throw invalid(`A tax transaction with the reference ${reference} already exists.`, {
    code: "resource_already_exists",
    param: "reference",
  });
}

/** Records a calculation as a sale; each reference once. */
export function commitCalculation(
  context: Context,
  calculation: TaxCalculation & { id: string },
  given: { reference: string; metadata: Record<string, string>; postedAt?: number },
): TaxTransaction {
  const { world, account } = context;
  const now = world.clock.now();
  if ((calculation.expires_at ?? Infinity) <= now) {
    throw invalid(`The tax calculation ${calculation.id} has expired.`, { param: "calculation" });
  }
  checkReference(context, given.reference);
  const transaction: TaxTransaction = {
    id: newId("tax"),
    object: "tax.transaction",
    created: now,
    currency: calculation.currency,
    customer: calculation.customer,
    customer_details: calculation.customer_details,
    livemode: false,
    metadata: given.metadata,
    posted_at: given.postedAt ?? now,
    reference: given.reference,
    reversal: null,
    ship_from_details: null,
    shipping_cost: null,
    tax_date: calculation.tax_date,
    type: "transaction",
  };
  const lines = account.taxCalculationLines.get(calculation.id) ?? [];
  account.taxTransactionLines.set(
    transaction.id,
    lines.map((line) => ({
      id: newId("tax_li"),
      object: "tax.transaction_line_item",
      amount: line.amount,
      amount_tax: line.amount_tax,
      livemode: false,
      metadata: line.metadata,
      product: line.product,
      quantity: line.quantity,
      reference: line.reference,
      reversal: null,
      tax_behavior: line.tax_behavior,
      tax_code: line.tax_code,
      type: "transaction",
    })),
  );
  return account.taxTransactions.add(transaction);
}

export interface ReversedLine {
  amount: number;
  amount_tax: number;
  original_line_item: string;
  quantity?: number;
  reference: string;
}

export interface Reversal {
  original: TaxTransaction;
  reference: string;
  metadata: Record<string, string>;
  /** What is reversed: all, a sum with its taxes (below zero), or lines (below zero). */
  what: "full" | { flat: number } | { lines: readonly ReversedLine[] };
}

function wholeOf(line: TaxTransactionLine): number {
  return line.amount + (line.tax_behavior === "exclusive" ? line.amount_tax : 0);
}

function back(line: TaxTransactionLine, share: number): ReversedLine {
  return {
    amount: 0 - Math.round(line.amount * share),
    amount_tax: 0 - Math.round(line.amount_tax * share),
    original_line_item: line.id,
    quantity: line.quantity,
    reference: line.reference,
  };
}

/** The line that takes back a part of one of the original lines. */
function reversedLine(
  originals: readonly TaxTransactionLine[],
  line: ReversedLine,
): TaxTransactionLine {
  const old = originals.find((one) => one.id === line.original_line_item);
  if (old === undefined) {
    throw invalid(`No such line item: '${line.original_line_item}'`, {
      code: "resource_missing",
      param: "line_items",
    });
  }
  return {
    ...old,
    id: newId("tax_li"),
    amount: line.amount,
    amount_tax: line.amount_tax,
    quantity: line.quantity ?? old.quantity,
    reference: line.reference,
    reversal: { original_line_item: old.id },
    type: "reversal",
  };
}

function reversedLines(
  originals: readonly TaxTransactionLine[],
  what: Reversal["what"],
): ReversedLine[] {
  if (what === "full") return originals.map((line) => back(line, 1));
  if ("lines" in what) return [...what.lines];
  const wholes = originals.map(wholeOf);
  const parts = distribute(what.flat, wholes);
  return originals.map((line, index) => {
    const [whole = 0, part = 0] = [wholes[index], parts[index]];
    return back(line, whole === 0 ? 0 : -part / whole);
  });
}

/** Takes a recorded sale back, or a part of it. */
export function reverseTransaction(context: Context, reversal: Reversal): TaxTransaction {
  const { world, account } = context;
  const { original } = reversal;
  checkReference(context, reversal.reference);
  const originals = account.taxTransactionLines.get(original.id) ?? [];
  const made: TaxTransaction = {
    ...original,
    id: newId("tax"),
    created: world.clock.now(),
    metadata: reversal.metadata,
    reference: reversal.reference,
    reversal: { original_transaction: original.id },
    type: "reversal",
  };
  account.taxTransactionLines.set(
    made.id,
    reversedLines(originals, reversal.what).map((line) => reversedLine(originals, line)),
  );
  return account.taxTransactions.add(made);
}

/** An intent that names a calculation records it when it is paid. */
export function commitTaxOf(context: Context, intent: PaymentIntent): void {
  const id = intent.hooks?.inputs?.tax?.calculation;
  const calculation = id === undefined ? undefined : context.account.taxCalculations.find(id);
  // What has expired cannot be recorded, and must not undo a payment.
  if (calculation === undefined) return;
  if ((calculation.expires_at ?? Infinity) <= context.world.clock.now()) return;
  commitCalculation(context, calculation, { reference: intent.id, metadata: {} });
}

/** A refund takes back its part of what the intent recorded. */
export function reverseTaxOf(
  context: Context,
  intent: string | null,
  refund: { id: string; amount: number },
): void {
  const original = context.account.taxTransactions.all().find((one) => one.reference === intent);
  if (original === undefined) return;
  const what = { flat: -refund.amount };
  reverseTransaction(context, { original, reference: refund.id, metadata: {}, what });
}
