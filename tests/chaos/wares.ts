import type { ProductForSale, Shop } from "../support/shop.ts";

/** What is for sale, by number: for money, for money, on trial, for nothing. */
export async function wares(shop: Shop): Promise<readonly ProductForSale[]> {
  return [
    shop.pro,
    shop.team,
    await shop.sell("Scale", { amount: 9900, trialDays: 14 }),
    await shop.sell("Starter", { amount: 0 }),
  ];
}
