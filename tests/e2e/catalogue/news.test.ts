import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { at, failed, idOf, keyOf, openCatalogues, wares } from "./shelf.ts";

const { stripe, admin, idle, rows, typed, everything, customerOf, client } = await openCatalogues();

it("with Connect everything is made on the organization's account, under the same keys", async () => {
  const account = `acct_${randomUUID().slice(0, 12).replaceAll("-", "")}`;
  await admin("POST", "/accounts", { id: account });
  const input = wares();
  input.organization = { ...input.organization, stripeAccount: account, applicationFeeBps: 250 };
  await typed("push", input);
  const there = await everything(keyOf(input), account);
  expect([there.products.length, there.prices.length]).toEqual([2, 3]);
  expect((await everything(keyOf(input))).prices).toEqual([]);
  const session = await client.create(await customerOf(keyOf(input)), { priceId: "monthly" });
  expect(session.stripeAccountId).toBe(account);
  await typed("check", input);

  input.organization = { key: keyOf(input), name: "A shop" };
  const moved = await failed(typed("push", input));
  expect([moved.code, moved.stderr]).toEqual([
    2,
    expect.stringContaining("organization.stripeAccount"),
  ]);
});

/** What is shown of the price `monthly` and its product. */
const shown = async (key: string) =>
  (await rows(
    `select p.name, p.description, p.on_sale as active, pr.on_sale as sold from billing.products p
     join billing.product_prices pr on pr.product_id = p.id
     join billing.organizations o on o.id = p.organization_id
     where o.key = $1 and pr.key = 'monthly'`,
    [key],
  ))[0];

describe("Stripe's news", () => {
  it("of a product and a price is written where the catalogue has them, and only there", async () => {
    const input = wares();
    await typed("push", input);
    const { data: [price] } = await stripe.prices.list({
      lookup_keys: [`${keyOf(input)}:monthly`],
    });
    const product = idOf(price?.product);
    await stripe.products.update(product, { name: "Renamed", description: "", active: false });
    await stripe.prices.update(price?.id ?? "", { active: false });
    await idle();
    expect(await shown(keyOf(input)))
      .toEqual({ name: "Renamed", description: null, active: false, sold: false });
    await stripe.products.update(product, { active: true });
    await stripe.prices.update(price?.id ?? "", { active: true });
    // Somebody's own, with a key of ours even: nothing is invented.
    await stripe.prices.create({
      product,
      currency: "usd",
      unit_amount: 100,
      recurring: { interval: "month" },
      metadata: { organization_key: keyOf(input), price_key: "invented" },
    });
    await idle();
    expect(await shown(keyOf(input))).toMatchObject({ active: true, sold: true });
    expect((await everything(keyOf(input))).rows[1]).toHaveLength(3);
    const events = await rows(
      "select e.outcome from billing.webhook_events e where e.type ~ '^(product|price)' and e.status <> 'processed'",
    );
    expect(events).toEqual([]);
  });

  it("does not put on sale again what its owner has taken out", async () => {
    const input = wares();
    await typed("push", input);
    const { data: [price] } = await stripe.prices.list({
      lookup_keys: [`${keyOf(input)}:monthly`],
    });
    const open = await client.create(await customerOf(keyOf(input)), { priceId: "monthly" });
    await typed("push", at(4900, input));
    // It is active there for as long as the checkout is open.
    await stripe.prices.update(price?.id ?? "", { metadata: { note: "seen" } });
    await idle();
    const [old] = await rows("select on_sale from billing.product_prices where id = $1", [
      open.priceId,
    ]);
    expect(old).toEqual({ on_sale: false });
  });
});
