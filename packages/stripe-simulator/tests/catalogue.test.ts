import { describe, expect, it } from "vitest";
import { idOf, MERCHANT, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

describe("a product", () => {
  it("is renamed, archived and read again, and tells of the change", async () => {
    const { id } = await bench.stripe.products.create({ name: "Pro", description: "For teams" });
    await bench.stripe.products.update(id, { name: "Team", description: "", active: false });
    await bench.stripe.products.update(id, { name: "Team" });
    expect(await bench.stripe.products.retrieve(id))
      .toMatchObject({ name: "Team", description: null, active: false });
    await bench.idle();
    const told = bench.received.map(({ event }) => event)
      .filter((event) => event.type === "product.updated" && event.data.object.id === id);
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told[0]?.data.previous_attributes).toMatchObject({ name: "Pro", active: true });
  });

  it("is listed by its state and by its id, on its own account alone", async () => {
    const made = await bench.stripe.products.create({ name: "Mine" });
    await bench.stripe.products.update(made.id, { active: false });
    const idsOf = async (params: object, account?: string) => {
      const options = account === undefined ? {} : { stripeAccount: account };
      const ids: string[] = [];
      for await (const { id } of bench.stripe.products.list(params, options)) ids.push(id);
      return ids;
    };
    expect(await idsOf({ ids: [made.id] })).toEqual([made.id]);
    expect(await idsOf({ active: false })).toContain(made.id);
    expect(await idsOf({ active: true })).not.toContain(made.id);
    expect(await idsOf({ ids: [made.id] }, MERCHANT)).toEqual([]);
  });

  it("is deleted only while it has no price", async () => {
    const { id } = await bench.stripe.products.create({ name: "Short-lived" });
    expect(await bench.stripe.products.del(id)).toMatchObject({ id, deleted: true });
    expect((await refusalOf(bench.stripe.products.retrieve(id))).code).toBe("resource_missing");
    const price = await priceOf(bench.stripe);
    const refusal = await refusalOf(bench.stripe.products.del(idOf(price.product)));
    expect(refusal.message).toContain("user-created prices");
  });
});

it("prices are listed while they are active, and archived ones where they are asked for", async () => {
  const { id } = await priceOf(bench.stripe, { lookup_key: "archived" });
  const listed = async (params: object) =>
    (await bench.stripe.prices.list({ lookup_keys: ["archived"], ...params })).data
      .map((price) => price.id);
  expect([await listed({}), await listed({ active: false })]).toEqual([[id], []]);
  await bench.stripe.prices.update(id, { active: false });
  expect([await listed({}), await listed({ active: true }), await listed({ active: false })])
    .toEqual([[], [], [id]]);
});

describe("the default price of a product", () => {
  it("is not archived before another is the default, or none is", async () => {
    const price = await priceOf(bench.stripe);
    const product = idOf(price.product);
    await bench.stripe.products.update(product, { default_price: price.id });
    const archive = () => bench.stripe.prices.update(price.id, { active: false });
    expect((await refusalOf(archive())).message).toContain("default price");
    await bench.stripe.products.update(product, { default_price: "" });
    expect((await archive()).active).toBe(false);
  });

  it("is an active price of that product", async () => {
    const [one, other] = [await priceOf(bench.stripe), await priceOf(bench.stripe)];
    const product = idOf(one.product);
    const make = (default_price: string) =>
      bench.stripe.products.update(product, { default_price });
    expect((await refusalOf(make(other.id))).param).toBe("default_price");
    await bench.stripe.prices.update(one.id, { active: false });
    expect((await refusalOf(make(one.id))).param).toBe("default_price");
  });
});

it("a lookup key goes from one price to another in one call", async () => {
  const first = await priceOf(bench.stripe, { lookup_key: "team" });
  const second = await priceOf(bench.stripe, {
    lookup_key: "team",
    transfer_lookup_key: true,
    unit_amount: 3000,
  });
  const { data } = await bench.stripe.prices.list({ lookup_keys: ["team"] });
  expect(data.map(({ id }) => id)).toEqual([second.id]);
  expect((await bench.stripe.prices.retrieve(first.id)).lookup_key).toBe(null);
});

it("entitlement features are attached to products and listed with them", async () => {
  const feature = await bench.stripe.entitlements.features.create({
    lookup_key: "api-access",
    name: "API access",
  });
  const { id } = await bench.stripe.products.create({ name: "Pro" });
  await bench.stripe.products.createFeature(id, { entitlement_feature: feature.id });
  const { data } = await bench.stripe.products.listFeatures(id);
  expect(data.map((one) => one.entitlement_feature.lookup_key)).toEqual(["api-access"]);
  const listed = await bench.stripe.entitlements.features.list();
  expect(listed.data.map(({ id: listedId }) => listedId)).toEqual([feature.id]);
  const twin = bench.stripe.entitlements.features.create({
    lookup_key: "api-access",
    name: "Twin",
  });
  expect((await refusalOf(twin)).param).toBe("lookup_key");
});
