import { newId } from "../core/ids.ts";
import type { InvoiceLine, LineTax, SubscriptionItem } from "../store/types.ts";

/** What a line of an invoice is about. */
export interface LineDraft {
  /** Null for an invoice item that belongs to no item of the subscription. */
  item: SubscriptionItem | null;
  /** The invoice item that the line comes from; null for a period of a subscription item. */
  invoiceItem: string | null;
  /** Of a credit: the invoice or invoice item that billed the time. */
  credited?: string;
  amount: number;
  quantity: number;
  currency: string;
  period: { start: number; end: number };
  proration: boolean;
  discountable: boolean;
  description: string;
  pricing: InvoiceLine["pricing"];
  taxBehavior: "exclusive" | "inclusive";
  metadata: Record<string, string>;
}

export interface DiscountAmount {
  discount: string;
  amount: number;
}

/** A line with what discounts and taxes come to. */
export interface ComposedLine extends LineDraft {
  discounts: DiscountAmount[];
  taxes: LineTax[];
}

function parentOf(subscription: string, draft: LineDraft): InvoiceLine["parent"] {
  const common = {
    proration: draft.proration,
    proration_details: { credited_items: null },
    subscription,
  };
  if (draft.item === null) {
    return {
      invoice_item_details: { ...common, invoice_item: draft.invoiceItem ?? "" },
      subscription_item_details: null,
      type: "invoice_item_details",
    };
  }
  return {
    invoice_item_details: null,
    subscription_item_details: {
      ...common,
      invoice_item: draft.invoiceItem,
      subscription_item: draft.item.id,
    },
    type: "subscription_item_details",
  };
}

/** Discounts as they are shown since they are one kind of credit before tax. */
export function asCredits(
  discounts: readonly DiscountAmount[],
): NonNullable<InvoiceLine["pretax_credit_amounts"]> {
  return discounts.map(({ amount, discount }) => ({ amount, discount, type: "discount" }));
}

export function newLine(invoice: string, subscription: string, draft: ComposedLine): InvoiceLine {
  return {
    id: newId("il"),
    object: "line_item",
    amount: draft.amount,
    currency: draft.currency,
    description: draft.description,
    discount_amounts: draft.discounts,
    discountable: draft.discountable,
    discounts: [],
    invoice,
    livemode: false,
    metadata: draft.metadata,
    parent: parentOf(subscription, draft),
    period: draft.period,
    pretax_credit_amounts: asCredits(draft.discounts),
    pricing: draft.pricing,
    quantity: draft.quantity,
    quantity_decimal: String(draft.quantity),
    subscription,
    subtotal: draft.amount,
    taxes: draft.taxes,
  };
}
