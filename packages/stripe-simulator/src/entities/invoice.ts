import { newId } from "../core/ids.ts";
import { setOff } from "../core/money.ts";
import { sumBy } from "../core/shares.ts";
import type { Customer, Invoice, Subscription } from "../store/types.ts";
import { balanceIn } from "./customer.ts";
import { asCredits, newLine } from "./invoice-line.ts";
import type { ComposedLine } from "./invoice-line.ts";
import { APPLICATION } from "./payment-intent.ts";

export interface InvoiceDraft {
  now: number;
  reason: NonNullable<Invoice["billing_reason"]>;
  lines: readonly ComposedLine[];
  /** Ids of the discounts that apply to the whole invoice. */
  discounts: string[];
  automaticTax: Invoice["automatic_tax"];
  taxIds: NonNullable<Invoice["customer_tax_ids"]>;
  period: { start: number; end: number };
  finalizesAt: number | null;
  connected: boolean;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, amount) => all + amount, 0);
}

/** The sums of an invoice's lines: discounts come off before tax is put on. */
function totalsOf(lines: readonly ComposedLine[]) {
  const subtotal = sum(lines.map((line) => line.amount));
  const discounts = sumBy(lines.flatMap((line) => line.discounts), (one) => one.discount);
  const taxes = lines.flatMap((line) => line.taxes);
  const inclusive = sum(
    taxes.filter((tax) => tax.tax_behavior === "inclusive").map((tax) => tax.amount),
  );
  const exclusive = sum(taxes.map((tax) => tax.amount)) - inclusive;
  const discounted = subtotal - sum(discounts.map((one) => one.amount));
  return {
    subtotal,
    subtotal_excluding_tax: subtotal - inclusive,
    total: discounted + exclusive,
    total_discount_amounts: discounts,
    total_excluding_tax: discounted - inclusive,
    total_pretax_credit_amounts: asCredits(discounts),
    total_taxes: sumBy(
      taxes,
      (tax) => `${tax.tax_rate_details?.tax_rate} ${tax.tax_behavior} ${tax.taxability_reason}`,
      (into, tax) => {
        into.amount += tax.amount;
        into.taxable_amount = (into.taxable_amount ?? 0) + (tax.taxable_amount ?? 0);
      },
    ),
  };
}

/** A draft invoice of a subscription. */
export function newInvoice(
  subscription: Subscription,
  customer: Customer | undefined,
  draft: InvoiceDraft,
): Invoice {
  const id = newId(draft.reason === "upcoming" ? "upcoming_in" : "in");
  const totals = totalsOf(draft.lines);
  const balance = balanceIn(customer, subscription.currency);
  const { due } = setOff(totals.total, balance, subscription.currency);
  return {
    id,
    object: "invoice",
    ...totals,
    account_country: "US",
    account_name: "A test account",
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: draft.connected ? APPLICATION : null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: draft.automaticTax,
    automatically_finalizes_at: draft.finalizesAt,
    billing_reason: draft.reason,
    collection_method: "charge_automatically",
    created: draft.now,
    currency: subscription.currency,
    custom_fields: null,
    customer: subscription.customer,
    customer_account: null,
    customer_address: customer?.address ?? null,
    customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null,
    customer_phone: customer?.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: customer?.tax_exempt ?? "none",
    customer_tax_ids: draft.taxIds,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: draft.discounts,
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    lines: {
      object: "list",
      data: draft.lines.map((line) => newLine(id, subscription.id, line)),
      has_more: false,
      url: `/v1/invoices/${id}/lines`,
    },
    livemode: false,
    metadata: {},
    next_payment_attempt: draft.finalizesAt,
    number: null,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: {
        metadata: { ...subscription.metadata },
        subscription: subscription.id,
      },
      type: "subscription_details",
    },
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    period_end: draft.period.end,
    period_start: draft.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: balance,
    statement_descriptor: null,
    status: "draft",
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    test_clock: null,
    webhooks_delivered_at: null,
  };
}
