import { describe, expect, it } from "vitest";
import { failed, keyOf, openCatalogues, wares } from "./shelf.ts";

const { stripe, idle, rows, typed, everything } = await openCatalogues();

describe("check", () => {
  /** What somebody did by hand, without waiting for the events that would tell of it. */
  const drifts: [string, (key: string) => Promise<unknown>, RegExp][] = [
    ["a price is archived at Stripe", async (key) => {
      const { data: [price] } = await stripe.prices.list({ lookup_keys: [`${key}:monthly`] });
      await stripe.prices.update(price?.id ?? "", { active: false });
    }, /price monthly: active false -> true/],
    ["a product is archived at Stripe", async (key) => {
      const { products } = await everything(key);
      await stripe.products.update(products[0]?.id ?? "", { active: false });
    }, /product \w+: active false -> true/],
    ["a product is renamed at Stripe", async (key) => {
      const { products } = await everything(key);
      const pro = products.find((one) => one.metadata["product_key"] === "pro");
      await stripe.products.update(pro?.id ?? "", { name: "Premium" });
    }, /Stripe +product pro: name "Premium" -> "Pro"/],
    ["a row has another amount", (key) =>
      rows(
        `update billing.product_prices pr set unit_amount = 1900 from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /amount 1900 -> 2900/],
    ["a row has another currency", (key) =>
      rows(
        `update billing.product_prices pr set currency = 'eur' from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /currency "eur" -> "usd"/],
    ["a row has another interval", (key) =>
      rows(
        `update billing.product_prices pr set recurring_interval = 'week' from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /interval "week" -> "month"/],
    ["a row is not on sale", (key) =>
      rows(
        `update billing.product_prices pr set active = false from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /active false -> true/],
    ["a row names a price that Stripe does not have", (key) =>
      rows(
        `update billing.product_prices pr set stripe_price_id = 'price_nobodys' from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /stripeId "price_nobodys"/],
    ["a row is missing", (key) =>
      rows(
        `delete from billing.product_prices pr using billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /database +price monthly: create/],
    ["a feature is worth more", (key) =>
      rows(
        `update billing.product_features pf set quantity = 99 from billing.features f, billing.organizations o
         where f.id = pf.feature_id and o.id = f.organization_id and o.key = $1 and f.key = 'seats'`,
        [key],
      ), /product pro: features/],
    ["a discount takes off more", (key) =>
      rows(
        `update billing.discounts d set percent_off = 99 from billing.organizations o
         where o.id = d.organization_id and o.key = $1`,
        [key],
      ), /discount hello: percentOff 99 -> 10/],
    ["a coupon is deleted at Stripe", async (key) => {
      const { data } = await stripe.coupons.list({ limit: 100 });
      const coupon = data.find(({ name }) => `HELLO-${key}`.startsWith(name ?? "-"));
      await stripe.coupons.del(coupon?.id ?? "");
    }, /coupon hello: create/],
    [
      "a setting of the organization is another",
      (key) => rows("update billing.organizations set tax_enabled = true where key = $1", [key]),
      /taxEnabled true -> false/,
    ],
  ];

  it.each(drifts)("fails where %s, and a push mends it", async (_what, tamper, told) => {
    const input = wares();
    await typed("push", input);
    await idle();
    await typed("check", input);
    await tamper(keyOf(input));
    await idle();
    const { code, stdout } = await failed(typed("check", input));
    expect(code).toBe(1);
    expect(stdout).toMatch(told);
    await typed("push", input);
    await idle();
    await typed("check", input);
  });
});
