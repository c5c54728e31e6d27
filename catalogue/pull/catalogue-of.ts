import type Stripe from "stripe";
import { CatalogueError, type CatalogueInput, readCatalogue } from "../define.ts";
import { lookupKeyOf, METADATA } from "../state.ts";
import type { Shop } from "./shop.ts";

export interface Pulled {
  readonly catalogue: CatalogueInput;
  /** What was left out, and why, a sentence each. */
  readonly left: readonly string[];
}

/** The catalogue that says what an account sells, each product and price with Stripe's id, so that a push makes none of them anew. */
export function catalogueOf(shop: Shop, organization: CatalogueInput["organization"]): Pulled {
  const left: string[] = [];
  const featureKeys = namer();
  const keyOfFeature = new Map(
    shop.features.map(({ lookup_key: key }) => [key, featureKeys(slug(key))]),
  );
  const productKeys = namer();
  const priceKeys = namer();
  const products: NonNullable<CatalogueInput["products"]> = {};
  for (const product of shop.products) {
    const prices: Prices = {};
    const ours = product.metadata[METADATA.organization] === organization.key;
    const own = ours ? product.metadata[METADATA.product] : undefined;
    const productKey = productKeys(own ?? slug(product.name));
    for (const price of shop.prices) {
      if (idOf(price.product) !== product.id) continue;
      const reason = unsayable(price);
      if (reason === undefined) {
        prices[priceKeys(priceName(price, productKey, organization.key))] = termsOf(price);
      } else left.push(`${price.id} of ${product.name}: ${reason}`);
    }
    const names = shop.attached.get(product.id) ?? [];
    products[productKey] = {
      name: product.name,
      ...(product.description === null ? {} : { description: product.description }),
      features: Object.fromEntries(
        names.map((name) => [keyOfFeature.get(name) ?? slug(name), true]),
      ),
      prices,
      stripeId: product.id,
    };
  }
  const catalogue: CatalogueInput = {
    organization,
    features: Object.fromEntries(
      shop.features.map(({ lookup_key: key, name }) => [
        keyOfFeature.get(key) ?? slug(key),
        { name, type: "boolean" },
      ]),
    ),
    products,
  };
  return { catalogue, left: [...left, ...withoutRefused(catalogue)] };
}

type Prices = NonNullable<CatalogueInput["products"]>[string]["prices"];

/** What Stripe can bill and a catalogue cannot say. */
function unsayable(price: Stripe.Price): string | undefined {
  if (price.recurring === null) return "it is no subscription's";
  if (intervalOf(price) === undefined) {
    return `nothing here is billed by ${price.recurring.interval}`;
  }
  if (price.recurring.usage_type !== "licensed") return "it is billed by usage";
  if (price.billing_scheme !== "per_unit") return "it has tiers";
  if (price.transform_quantity !== null) return "it is sold in packages";
  if (price.unit_amount === null) return "its amount is no whole number of minor units";
  return undefined;
}

function termsOf(price: Stripe.Price): Prices[string] {
  const { recurring } = price;
  const count = recurring?.interval_count ?? 1;
  const trial = recurring?.trial_period_days ?? null;
  return {
    currency: price.currency,
    amount: price.unit_amount ?? 0,
    interval: intervalOf(price) ?? "month",
    ...(count === 1 ? {} : { intervalCount: count }),
    ...(trial === null ? {} : { trialDays: trial }),
    stripeId: price.id,
  };
}

const often = { day: "daily", week: "weekly", month: "monthly", year: "yearly" } as const;

const intervalOf = ({ recurring }: Stripe.Price) =>
  (["day", "week", "month", "year"] as const).find((one) => one === recurring?.interval);

/** Our own key, else the one that the account knows the price by, else what it is: `pro-monthly`. */
function priceName(price: Stripe.Price, productKey: string, organizationKey: string): string {
  const { lookup_key: lookup, recurring } = price;
  if (lookup !== null) {
    const own = lookupKeyOf(organizationKey, "");
    return slug(lookup.startsWith(own) ? lookup.slice(own.length) : lookup);
  }
  const interval = intervalOf(price) ?? "month";
  const count = recurring?.interval_count ?? 1;
  const every = count === 1 ? often[interval] : `${count}-${interval}s`;
  return `${productKey.slice(0, 40)}-${every}${
    price.currency === "usd" ? "" : `-${price.currency}`
  }`;
}

/** Takes out what the catalogue's own rules refuse, and says so. */
function withoutRefused({ products = {}, ...rest }: CatalogueInput): string[] {
  const left: string[] = [];
  for (const [productKey, { prices, ...product }] of Object.entries(products)) {
    for (const [priceKey, price] of Object.entries(prices)) {
      const alone = { [productKey]: { ...product, prices: { [priceKey]: price } } };
      const refusals = refusalsOf({ ...rest, products: alone });
      if (refusals.length === 0) continue;
      left.push(...refusals.map((refusal) => `${price.stripeId ?? priceKey}: ${refusal}`));
      delete prices[priceKey];
    }
    // A product that nobody can buy is none of the catalogue's.
    if (Object.keys(prices).length === 0) {
      left.push(
        `${product.stripeId ?? productKey}: ${product.name} has no price that can be sold here`,
      );
      delete products[productKey];
    }
  }
  return left;
}

function refusalsOf(catalogue: CatalogueInput): readonly string[] {
  try {
    readCatalogue(catalogue);
    return [];
  } catch (error) {
    if (error instanceof CatalogueError) return error.sentences;
    throw error;
  }
}

/** Lower-case letters, digits and dashes; what has none of them is `item`. */
function slug(text: string): string {
  const plain = text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(
    /[^a-z0-9_.]+/g,
    "-",
  )
    .replaceAll(/^[^a-z]+|-+$/g, "").slice(0, 56);
  return plain === "" ? "item" : plain;
}

/** Gives a name once; a second one of the same gets a number. */
function namer(): (wanted: string) => string {
  const taken = new Set<string>();
  return (wanted) => {
    let name = wanted;
    for (let n = 2; taken.has(name); n += 1) name = `${wanted}-${n}`;
    taken.add(name);
    return name;
  };
}

const idOf = (product: Stripe.Price["product"]) =>
  typeof product === "string" ? product : product.id;
