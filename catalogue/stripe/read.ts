import type Stripe from "stripe";
import { type Account, onAccount } from "../../shared/stripe/account.ts";
import { idOf } from "../../shared/stripe/ids.ts";
import { type ListedPrice, METADATA, type StripeProduct, type StripeState } from "../state.ts";

/** Told after each hundred of a list: an account may have thousands. */
type Progress = (line: string) => void;

/** All products, prices and coupons of an account, archived ones too. */
export async function readStripe(
  stripe: Stripe,
  account: Account,
  progress: Progress,
): Promise<StripeState> {
  const options = onAccount(account);
  const all = { limit: 100 };
  const [products, prices, coupons] = await Promise.all([
    collect("products", stripe.products.list(all, options), progress),
    collect("prices", stripe.prices.list(all, options), progress),
    collect("coupons", stripe.coupons.list(all, options), progress),
  ]);
  return {
    products: products.map(productFacts),
    prices: prices.map(priceFacts),
    coupons: new Set(coupons.map(({ id }) => id)),
  };
}

export async function collect<One>(
  what: string,
  list: AsyncIterable<One>,
  progress: Progress,
): Promise<One[]> {
  const rows: One[] = [];
  for await (const one of list) {
    rows.push(one);
    if (rows.length % 100 === 0) progress(`read ${rows.length} ${what}`);
  }
  return rows;
}

function productFacts(product: Stripe.Product): StripeProduct {
  const { id, name, description, active, default_price: price, metadata } = product;
  return {
    id,
    name,
    description,
    active,
    defaultPrice: price === null || price === undefined ? null : idOf(price),
    organizationKey: metadata[METADATA.organization],
    productKey: metadata[METADATA.product],
  };
}

/** https://docs.stripe.com/api/prices/object */
export function priceFacts(price: Stripe.Price): ListedPrice {
  const { recurring } = price;
  return {
    id: price.id,
    active: price.active,
    unitAmount: price.unit_amount,
    currency: price.currency,
    interval: recurring?.interval ?? "",
    intervalCount: recurring?.interval_count ?? 0,
    perSeat: price.billing_scheme === "per_unit" && price.transform_quantity === null &&
      recurring?.usage_type === "licensed",
    stripeProductId: idOf(price.product),
    lookupKey: price.lookup_key,
    organizationKey: price.metadata[METADATA.organization],
  };
}
