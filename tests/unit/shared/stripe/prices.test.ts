import { describe, expect, it } from "vitest";
import { prices } from "../../../../shared/stripe/prices.ts";
import { type Answer, answer, invalid, missing, recordedStripe } from "./recorded.ts";

const READ = "GET /v1/prices/price_1NabcDEF";
const NOW = 1_795_411_826;

const price = {
  id: "price_1NabcDEF",
  object: "price",
  active: true,
  billing_scheme: "per_unit",
  currency: "usd",
  product: { id: "prod_OabcDEF", object: "product", active: true },
  recurring: { interval: "month", interval_count: 3, usage_type: "licensed" },
  transform_quantity: null,
  unit_amount: 2_900,
};

/** Readings at the clock's time. */
function reading(...answers: Answer[]) {
  const { stripe, seen, calls } = recordedStripe({ [READ]: answers });
  const clock = { now: NOW };
  const ports = prices(stripe, () => clock.now);
  return {
    clock,
    seen,
    calls,
    read: (account: string | null = null) => ports.retrieve("price_1NabcDEF", account),
    forget: (account: string | null = null) => ports.forget("price_1NabcDEF", account),
  };
}

describe("what Stripe says of a price", () => {
  it("is what decides an invoice", async () => {
    const { read, seen } = reading(answer(price));
    expect(await read("acct_1")).toEqual({
      active: true,
      unitAmount: 2_900,
      currency: "usd",
      interval: "month",
      intervalCount: 3,
      perSeat: true,
      stripeProductId: "prod_OabcDEF",
    });
    expect(seen).toMatchObject([{ account: "acct_1", parameters: { "expand[0]": "product" } }]);
  });

  it.each<[string, object]>([
    ["tiers", { billing_scheme: "tiered", unit_amount: null }],
    ["what was used", { recurring: { ...price.recurring, usage_type: "metered" } }],
    ["packages", { transform_quantity: { divide_by: 10, round: "up" } }],
    ["one payment", { recurring: null }],
  ])("is not an amount for each seat where it is by %s", async (_what, differs) => {
    expect(await reading(answer({ ...price, ...differs })).read())
      .toMatchObject({ perSeat: false });
  });

  it.each<[string, object]>([
    ["itself is not for sale", { active: false }],
    ["product is not for sale", { product: { ...price.product, active: false } }],
    ["product was deleted", { product: { id: "prod_OabcDEF", deleted: true } }],
  ])("is that it cannot be sold where the %s", async (_what, differs) => {
    expect(await reading(answer({ ...price, ...differs })).read())
      .toMatchObject({ active: false, stripeProductId: "prod_OabcDEF" });
  });

  it("is nothing where there is no such price", async () => {
    expect(await reading(missing("price")).read()).toBeUndefined();
  });

  it("is not nothing where Stripe refuses to say", async () => {
    await expect(reading(invalid()).read()).rejects.toMatchObject({ name: "CheckoutError" });
  });
});

describe("a price that was read", () => {
  it("is believed for ten minutes and no longer", async () => {
    const { clock, read, calls } = reading(answer(price), answer({ ...price, unit_amount: 3_500 }));
    await read();
    clock.now = NOW + 599;
    expect(await read()).toMatchObject({ unitAmount: 2_900 });
    expect(calls()).toHaveLength(1);
    clock.now = NOW + 600;
    expect(await read()).toMatchObject({ unitAmount: 3_500 });
    expect(calls()).toHaveLength(2);
    clock.now = NOW + 1_199;
    expect(await read()).toMatchObject({ unitAmount: 3_500 });
    expect(calls()).toHaveLength(2);
  });

  it("is asked about again at once where it could not be sold: its owner is mending it", async () => {
    const { read } = reading(answer({ ...price, active: false }), answer(price));
    expect(await read()).toMatchObject({ active: false });
    expect(await read()).toMatchObject({ active: true });
  });

  it("is asked about again at once where it was not there", async () => {
    const { read } = reading(missing("price"), answer(price));
    expect(await read()).toBeUndefined();
    expect(await read()).toMatchObject({ active: true });
  });

  it("is asked about again once it is forgotten", async () => {
    const { read, forget, calls } = reading(answer(price));
    await read();
    forget();
    await read();
    expect(calls()).toHaveLength(2);
  });

  it("is one account's: another's of the same name is neither believed nor forgotten", async () => {
    const { read, forget, seen } = reading(answer(price));
    await read(null);
    await read("acct_1");
    forget("acct_2");
    await read(null);
    await read("acct_1");
    expect(seen.map(({ account }) => account)).toEqual([null, "acct_1"]);
  });
});
