import { invalid } from "../core/errors.ts";
import type { ItemDraft } from "../entities/subscription.ts";
import type { Call } from "../http/router.ts";
import { rhythmOf } from "../operations/proration.ts";
import { mergeMetadata } from "./shared.ts";

/** The name of a parameter of one item, in a call or in a hash of a call. */
function itemParam(index: number, field: string, within = ""): string {
  return `${within === "" ? "items" : `${within}[items]`}[${index}][${field}]`;
}

export function itemDraft(
  { account }: Call,
  given: { price?: string; quantity?: number; metadata?: Record<string, string> },
  index: number,
  within = "",
): ItemDraft {
  const param = itemParam(index, "price", within);
  if (given.price === undefined) {
    throw invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
  }
  const price = account.prices.get(given.price, param);
  if (!price.active) {
    throw invalid(
      "The price specified is inactive. This field only accepts active prices.",
      { param },
    );
  }
  if (price.recurring === null) {
    throw invalid(
      "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
      { param },
    );
  }
  return {
    price,
    quantity: given.quantity ?? 1,
    metadata: mergeMetadata({}, given.metadata),
  };
}

/** Refuses items that one subscription cannot have together. */
export function checkItems(items: readonly ItemDraft[], currency?: string, within = ""): void {
  const wanted = currency?.toLowerCase() ?? items[0]?.price.currency ?? "";
  for (const [index, { price }] of items.entries()) {
    if (price.currency === wanted) continue;
    throw invalid(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${wanted}\`.`,
      { param: itemParam(index, "price", within) },
    );
  }
  if (new Set(items.map((item) => rhythmOf(item.price))).size > 1) {
    throw invalid("This simulator bills all items of a subscription at one interval.", {
      param: "items",
    });
  }
}
