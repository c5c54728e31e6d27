import type { Catalogue } from "../define.ts";
import type { DatabaseState, ListedPrice, StripeState } from "../state.ts";
import type { MatchedPrice } from "./prices.ts";
import { isOffered, type MatchedProduct } from "./products.ts";
import type { Step } from "./step.ts";

/**
 * What Stripe need not sell any more: the prices and products of rows that are archived, or are about to be, and what a push that
 * did not come to its end has left. Each waits until no checkout is open on it, since Stripe makes no subscription of an archived
 * price (stripe/stripe-firebase-extensions, issue 560) and the customer's money would go back.
 */
export function archiveSteps(
  { organization }: Catalogue,
  products: readonly MatchedProduct[],
  prices: readonly MatchedPrice[],
  database: DatabaseState,
  stripe: StripeState,
): Step[] {
  const keptPrices = new Set(prices.map(({ atStripe }) => atStripe?.id));
  const keptProducts = new Set(products.map(({ atStripe }) => atStripe?.id));
  const [ownPrices, ownProducts] = [idsOf(database.prices), idsOf(database.products)];
  const openOn = (isOf: (price: ListedPrice) => boolean) =>
    database.prices
      .filter(({ stripeId }) => stripe.prices.some((one) => one.id === stripeId && isOf(one)))
      .reduce((sum, { openCheckouts }) => sum + openCheckouts, 0);

  const goingPrices = stripe.prices.filter((one) =>
    one.active && !keptPrices.has(one.id) &&
    (ownPrices.has(one.id) || one.organizationKey === organization.key)
  );
  const goingProducts = stripe.products.filter((one) =>
    one.active && !keptProducts.has(one.id) &&
    (ownProducts.has(one.id) || one.organizationKey === organization.key)
  );
  return [
    ...goingPrices.map((one): Step => {
      const { id, stripeProductId: productId } = one;
      const rest = prices.filter(({ product }) => product.atStripe?.id === productId);
      const successor = rest.find(({ row, replaces }) => replaces === id || row?.stripeId === id) ??
        rest[0];
      return {
        on: "stripe",
        what: "price",
        act: "archive",
        id,
        productId,
        isDefault: stripe.products.some(({ defaultPrice }) => defaultPrice === id),
        successor: successor?.key ?? null,
        waitsFor: openOn((price) => price.id === id),
      };
    }),
    ...goingProducts.map(({ id }): Step => ({
      on: "stripe",
      what: "product",
      act: "archive",
      id,
      waitsFor: openOn((price) => price.stripeProductId === id),
    })),
  ];
}

interface Row {
  readonly stripeId: string | null;
  readonly archived: boolean;
  readonly active: boolean;
  readonly key: string | null;
}

/** What Stripe calls the rows that are, or were, a catalogue's. */
const idsOf = (rows: readonly Row[]) =>
  new Set(rows.filter((row) => row.archived || isOffered(row)).map(({ stripeId }) => stripeId));
