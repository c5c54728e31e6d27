import type Stripe from "stripe";
import { type Account, onAccount } from "../../shared/stripe/account.ts";
import { collect } from "../stripe/read.ts";

/** What an account has, as far as a catalogue can say it. */
export interface Shop {
  readonly products: readonly Stripe.Product[];
  readonly prices: readonly Stripe.Price[];
  readonly features: readonly Stripe.Entitlements.Feature[];
  /** Lookup keys of the features that are attached, by the product's id. */
  readonly attached: ReadonlyMap<string, readonly string[]>;
}

/** Reads what is sold on an account: active products and prices, and Stripe's own entitlement features. */
export async function readShop(
  stripe: Stripe,
  account: Account,
  progress: (line: string) => void,
): Promise<Shop> {
  const options = onAccount(account);
  const sold = { active: true, limit: 100 };
  const products = await collect("products", stripe.products.list(sold, options), progress);
  const prices = await collect("prices", stripe.prices.list(sold, options), progress);
  const features = await collect(
    "features",
    stripe.entitlements.features.list({ limit: 100 }, options),
    progress,
  );
  const attached = new Map<string, string[]>();
  if (features.length > 0) {
    for (const { id, name } of products) {
      progress(`read the features of ${name}`);
      const list = stripe.products.listFeatures(id, { limit: 100 }, options);
      const rows = await collect("features", list, () => undefined);
      attached.set(id, rows.map((row) => row.entitlement_feature.lookup_key));
    }
  }
  // Oldest first, so that what is made later changes no key.
  return {
    products: products.toReversed(),
    prices: prices.toReversed(),
    features: features.toReversed(),
    attached,
  };
}
