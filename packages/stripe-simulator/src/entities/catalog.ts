import { newId } from "../core/ids.ts";
import type { Interval } from "../core/dates.ts";
import type { Plan, Price, Product } from "../store/types.ts";

export function newProduct(given: Pick<Product, "created" | "name"> & Partial<Product>): Product {
  return {
    id: newId("prod"),
    object: "product",
    active: true,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: "service",
    unit_label: null,
    updated: given.created,
    url: null,
    ...given,
  };
}

export interface NewPrice {
  created: number;
  currency: string;
  product: string;
  unit_amount: number;
  recurring:
    | { interval: Interval; interval_count: number; trial_period_days: number | null }
    | null;
  active: boolean;
  lookup_key: string | null;
  metadata: Record<string, string>;
  nickname: string | null;
  tax_behavior: "exclusive" | "inclusive" | "unspecified";
}

export function newPrice(given: NewPrice): Price {
  return {
    ...given,
    id: newId("price"),
    object: "price",
    billing_scheme: "per_unit",
    custom_unit_amount: null,
    livemode: false,
    recurring: given.recurring === null
      ? null
      : { ...given.recurring, meter: null, usage_type: "licensed" },
    tiers_mode: null,
    transform_quantity: null,
    type: given.recurring === null ? "one_time" : "recurring",
    unit_amount_decimal: String(given.unit_amount),
  };
}

/** The older form in which a subscription item still shows its price. */
export function planOf(price: Price): Plan {
  return {
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: "per_unit",
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? "month",
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: price.recurring?.trial_period_days ?? null,
    usage_type: "licensed",
  };
}
