import { type CatalogueInput, readCatalogue } from "../../../catalogue/define.ts";
import type {
  DatabaseState,
  ListedPrice,
  PriceRow,
  ProductRow,
  StripeProduct,
  StripeState,
} from "../../../catalogue/state.ts";

export const input: CatalogueInput = {
  organization: { key: "acme", name: "Acme" },
  features: {
    sso: { name: "SSO", type: "boolean" },
    projects: { name: "Projects", type: "limit" },
  },
  products: {
    pro: {
      name: "Pro",
      features: { sso: true, projects: 25 },
      prices: { monthly: { currency: "usd", amount: 2900, interval: "month" } },
    },
  },
  discounts: { welcome: { code: "WELCOME", percentOff: 25, duration: "repeating", months: 3 } },
};

/** The catalogue, with the price `monthly` changed. */
export function changed(
  price: Partial<NonNullable<CatalogueInput["products"]>[string]["prices"][string]>,
) {
  const copy = structuredClone(input);
  Object.assign(copy.products?.["pro"]?.prices["monthly"] ?? {}, price);
  return readCatalogue(copy);
}

export const product: ProductRow = {
  id: "row-pro",
  key: "pro",
  name: "Pro",
  description: null,
  highlighted: false,
  active: true,
  archived: false,
  stripeActive: true,
  stripeId: "prod_1",
  features: [
    { key: "sso", quantity: null, perSeat: false },
    { key: "projects", quantity: 25, perSeat: false },
  ],
};

export const price: PriceRow = {
  id: "row-monthly",
  key: "monthly",
  productId: "row-pro",
  currency: "usd",
  amount: 2900,
  interval: "month",
  intervalCount: 1,
  trialDays: 0,
  minSeats: 1,
  maxSeats: 1,
  active: true,
  archived: false,
  stripeActive: true,
  stripeId: "price_1",
  openCheckouts: 0,
};

/** The database after a push. */
export const database: DatabaseState = {
  organization: {
    id: "row-acme",
    name: "Acme",
    livemode: false,
    stripeAccount: null,
    catalogueAccount: "acct_1",
    applicationFeeBps: 0,
    pastDueGraceDays: null,
    disputePolicy: "keep",
    taxEnabled: false,
    authUsers: "off",
  },
  usersElsewhere: [],
  features: [{ id: "row-sso", key: "sso", name: "SSO" }, {
    id: "row-projects",
    key: "projects",
    name: "Projects",
  }],
  products: [product],
  prices: [price],
  discounts: [{
    id: "row-welcome",
    key: "welcome",
    code: "WELCOME",
    percentOff: 25,
    amountOff: null,
    currency: null,
    duration: "repeating",
    months: 3,
    productId: null,
    firstTimeOnly: false,
    maxRedemptions: null,
    expiresAt: null,
    active: true,
  }],
};

export const atStripe: StripeProduct = {
  id: "prod_1",
  name: "Pro",
  description: null,
  active: true,
  defaultPrice: null,
  organizationKey: "acme",
  productKey: "pro",
};

export const listed: ListedPrice = {
  id: "price_1",
  stripeProductId: "prod_1",
  unitAmount: 2900,
  currency: "usd",
  interval: "month",
  intervalCount: 1,
  perSeat: true,
  active: true,
  lookupKey: "acme:monthly",
  organizationKey: "acme",
};

/** Stripe after a push. */
export const stripe: StripeState = {
  account: "acct_1",
  products: [atStripe],
  prices: [listed],
  coupons: new Set(["row-welcome-2500bp-3m"]),
};

export const nothing: DatabaseState = {
  organization: null,
  usersElsewhere: [],
  features: [],
  products: [],
  prices: [],
  discounts: [],
};
export const empty: StripeState = {
  account: "acct_1",
  products: [],
  prices: [],
  coupons: new Set(),
};
