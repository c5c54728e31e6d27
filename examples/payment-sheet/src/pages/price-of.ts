import type { SubscriptionsResponse } from "@billingos/checkout";
import { formatAmount } from "@billingos/checkout/react";

type Own = SubscriptionsResponse["subscriptions"][number];

/** What each period of a subscription costs, as the catalogue has it. */
export function priceOf({ price, quantity }: Pick<Own, "price" | "quantity">): string {
  if (price === null) return "";
  const { amount, currency, interval, intervalCount } = price;
  const period = intervalCount === 1 ? `per ${interval}` : `every ${intervalCount} ${interval}s`;
  const cost = amount === 0 ? "Free" : `${formatAmount(amount * quantity, currency)} ${period}`;
  return quantity > 1 ? `${cost} for ${quantity} seats` : cost;
}
