import type { ProductForSale, Shop } from "../support/shop.ts";

export interface Wares {
  /** What is for sale, by number: for money, for money, on trial, for nothing, by seats, the first one for years. */
  readonly products: readonly ProductForSale[];
  /** The price of an item that the merchant bills beside, at Stripe alone. */
  readonly addOn: string;
}

/** Codes of discounts: a percentage once, an amount for months, a percentage for good, all of the first bill. */
export const COUPONS = ["half", "ten", "ever", "gift"] as const;

export async function wares(shop: Shop): Promise<Wares> {
  const seats = await shop.sell("Seats", { amount: 1_500, maxQuantity: null });
  const products = [
    shop.pro,
    shop.team,
    await shop.sell("Scale", { amount: 9_900, trialDays: 14 }),
    await shop.sell("Starter", { amount: 0 }),
    seats,
    await shop.sell("Pro", { productId: shop.pro.productId, amount: 29_000, interval: "year" }),
  ];
  await shop.offer({ code: "half", percent_off: 50, duration: "once" });
  await shop.offer({
    code: "ten",
    amount_off: 1_000,
    currency: "usd",
    duration: "repeating",
    duration_in_months: 3,
  });
  await shop.offer({ code: "ever", percent_off: 10, duration: "forever" });
  await shop.offer({ code: "gift", percent_off: 100, duration: "once" });
  const { id: addOn } = await shop.stripe.prices.create({
    currency: "usd",
    unit_amount: 700,
    recurring: { interval: "month" },
    product: (await shop.stripe.products.create({ name: "Add-on" })).id,
    metadata: { add_on: "yes" },
  });
  return { products, addOn };
}
