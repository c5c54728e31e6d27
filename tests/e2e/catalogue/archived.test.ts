import { describe, expect, it } from "vitest";
import type { CatalogueInput } from "../../../catalogue/define.ts";
import { refusal } from "../../support/shop.ts";
import { keyOf, openCatalogues, wares } from "./shelf.ts";

const { stripe, idle, rows, typed, everything, customerOf, client } = await openCatalogues();

const monthlyOf = async (input: CatalogueInput) => {
  const { data: [price] } = await stripe.prices.list({
    lookup_keys: [`${keyOf(input)}:monthly`],
  });
  if (price === undefined) throw new Error("there is no monthly price");
  return price.id;
};

describe("a price that somebody archives at Stripe", () => {
  it("charges no card, and is for sale again with the push that follows, as the same price", async () => {
    const input = wares();
    await typed("push", input);
    const price = await monthlyOf(input);
    const session = await client.create(await customerOf(keyOf(input)), { priceId: "monthly" });
    await stripe.prices.update(price, { active: false });
    await idle();
    const confirm = () => client.confirm(session.clientSecret, { paymentMethodId: "pm_card_visa" });
    expect(await refusal(confirm())).toMatchObject({ status: 400, code: "price_unavailable" });
    const { data } = await stripe.charges.list({ payment_intent: session.paymentIntentId ?? "" });
    expect(data).toEqual([]);

    const { stdout } = await typed("push", input);
    expect(stdout).toMatch(/~ Stripe +price monthly: active false -> true/);
    expect(stdout).not.toContain("create");
    await idle();
    expect((await stripe.prices.retrieve(price)).active).toBe(true);
    expect(
      await rows("select on_sale, stripe_price_id from billing.product_prices where id = $1", [
        session.priceId,
      ]),
    ).toEqual([{ on_sale: true, stripe_price_id: price }]);
    expect((await confirm()).status).toBe("active");
    await typed("check", input);
  });

  it("is taken up where a new file names it", async () => {
    const product = await stripe.products.create({ name: "Pro" });
    const price = await stripe.prices.create({
      product: product.id,
      currency: "usd",
      unit_amount: 2900,
      recurring: { interval: "month" },
    });
    await stripe.prices.update(price.id, { active: false });
    const input = wares({
      discounts: {},
      products: {
        pro: {
          name: "Pro",
          stripeId: product.id,
          prices: {
            monthly: { currency: "usd", amount: 2900, interval: "month", stripeId: price.id },
          },
        },
      },
    });
    await typed("push", input);
    expect((await stripe.prices.retrieve(price.id)).active).toBe(true);
    const there = await everything(keyOf(input));
    expect(there.prices).toEqual([]);
    expect(there.rows[1]?.map((row) => row["stripe_price_id"])).toEqual([price.id]);
  });
});
