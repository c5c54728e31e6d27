import type { Catalogue } from "../define.ts";
import type { DatabaseState, StripeState } from "../state.ts";
import { archiveSteps } from "./archives.ts";
import { couponSteps, discountSteps } from "./discounts.ts";
import { organizationProblems, organizationSteps } from "./organization.ts";
import { matchPrices, priceProblems, priceRowSteps, stripePriceSteps } from "./prices.ts";
import { matchProducts, productProblems, productRowSteps, stripeProductSteps } from "./products.ts";
import { type Step, waits } from "./step.ts";

/** What a push would do, in its order; nothing where the file, the database and Stripe agree. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Why it cannot be pushed, a sentence each. */
  readonly problems: readonly string[];
  /** Stripe's ids of what is there already, by the file's keys. */
  readonly products: ReadonlyMap<string, string>;
  readonly prices: ReadonlyMap<string, string>;
  /** Stripe's id of the account; null where the key may not read it. */
  readonly account: string | null;
}

/** Compares what is wanted with what the database and a Stripe account have. Reads nothing and changes nothing. */
export function planOf(
  catalogue: Catalogue,
  database: DatabaseState,
  stripe: StripeState,
  livemode: boolean,
): Plan {
  const products = matchProducts(catalogue, database, stripe);
  const prices = matchPrices(catalogue, products, database, stripe);
  return {
    problems: [
      ...organizationProblems(catalogue, database, stripe, livemode),
      ...productProblems(catalogue, products),
      ...priceProblems(prices, stripe),
    ],
    steps: [
      ...stripeProductSteps(catalogue, products),
      ...stripePriceSteps(prices),
      ...organizationSteps(catalogue, database, stripe),
      ...productRowSteps(catalogue, products, database),
      ...priceRowSteps(prices, database),
      ...discountSteps(catalogue, products, database),
      ...archiveSteps(catalogue, products, prices, database, stripe),
      ...couponSteps(catalogue, products, database, stripe),
    ],
    products: idsOf(products),
    prices: idsOf(prices),
    account: stripe.account,
  };
}

const idsOf = (
  matched: readonly {
    readonly key: string;
    readonly atStripe: { readonly id: string } | undefined;
  }[],
) =>
  new Map(
    matched.flatMap(({ key, atStripe }) =>
      atStripe === undefined ? [] : [[key, atStripe.id] as const]
    ),
  );

/** What a push would do now: what waits for open checkouts is no drift. */
export const due = ({ steps }: Plan): readonly Step[] => steps.filter((step) => !waits(step));
