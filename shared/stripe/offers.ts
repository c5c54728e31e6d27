import type Stripe from "stripe";
import { type Account, onAccount } from "./account.ts";
import { read } from "./write.ts";

/** A product as far as the catalogue shows it. One that was deleted has no name any more. */
export interface ProductFacts {
  readonly id: string;
  readonly active: boolean;
  readonly name?: string;
  readonly description?: string | null;
}

/** The readings of what Stripe sells, fresh each time. A product or price that was deleted may also be missing. */
export interface Offers {
  product(id: string, account: Account): Promise<ProductFacts>;
  price(id: string, account: Account): Promise<{ readonly active: boolean }>;
}

/**
 * That Stripe answers a deleted object with `deleted` is so of customers (https://docs.stripe.com/api/customers/retrieve); of
 * products and prices it is inferred, and a 404 is taken in the same way.
 */
const isDeleted = (object: { readonly deleted?: unknown }) => object.deleted === true;

export const offers = (stripe: Stripe): Offers => ({
  product: (id, account) =>
    read(async () => {
      const product = await stripe.products.retrieve(id, {}, onAccount(account));
      if (isDeleted(product)) return { id, active: false };
      const { active, name, description } = product;
      return { id, active, name, description };
    }),

  price: (id, account) =>
    read(async () => {
      const price = await stripe.prices.retrieve(id, {}, onAccount(account));
      return { active: !isDeleted(price) && price.active };
    }),
});
