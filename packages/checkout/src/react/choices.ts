import type {
  CreateInput,
  PricedProduct,
  ProductPrice,
  ReplaceableSubscription,
} from "../types.ts";

/** One way to buy a price. */
export interface Way {
  readonly input: CreateInput;
  /** The subscription that changes to it; undefined where a new one is bought. */
  readonly replaced: ReplaceableSubscription | undefined;
  readonly trialDays: number;
}

/** What a customer can do about a price: nothing, for they have it; nothing, and why; or one thing, or one of several. */
export type Choice =
  | { readonly kind: "current" }
  | {
    readonly kind: "refused";
    readonly refusal: { readonly code: string; readonly message: string };
    readonly replaced: ReplaceableSubscription;
  }
  | { readonly kind: "open"; readonly ways: readonly Way[] };

interface Asked {
  readonly product: PricedProduct;
  readonly price: ProductPrice;
  readonly subscriptions: readonly ReplaceableSubscription[];
  /** Another product is sold beside what the customer has. Another price of the same product is a change all the same. */
  readonly addsOn: boolean;
}

/** The service has said which subscriptions may change to the price; a customer who has the product already changes that one. */
export function choiceOf({ product, price, subscriptions, addsOn }: Asked): Choice {
  const own = subscriptions.filter(({ productId }) => productId === product.id);
  if (own.some(({ priceId }) => priceId === price.id)) return { kind: "current" };
  const replaceable = own.length > 0 || addsOn ? own : subscriptions;
  if (replaceable.length === 0) return { kind: "open", ways: [firstPurchase(product, price)] };

  const changes = replaceable.map((replaced) => ({
    replaced,
    refusal: price.changes?.find(({ subscriptionId }) => subscriptionId === replaced.id)?.refusal,
  }));
  const ways = changes.filter(({ refusal }) => refusal === undefined)
    .map(({ replaced }) => changeOf(product, price, replaced));
  const [refused] = changes.flatMap(({ replaced, refusal }) =>
    refusal === undefined ? [] : [{ kind: "refused", replaced, refusal } as const]
  );
  return ways.length > 0 || refused === undefined ? { kind: "open", ways } : refused;
}

/** With the fewest seats that are sold. */
function firstPurchase(product: PricedProduct, price: ProductPrice): Way {
  const { id: priceId, seats } = price;
  return {
    input: { priceId, ...(seats === undefined ? {} : { quantity: seats.min }) },
    replaced: undefined,
    trialDays: trialOf(product, price),
  };
}

/** What Stripe bills keeps its seats, and begins no trial; what takes the place of a free plan begins as a first purchase does. */
function changeOf(
  product: PricedProduct,
  price: ProductPrice,
  replaced: ReplaceableSubscription,
): Way {
  const change = { priceId: price.id, existingSubscriptionId: replaced.id };
  if (!replaced.isFree) return { input: change, replaced, trialDays: 0 };
  const { min, max = Infinity } = price.seats ?? { min: 1, max: 1 };
  const quantity = Math.min(Math.max(replaced.quantity, min), max);
  return { input: { ...change, quantity }, replaced, trialDays: trialOf(product, price) };
}

const trialOf = ({ trialDays }: PricedProduct, { amount }: ProductPrice) =>
  amount > 0 ? trialDays : 0;
