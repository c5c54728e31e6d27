import type { StripePrice } from "../shared/domain/price-match.ts";

/** What the database has of an organization's catalogue. Amounts are in minor units. */
export interface DatabaseState {
  readonly organization: OrganizationRow | null;
  /** The other organizations whose customers are the users of the project's own Supabase Auth. */
  readonly usersElsewhere: readonly { readonly name: string; readonly livemode: boolean }[];
  readonly features: readonly {
    readonly id: string;
    readonly key: string;
    readonly name: string;
  }[];
  readonly products: readonly ProductRow[];
  readonly prices: readonly PriceRow[];
  readonly discounts: readonly DiscountRow[];
}

export interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly livemode: boolean;
  readonly stripeAccount: string | null;
  /** The account that a push has read last; null where none could. */
  readonly catalogueAccount: string | null;
  readonly applicationFeeBps: number;
  readonly pastDueGraceDays: number | null;
  readonly disputePolicy: string;
  readonly taxEnabled: boolean;
  readonly authUsers: string;
}

/** A feature as a product grants it; a quantity of null is no limit. */
export interface Grant {
  readonly key: string;
  readonly quantity: number | null;
  readonly perSeat: boolean;
}

export interface ProductRow {
  readonly id: string;
  /** Null where no catalogue has made it. */
  readonly key: string | null;
  readonly name: string;
  readonly description: string | null;
  readonly highlighted: boolean;
  readonly active: boolean;
  /** Taken out of the catalogue. */
  readonly archived: boolean;
  /** Stripe's word, as its news or a push has written it. */
  readonly stripeActive: boolean;
  readonly stripeId: string | null;
  /** In the order that they are shown. */
  readonly features: readonly Grant[];
}

export interface PriceRow {
  readonly id: string;
  readonly key: string | null;
  readonly productId: string;
  readonly currency: string;
  readonly amount: number;
  readonly interval: string;
  readonly intervalCount: number;
  readonly trialDays: number;
  readonly minSeats: number;
  readonly maxSeats: number | null;
  readonly active: boolean;
  readonly archived: boolean;
  readonly stripeActive: boolean;
  readonly stripeId: string | null;
  /** Checkouts that may still be paid at this price. */
  readonly openCheckouts: number;
}

export interface DiscountRow {
  readonly id: string;
  readonly key: string | null;
  readonly code: string;
  readonly percentOff: number | null;
  readonly amountOff: number | null;
  readonly currency: string | null;
  readonly duration: string;
  readonly months: number | null;
  readonly productId: string | null;
  readonly firstTimeOnly: boolean;
  readonly maxRedemptions: number | null;
  /** RFC 3339. */
  readonly expiresAt: string | null;
  readonly active: boolean;
}

/** What a Stripe account has. */
export interface StripeState {
  /** Its id; null where the key may not read it, as a restricted one may not. */
  readonly account: string | null;
  readonly products: readonly StripeProduct[];
  readonly prices: readonly ListedPrice[];
  /** Ids. */
  readonly coupons: ReadonlySet<string>;
}

export interface StripeProduct {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly active: boolean;
  readonly defaultPrice: string | null;
  /** The keys in its metadata, where a catalogue has made it. */
  readonly organizationKey: string | undefined;
  readonly productKey: string | undefined;
}

export interface ListedPrice extends StripePrice {
  readonly id: string;
  readonly lookupKey: string | null;
  readonly organizationKey: string | undefined;
}

/** The name of a price that is unique in a Stripe account, which may be several organizations'; at most 129 characters of 200. */
export const lookupKeyOf = (organizationKey: string, priceKey: string): string =>
  `${organizationKey}:${priceKey}`;

/** Keys in the metadata of what a push makes: whose it is, and what the file calls it. */
export const METADATA = {
  organization: "organization_key",
  product: "product_key",
  price: "price_key",
} as const;
