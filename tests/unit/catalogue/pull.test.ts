import type Stripe from "stripe";
import { expect, it } from "vitest";
import { readCatalogue } from "../../../catalogue/define.ts";
import { catalogueOf } from "../../../catalogue/pull/catalogue-of.ts";
import type { Shop } from "../../../catalogue/pull/shop.ts";
import { sourceOf } from "../../../catalogue/pull/source.ts";

const organization = { key: "acme", name: "acme" };
const recurring = {
  interval: "month",
  interval_count: 1,
  meter: null,
  trial_period_days: null,
  usage_type: "licensed",
} as const;
const price = {
  id: "price_1",
  object: "price",
  active: true,
  billing_scheme: "per_unit",
  created: 0,
  currency: "usd",
  custom_unit_amount: null,
  livemode: false,
  lookup_key: null,
  metadata: {},
  nickname: null,
  product: "prod_1",
  recurring,
  tax_behavior: "exclusive",
  tiers_mode: null,
  transform_quantity: null,
  type: "recurring",
  unit_amount: 2900,
  unit_amount_decimal: null,
} as const satisfies Stripe.Price;
const product = {
  id: "prod_1",
  object: "product",
  active: true,
  created: 0,
  description: null,
  images: [],
  livemode: false,
  marketing_features: [],
  metadata: {},
  name: "Pro",
  package_dimensions: null,
  shippable: null,
  tax_code: null,
  tax_details: null,
  type: "service",
  updated: 0,
  url: null,
} as const satisfies Stripe.Product;

const pulled = (shop: Partial<Shop>) =>
  catalogueOf(
    { products: [product], prices: [price], features: [], attached: new Map(), ...shop },
    organization,
  );
const keys = (shop: Partial<Shop>) => {
  const { products = {} } = pulled(shop).catalogue;
  return Object.values(products).flatMap((one) => Object.keys(one.prices));
};

it.each<[string, Partial<Stripe.Price>, string]>([
  ["billed once", { recurring: null, type: "one_time" }, "no subscription's"],
  ["billed by usage", { recurring: { ...recurring, usage_type: "metered" } }, "by usage"],
  ["in tiers", { billing_scheme: "tiered" }, "tiers"],
  ["sold in packages", { transform_quantity: { divide_by: 10, round: "up" } }, "packages"],
  ["of fractions", { unit_amount: null }, "whole number"],
  ["too small to be charged", { unit_amount: 10 }, "at least 50"],
])("a price that is %s is left out, and said to be", (_what, change, told) => {
  const other = { ...price, id: "price_2", ...change };
  const { catalogue, left } = pulled({ prices: [price, other] });
  expect(keys({ prices: [price, other] })).toEqual(["pro-monthly"]);
  expect(left).toEqual([expect.stringContaining("price_2") as unknown]);
  expect(left[0]).toContain(told);
  expect(readCatalogue(catalogue).products["pro"]?.prices).toHaveProperty("pro-monthly");
});

it("prices are called by what the account knows them by, else by what they are, and no two alike", () => {
  const prices = [
    price,
    { ...price, id: "price_2" },
    { ...price, id: "price_3", currency: "eur" },
    { ...price, id: "price_4", recurring: { ...recurring, interval: "year" as const } },
    { ...price, id: "price_5", lookup_key: "Gold Plan" },
    { ...price, id: "price_6", lookup_key: "acme:team" },
    { ...price, id: "price_7", recurring: { ...recurring, interval_count: 3 } },
  ];
  expect(keys({ prices })).toEqual([
    "pro-monthly",
    "pro-monthly-2",
    "pro-monthly-eur",
    "pro-yearly",
    "gold-plan",
    "team",
    "pro-3-months",
  ]);
});

it.each(["🚀", "1st", "   ", "Ümläut & Söhne", "x".repeat(300)])(
  "a product named %j has a key that a catalogue takes",
  (name) => {
    const { catalogue } = pulled({ products: [{ ...product, name: name.slice(0, 250) }] });
    expect(() => readCatalogue({ ...catalogue, products: catalogue.products })).not.toThrow(
      /a key is/,
    );
    expect(
      Object.keys(catalogue.products ?? {}).every((key) => /^[a-z][a-z0-9_.-]{0,63}$/.test(key)),
    )
      .toBe(true);
  },
);

it("what is written reads as what was pulled", () => {
  const { catalogue } = pulled({});
  const text = sourceOf(catalogue, "./catalogue/index.ts");
  const body = /defineCatalogue\((.*)\);/s.exec(text)?.[1] ?? "";
  const json = body.replaceAll(/^(\s*)([a-zA-Z_]\w*):/gm, '$1"$2":').replaceAll(/,(\s*\})/g, "$1");
  expect(JSON.parse(json)).toEqual(catalogue);
});
