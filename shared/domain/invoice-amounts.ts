/** A line of an invoice, as far as it says what is due; minor units. */
export interface AmountLine {
  readonly amount: number;
  readonly discount_amounts: readonly { readonly amount: number }[] | null;
}

/** An invoice or its preview: https://docs.stripe.com/api/invoices/object */
export interface AmountInvoice {
  readonly amount_due: number;
  readonly total: number;
  readonly total_discount_amounts: readonly { readonly amount: number }[] | null;
  readonly total_taxes:
    | readonly { readonly amount: number; readonly tax_behavior: string }[]
    | null;
  readonly lines: { readonly data: readonly AmountLine[] };
}

/** What an invoice comes to, in minor units. */
export interface InvoiceAmounts {
  readonly discountAmount: number;
  /** On top of the prices; what they contain already is not in it. */
  readonly taxAmount: number;
  /** What is to be paid now, after the customer's balance. */
  readonly amountDue: number;
  /** Before the balance; below zero it is a credit. */
  readonly total: number;
}

const sum = (amounts: readonly number[]) => amounts.reduce((all, amount) => all + amount, 0);
const sumOf = (parts: readonly { readonly amount: number }[] | null) =>
  sum((parts ?? []).map(({ amount }) => amount));

export function invoiceAmounts(invoice: AmountInvoice): InvoiceAmounts {
  const exclusive = (invoice.total_taxes ?? []).filter(({ tax_behavior }) =>
    tax_behavior === "exclusive"
  );
  return {
    discountAmount: sumOf(invoice.total_discount_amounts),
    taxAmount: sumOf(exclusive),
    amountDue: invoice.amount_due,
    total: invoice.total,
  };
}

/** What a change of plan credits and charges, before tax; their difference is the invoice's total before tax. */
export interface ChangeAmounts {
  readonly credited: number;
  readonly charged: number;
}

/**
 * Split by the invoice's lines, discounts taken off. Stripe embeds ten lines of a list and a preview's cannot be paged: where
 * the lines do not add up, only the difference is told.
 */
export function changeAmounts(invoice: AmountInvoice): ChangeAmounts {
  const nets = invoice.lines.data.map(({ amount, discount_amounts }) =>
    amount - sumOf(discount_amounts)
  );
  const difference = invoice.total - invoiceAmounts(invoice).taxAmount;
  const credited = 0 - sum(nets.filter((net) => net < 0));
  const charged = sum(nets.filter((net) => net > 0));
  return charged - credited === difference
    ? { credited, charged }
    : { credited: Math.max(0, -difference), charged: Math.max(0, difference) };
}
