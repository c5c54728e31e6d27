import { describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../../catalogue/define.ts";
import { due, planOf } from "../../../catalogue/plan/plan.ts";
import { render } from "../../../catalogue/plan/render.ts";
import type { DatabaseState, StripeState } from "../../../catalogue/state.ts";
import {
  atStripe,
  changed,
  database,
  empty,
  input,
  listed,
  nothing,
  price,
  product,
  stripe,
} from "./states.ts";

const catalogue = readCatalogue(input);

interface World {
  readonly wanted?: Catalogue;
  readonly rows?: Partial<DatabaseState>;
  readonly there?: Partial<StripeState>;
  readonly livemode?: boolean;
}

const plan = ({ wanted = catalogue, rows = {}, there = {}, livemode = false }: World) =>
  planOf(wanted, { ...database, ...rows }, { ...stripe, ...there }, livemode);

/** The lines of a plan, without how many they are. */
const lines = (world: World) => render(plan(world).steps).slice(0, -1);

describe("a plan", () => {
  it("has nothing to do where all three agree", () => {
    expect(plan({}).steps).toEqual([]);
    expect(render(plan({}).steps)).toEqual([
      "nothing to do: the file, the database and Stripe agree",
    ]);
  });

  it("makes everything where there is nothing, Stripe first and coupons last", () => {
    expect(lines({ rows: nothing, there: empty })).toEqual([
      '+ Stripe    product pro: create "Pro"',
      "+ Stripe    price monthly: create $29.00 every month",
      "+ database  organization acme: create",
      "+ database  feature sso: create",
      "+ database  feature projects: create",
      "+ database  product pro: create",
      "+ database  price monthly: create",
      "+ database  discount welcome: create",
      "+ Stripe    coupon welcome: create",
    ]);
  });

  it.each<[string, World, string[]]>([
    ["the amount", { wanted: changed({ amount: 3900 }) }, [
      "+ Stripe    price monthly: create $39.00 every month, instead of price_1",
      '~ database  price monthly: a new row, since it changes: amount 2900 -> 3900, stripeId "price_1" -> "(new)"',
      "- Stripe    price price_1: archive",
    ]],
    ["the currency", { wanted: changed({ currency: "jpy" }) }, [
      "+ Stripe    price monthly: create ¥2,900 every month, instead of price_1",
      '~ database  price monthly: a new row, since it changes: currency "usd" -> "jpy", stripeId "price_1" -> "(new)"',
      "- Stripe    price price_1: archive",
    ]],
    ["the interval", { wanted: changed({ intervalCount: 3 }) }, [
      "+ Stripe    price monthly: create $29.00 every 3 months, instead of price_1",
      '~ database  price monthly: a new row, since it changes: intervalCount 1 -> 3, stripeId "price_1" -> "(new)"',
      "- Stripe    price price_1: archive",
    ]],
    ["the trial, which is no term of Stripe's price", { wanted: changed({ trialDays: 14 }) }, [
      "~ database  price monthly: trialDays 0 -> 14",
    ]],
    ["the seats", { wanted: changed({ seats: { min: 2, max: null } }) }, [
      "~ database  price monthly: minSeats 1 -> 2, maxSeats 1 -> null",
    ]],
  ])("of a price that changes in %s", (_what, world, told) => {
    expect(lines(world)).toEqual(told);
  });

  it("finishes what a push has left that died before the database", () => {
    const there = {
      prices: [{ ...listed, id: "price_2", unitAmount: 3900 }, {
        ...listed,
        lookupKey: null,
      }],
    };
    expect(lines({ wanted: changed({ amount: 3900 }), there })).toEqual([
      '~ database  price monthly: a new row, since it changes: amount 2900 -> 3900, stripeId "price_1" -> "price_2"',
      "- Stripe    price price_1: archive",
    ]);
  });

  it("archives what a push has left that died, and that nobody wants any more", () => {
    const there = { prices: [listed, { ...listed, id: "price_2", lookupKey: null }] };
    expect(lines({ there })).toEqual(["- Stripe    price price_2: archive"]);
  });

  it("leaves alone what is another organization's, or nobody's", () => {
    const others = [
      { ...listed, id: "price_3", lookupKey: "other:monthly", organizationKey: "other" },
      { ...listed, id: "price_4", lookupKey: null, organizationKey: undefined },
    ];
    const rest = { ...atStripe, id: "prod_2", organizationKey: undefined, productKey: undefined };
    expect(plan({ there: { prices: [listed, ...others], products: [atStripe, rest] } }).steps)
      .toEqual([]);
  });

  it("archives what the file leaves out, in the database and at Stripe", () => {
    const wanted = readCatalogue({ ...input, products: {}, discounts: {} });
    expect(lines({ wanted })).toEqual([
      "- database  product pro: archive",
      "- database  price monthly: archive",
      "- database  discount welcome: archive",
      "- Stripe    price price_1: archive",
      "- Stripe    product prod_1: archive",
    ]);
  });

  it("waits with Stripe's archive while a checkout is open, which is no drift", () => {
    const sold = {
      ...price,
      id: "old",
      key: null,
      active: false,
      archived: true,
      stripeId: "price_0",
    };
    const there = { prices: [listed, { ...listed, id: "price_0", lookupKey: null }] };
    const open = plan({ rows: { prices: [price, { ...sold, openCheckouts: 2 }] }, there });
    expect(render(open.steps)).toEqual([
      "- Stripe    price price_0: archive once its 2 open checkouts have ended, an hour at most: push again then",
      "0 changes",
    ]);
    expect(due(open)).toEqual([]);
    expect(due(plan({ rows: { prices: [price, sold] }, there }))).toHaveLength(1);
  });

  it("names another default for a product whose default price goes", () => {
    const there = { products: [{ ...atStripe, defaultPrice: "price_1" }] };
    const steps = plan({ wanted: changed({ amount: 3900 }), there }).steps;
    expect(steps.at(-1)).toMatchObject({ act: "archive", isDefault: true, successor: "monthly" });
  });

  it.each<[string, World, string[]]>([
    ["a price that Stripe does not sell", { there: { prices: [{ ...listed, active: false }] } }, [
      "~ Stripe    price monthly: active false -> true",
    ]],
    ["a price that Stripe sells and a row that says otherwise", {
      rows: { prices: [{ ...price, stripeActive: false }] },
    }, [
      "~ database  price monthly: stripeActive false -> true",
    ]],
    ["a row that is not on sale", { rows: { prices: [{ ...price, active: false }] } }, [
      "~ database  price monthly: active false -> true",
    ]],
    ["a price that is gone from Stripe", { there: { prices: [] } }, [
      "+ Stripe    price monthly: create $29.00 every month, instead of price_1",
      '~ database  price monthly: a new row, since it changes: stripeId "price_1" -> "(new)"',
    ]],
    ["a row that was never pushed", {
      rows: { prices: [{ ...price, stripeId: null }] },
      there: { prices: [] },
    }, [
      "+ Stripe    price monthly: create $29.00 every month",
      '~ database  price monthly: stripeId null -> "(new)"',
    ]],
    ["another name at Stripe", { there: { products: [{ ...atStripe, name: "Prime" }] } }, [
      '~ Stripe    product pro: name "Prime" -> "Pro"',
    ]],
    ["a feature that is worth more", { rows: { products: [{ ...product, features: [] }] } }, [
      '~ database  product pro: features [] -> [{"key":"sso","quantity":null,"perSeat":false},{"key":"projects","quantity":25,"perSeat":false}]',
    ]],
    ["a coupon that is gone", { there: { coupons: new Set() } }, [
      "+ Stripe    coupon welcome: create",
    ]],
  ])("mends %s", (_what, world, told) => {
    expect(lines(world)).toEqual(told);
  });

  it("gives hand-written rows the keys of the file that names what they are at Stripe", () => {
    const wanted = changed({ stripeId: "price_1" });
    Object.assign(wanted.products["pro"] ?? {}, { stripeId: "prod_1" });
    const rows = { products: [{ ...product, key: null }], prices: [{ ...price, key: null }] };
    const there = {
      products: [{ ...atStripe, organizationKey: undefined, productKey: undefined }],
      prices: [{ ...listed, lookupKey: null, organizationKey: undefined }],
    };
    expect(lines({ wanted, rows, there })).toEqual([
      '~ database  product pro: key null -> "pro"',
      '~ database  price monthly: key null -> "monthly"',
    ]);
  });
});

describe("a plan that cannot be pushed says which setting is wrong, and what to do", () => {
  it.each<[string, World, RegExp]>([
    ["a key of the other mode", { livemode: true }, /^organization\.key: acme is in test mode/],
    ["another account than it sells on", {
      wanted: readCatalogue({
        ...input,
        organization: { key: "acme", name: "Acme", stripeAccount: "acct_1" },
      }),
    }, /^organization\.stripeAccount: acme sells on the platform's own account/],
    ["a price that Stripe does not have", {
      wanted: changed({ stripeId: "price_9" }),
      rows: nothing,
      there: empty,
    }, /monthly\.stripeId: Stripe has no price_9/],
    ["a price that says something else", {
      wanted: changed({ stripeId: "price_1", amount: 100 }),
      rows: nothing,
      there: { prices: [{ ...listed, lookupKey: null }] },
    }, /monthly\.stripeId: price_1 differs in unitAmount/],
  ])("%s", (_what, world, told) => {
    expect(plan(world).problems.join("\n")).toMatch(told);
  });
});
