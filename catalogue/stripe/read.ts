import Stripe from "stripe";
import { type Account, onAccount } from "../../shared/stripe/account.ts";
import { idOf } from "../../shared/stripe/ids.ts";
import { type ListedPrice, METADATA, type StripeProduct, type StripeState } from "../state.ts";

/** Told after each hundred of a list: an account may have thousands. */
type Progress = (line: string) => void;

/** An account with all its products, prices and coupons, archived ones too. */
export async function readStripe(
  stripe: Stripe,
  account: Account,
  progress: Progress,
): Promise<StripeState> {
  const options = onAccount(account);
  const [accountId, products, prices, coupons] = await Promise.all([
    account ?? ownAccount(stripe),
    collect("products", soldOrArchived((page) => stripe.products.list(page, options)), progress),
    collect("prices", soldOrArchived((page) => stripe.prices.list(page, options)), progress),
    collect("coupons", stripe.coupons.list({ limit: 100 }, options), progress),
  ]);
  return {
    account: accountId,
    products: products.map(productFacts),
    prices: prices.map(priceFacts),
    coupons: new Set(coupons.map(({ id }) => id)),
  };
}

/**
 * A list of prices has the active ones alone unless it is asked for the others (https://docs.stripe.com/api/prices/list, and
 * `PriceResource.list` of the pinned package). Of products nothing such is said, and they are asked for in the same way.
 */
export async function* soldOrArchived<One>(
  list: (page: { active: boolean; limit: number }) => AsyncIterable<One>,
): AsyncGenerator<One> {
  for (const active of [true, false]) yield* list({ active, limit: 100 });
}

/** The key's own account; null for a restricted key, to which Stripe does not show it (dj-stripe/dj-stripe, pull request 1131). */
async function ownAccount(stripe: Stripe): Promise<string | null> {
  try {
    return (await stripe.accounts.retrieve(null)).id;
  } catch (error) {
    if (error instanceof Stripe.errors.StripePermissionError) return null;
    throw error;
  }
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
