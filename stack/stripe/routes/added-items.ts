import { invalid } from "../core/errors.ts";
import { checkCurrency } from "../core/money.ts";
import { choice, flag, hash, integer, list, metadata, required, text } from "../core/params.ts";
import type { Params } from "../core/params.ts";
import type { LineDraft } from "../entities/invoice.ts";
import type { Call } from "../http/router.ts";
import { firstItem, periodOf } from "../operations/proration.ts";
import type { Subscription } from "../store/types.ts";
import { mergeMetadata } from "./shared.ts";

const ADDED_ITEM = {
  discountable: flag(),
  metadata: metadata(),
  price_data: required(hash({
    currency: required(text()),
    product: required(text()),
    tax_behavior: choice("exclusive", "inclusive", "unspecified"),
    unit_amount: required(integer()),
  })),
  quantity: integer(0),
};

/** `add_invoice_items` of a subscription; below zero, an amount is a credit. */
export const ADDED_ITEMS = list(hash(ADDED_ITEM));

export function addedLines(
  call: Call,
  given: readonly Params<typeof ADDED_ITEM>[] | undefined,
  subscription: Subscription,
): LineDraft[] {
  return (given ?? []).map((one, index) => {
    const { currency, product, tax_behavior: behavior, unit_amount: unitAmount } = one.price_data;
    const param = `add_invoice_items[${index}][price_data]`;
    const { name } = call.account.products.get(product, `${param}[product]`);
    if (checkCurrency(currency) !== subscription.currency) {
      throw invalid(
        `The price specified only supports \`${currency}\`. This doesn't match the expected currency: \`${subscription.currency}\`.`,
        { param: `${param}[currency]` },
      );
    }
    const quantity = one.quantity ?? 1;
    return {
      item: null,
      invoiceItem: null,
      amount: unitAmount * quantity,
      quantity,
      currency: subscription.currency,
      period: periodOf(firstItem(subscription)),
      proration: false,
      discountable: one.discountable ?? unitAmount >= 0,
      description: name,
      pricing: null,
      taxBehavior: behavior === "inclusive" ? "inclusive" : "exclusive",
      metadata: mergeMetadata({}, one.metadata),
    };
  });
}
