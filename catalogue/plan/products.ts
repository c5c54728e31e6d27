import type { Catalogue } from "../define.ts";
import type { DatabaseState, Grant, ProductRow, StripeProduct, StripeState } from "../state.ts";
import { changesOf, differs, NEW, type Step } from "./step.ts";

/** What stands for a product of the file. */
export interface MatchedProduct {
  readonly key: string;
  readonly row: ProductRow | undefined;
  readonly atStripe: StripeProduct | undefined;
}

/**
 * Stripe's product is the one of the row, else the one with our keys in its metadata (of a push that did not come to its end),
 * else the one that the file names.
 */
export function matchProducts(
  { organization, products }: Catalogue,
  database: DatabaseState,
  stripe: StripeState,
): MatchedProduct[] {
  return Object.entries(products).map(([key, { stripeId }]) => {
    const row = database.products.find((one) => one.key === key) ??
      database.products.find((one) =>
        one.key === null && one.stripeId !== null && one.stripeId === stripeId
      );
    const byId = (id: string | null | undefined) => stripe.products.find((one) => one.id === id);
    const atStripe = byId(row?.stripeId) ??
      stripe.products.find((one) =>
        one.organizationKey === organization.key && one.productKey === key
      ) ?? byId(stripeId);
    return { key, row, atStripe };
  });
}

/** What the file names at Stripe and is not there. */
export function productProblems({ products }: Catalogue, matched: readonly MatchedProduct[]) {
  return matched.flatMap(({ key, atStripe }) => {
    const stripeId = products[key]?.stripeId;
    return stripeId === undefined || atStripe !== undefined ? [] : [
      `products.${key}.stripeId: Stripe has no ${stripeId} on this account: take it out to make a new product`,
    ];
  });
}

export function stripeProductSteps({ products }: Catalogue, matched: readonly MatchedProduct[]) {
  return matched.flatMap(({ key, row, atStripe }): Step[] => {
    const wanted = products[key];
    if (wanted === undefined) return [];
    const { name, description } = wanted;
    if (atStripe === undefined) {
      const replaces = row?.stripeId ?? null;
      return [{ on: "stripe", what: "product", act: "create", key, name, description, replaces }];
    }
    const changes = changesOf(atStripe, { name, description, active: true });
    return differs(changes)
      ? [{ on: "stripe", what: "product", act: "update", key, id: atStripe.id, changes }]
      : [];
  });
}

export function productRowSteps(
  catalogue: Catalogue,
  matched: readonly MatchedProduct[],
  { products: rows }: DatabaseState,
): Step[] {
  const steps = matched.flatMap(({ key, row, atStripe }): Step[] => {
    const wanted = catalogue.products[key];
    if (wanted === undefined) return [];
    if (row === undefined) return [{ on: "database", what: "product", act: "create", key }];
    const changes = changesOf(row, {
      key,
      name: wanted.name,
      description: wanted.description,
      highlighted: wanted.highlighted,
      active: true,
      archived: false,
      stripeActive: true,
      stripeId: atStripe?.id ?? NEW,
      features: grantsOf(catalogue, key),
    });
    return differs(changes)
      ? [{ on: "database", what: "product", act: "update", key, id: row.id, changes }]
      : [];
  });
  return [...steps, ...leftOut("product", rows, matched)];
}

/** What a product grants, in the file's order. */
export function grantsOf({ features, products }: Catalogue, productKey: string): Grant[] {
  return Object.entries(products[productKey]?.features ?? {}).map(([key, granted]) => ({
    key,
    quantity: typeof granted === "number" ? granted : null,
    perSeat: features[key]?.type === "perSeat",
  }));
}

interface OfferRow {
  readonly id: string;
  readonly key: string | null;
  readonly active: boolean;
  readonly archived: boolean;
}

/** The rows that the catalogue leaves out: they are sold no more, and none is deleted. */
export function leftOut(
  what: "product" | "price",
  rows: readonly OfferRow[],
  matched: readonly { readonly row: { readonly id: string } | undefined }[],
): Step[] {
  const kept = new Set(matched.map(({ row }) => row?.id));
  return rows
    .filter((row) => !kept.has(row.id) && !row.archived && isOffered(row))
    .map(({ id, key }) => ({ on: "database", what, act: "archive", key: key ?? id, id }));
}

/** A row that no catalogue has made and that is not sold is nobody's business. */
export const isOffered = (row: { readonly active: boolean; readonly key: string | null }) =>
  row.active || row.key !== null;
