import type Stripe from "stripe";
import type { StripePrice } from "../domain/price-match.ts";
import { found } from "./errors.ts";
import { idOf } from "./ids.ts";
import { type Account, onAccount } from "./account.ts";
import { read } from "./write.ts";

/** Seconds for which what Stripe said of a price is believed; whoever pays in between is protected by the invoice's amount. */
const BELIEVED_FOR = 600;

interface Seen {
  readonly price: StripePrice;
  readonly at: number;
}

/** The readings of prices, kept for ten minutes in this isolate: each checkout of a price asks about it. */
export interface Prices {
  /** Undefined where the account has no such price. Throws a CheckoutError. */
  retrieve(stripePriceId: string, account: Account): Promise<StripePrice | undefined>;
  /** What was read of a price is not believed any more: its amount turned out to be another. */
  forget(stripePriceId: string, account: Account): void;
}

export function prices(stripe: Stripe, now: () => number): Prices {
  const seen = new Map<string, Seen>();
  return {
    async retrieve(stripePriceId, account) {
      const key = `${account ?? ""}:${stripePriceId}`;
      const known = seen.get(key);
      if (known !== undefined && now() - known.at < BELIEVED_FOR) return known.price;
      const answer = await found(
        read(() =>
          stripe.prices.retrieve(stripePriceId, { expand: ["product"] }, onAccount(account))
        ),
      );
      const price = answer && factsOf(answer);
      // One that cannot be sold is asked about again: its owner is probably mending it.
      if (price?.active === true) seen.set(key, { price, at: now() });
      return price;
    },

    forget(stripePriceId, account) {
      seen.delete(`${account ?? ""}:${stripePriceId}`);
    },
  };
}

/** https://docs.stripe.com/api/prices/object */
function factsOf(price: Stripe.Price): StripePrice {
  const { recurring, product } = price;
  return {
    // Of a product that is not for sale Stripe sells no price either: https://github.com/stripe/stripe-node/issues/2131
    active: price.active &&
      (typeof product === "string" || (product.deleted !== true && product.active)),
    unitAmount: price.unit_amount,
    currency: price.currency,
    interval: recurring?.interval ?? "",
    intervalCount: recurring?.interval_count ?? 0,
    perSeat: price.billing_scheme === "per_unit" && price.transform_quantity === null &&
      recurring?.usage_type === "licensed",
    stripeProductId: idOf(product),
  };
}
