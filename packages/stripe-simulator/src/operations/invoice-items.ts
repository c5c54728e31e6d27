import { newId } from "../core/ids.ts";
import type { LineDraft } from "../entities/invoice-line.ts";
import type { InvoiceItem, Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";

export interface NewInvoiceItem {
  customer: string;
  /** Null for the customer's next invoice, of whichever subscription. */
  subscription: string | null;
  line: LineDraft;
}

function parentOf({ line, subscription }: NewInvoiceItem): InvoiceItem["parent"] {
  if (subscription === null) return null;
  return {
    subscription_details: {
      subscription,
      ...(line.item === null ? {} : { subscription_item: line.item.id }),
    },
    type: "subscription_details",
  };
}

/** Puts something on the next invoice. */
export function addInvoiceItem(
  { world, account, actor }: Context,
  given: NewInvoiceItem,
): InvoiceItem {
  const { customer, line } = given;
  const item: InvoiceItem = {
    id: newId("ii"),
    object: "invoiceitem",
    amount: line.amount,
    currency: line.currency,
    customer,
    customer_account: null,
    date: world.clock.now(),
    description: line.description,
    discountable: line.discountable,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: line.metadata,
    parent: parentOf(given),
    period: line.period,
    pricing: line.pricing,
    proration: line.proration,
    quantity: line.quantity,
    quantity_decimal: String(line.quantity),
    tax_rates: [],
    test_clock: null,
  };
  account.invoiceItems.add(item);
  account.lineOfInvoiceItem.set(item.id, { ...line, invoiceItem: item.id });
  world.emit(account, "invoiceitem.created", item, actor);
  return item;
}

/** What waits for a subscription's next invoice, oldest first. */
export function pendingItems({ account }: Context, subscription: Subscription): InvoiceItem[] {
  return account.invoiceItems.all().filter((item) => {
    const owner = item.parent?.subscription_details?.subscription;
    return item.invoice === null && item.customer === subscription.customer &&
      item.currency === subscription.currency && (owner === undefined || owner === subscription.id);
  });
}

export function linesOf({ account }: Context, items: readonly InvoiceItem[]): LineDraft[] {
  return items.flatMap((item) => {
    const line = account.lineOfInvoiceItem.get(item.id);
    return line === undefined ? [] : [{ ...line, metadata: { ...item.metadata } }];
  });
}
