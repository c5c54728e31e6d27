import { type CataloguePrice, priceDifferences } from "../../shared/domain/price-match.ts";
import type { Catalogue } from "../define.ts";
import {
  type DatabaseState,
  type ListedPrice,
  lookupKeyOf,
  type PriceRow,
  type StripeState,
} from "../state.ts";
import { leftOut, type MatchedProduct } from "./products.ts";
import { type Changes, changesOf, differs, NEW, type Step } from "./step.ts";

type Wanted = Catalogue["products"][string]["prices"][string];

/** What stands for a price of the file. */
export interface MatchedPrice {
  readonly key: string;
  readonly product: MatchedProduct;
  readonly wanted: Wanted;
  readonly row: PriceRow | undefined;
  /** The price at Stripe that says what the file says; undefined where one is to be made. */
  readonly atStripe: ListedPrice | undefined;
  /** The price at Stripe that has the key and says something else, or is gone. */
  readonly replaces: string | null;
}

export const termsOf = (wanted: Wanted): CataloguePrice => ({
  unitAmount: wanted.amount,
  currency: wanted.currency,
  interval: wanted.interval,
  intervalCount: wanted.intervalCount,
});

/**
 * Stripe's price is the first that says what the file says: of the row, of our lookup key (of a push that did not come to its
 * end), or the one that the file names. None of them: a new one, since at Stripe a price never changes
 * (https://docs.stripe.com/products-prices/manage-prices).
 */
export function matchPrices(
  { organization, products }: Catalogue,
  matched: readonly MatchedProduct[],
  database: DatabaseState,
  stripe: StripeState,
): MatchedPrice[] {
  return matched.flatMap((product) =>
    Object.entries(products[product.key]?.prices ?? {}).map(([key, wanted]) => {
      const lookupKey = lookupKeyOf(organization.key, key);
      const row = database.prices.find((one) => one.key === key) ??
        database.prices.find((one) =>
          one.key === null && !one.archived && one.stripeId !== null &&
          one.stripeId === wanted.stripeId
        );
      const ofRow = stripe.prices.find((one) => one.id === row?.stripeId);
      const named = stripe.prices.find((one) => one.id === wanted.stripeId);
      const holder = stripe.prices.find((one) => one.lookupKey === lookupKey);
      const atStripe = [ofRow, holder, named].find((one) =>
        one !== undefined && one.stripeProductId === product.atStripe?.id &&
        priceDifferences(termsOf(wanted), one).length === 0
      );
      const replaces = atStripe === undefined ? holder?.id ?? row?.stripeId ?? null : null;
      return { key, product, wanted, row, atStripe, replaces };
    })
  );
}

/** What the file names at Stripe and is not there, or says something else before it was ever sold here. */
export function priceProblems(matched: readonly MatchedPrice[], stripe: StripeState): string[] {
  return matched.flatMap(({ key, product, wanted, row, atStripe }) => {
    if (wanted.stripeId === undefined || atStripe !== undefined || row !== undefined) return [];
    const at = `products.${product.key}.prices.${key}.stripeId`;
    const named = stripe.prices.find((one) => one.id === wanted.stripeId);
    if (named === undefined) {
      return [
        `${at}: Stripe has no ${wanted.stripeId} on this account: take it out to make a new price`,
      ];
    }
    const fields = priceDifferences(termsOf(wanted), named);
    const reason = fields.length === 0
      ? "is another product's"
      : `differs in ${fields.join(", ")} from what stands here`;
    return [
      `${at}: ${wanted.stripeId} ${reason}: mend it, or take stripeId out to make a new price`,
    ];
  });
}

export function stripePriceSteps(matched: readonly MatchedPrice[]): Step[] {
  return matched.flatMap(({ key, product, wanted, atStripe, replaces }): Step[] => {
    if (atStripe === undefined) {
      return [{
        on: "stripe",
        what: "price",
        act: "create",
        key,
        productKey: product.key,
        terms: termsOf(wanted),
        replaces,
      }];
    }
    return !atStripe.active ? priceRevived(key, atStripe) : [];
  });
}

function priceRevived(key: string, { id }: ListedPrice): Step[] {
  const changes = { active: { from: false, to: true } };
  return [{ on: "stripe", what: "price", act: "update", key, id, changes }];
}

export function priceRowSteps(
  matched: readonly MatchedPrice[],
  { prices: rows }: DatabaseState,
): Step[] {
  const steps = matched.flatMap((price): Step[] => {
    const { key, row } = price;
    if (row === undefined) return [{ on: "database", what: "price", act: "create", key }];
    const { sold, other } = rowChanges(price, row);
    const changes = { ...sold, ...other };
    const act = differs(sold) ? "replace" : "update";
    return differs(changes)
      ? [{ on: "database", what: "price", act, key, id: row.id, changes }]
      : [];
  });
  return [...steps, ...leftOut("price", rows, matched)];
}

/**
 * `sold` is what checkouts and subscriptions have agreed to: where it differs, the row stays theirs and another takes over. A row
 * that had no price at Stripe yet gets one.
 */
function rowChanges(
  { key, product, wanted, atStripe }: MatchedPrice,
  row: PriceRow,
): { readonly sold: Changes; readonly other: Changes } {
  const stripeId = changesOf(row, { stripeId: atStripe?.id ?? NEW });
  const sold = {
    ...changesOf(row, {
      currency: wanted.currency,
      amount: wanted.amount,
      interval: wanted.interval,
      intervalCount: wanted.intervalCount,
      productId: product.row?.id ?? NEW,
    }),
    ...(row.stripeId === null ? {} : stripeId),
  };
  const other = {
    ...changesOf(row, {
      key,
      trialDays: wanted.trialDays,
      minSeats: wanted.seats.min,
      maxSeats: wanted.seats.max,
      active: true,
      archived: false,
      stripeActive: true,
    }),
    ...stripeId,
  };
  return { sold, other };
}
