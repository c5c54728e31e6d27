import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { eventually, openShop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { idOf } from "../catalogue/shelf.ts";
import { openOldSystem } from "./old-system.ts";

// What the old rows do not say in one way only, or Stripe says otherwise, stays behind with its reason and stops nobody else.

const shop = await openShop(stack());
afterAll(() => shop.close());
const old = await openOldSystem(stack(), shop);
const pro = await old.stripePriceOf(shop.pro.priceId);
const team = await old.stripePriceOf(shop.team.priceId);

beforeEach(async () => {
  await old.empty();
});

const importedHere = async () =>
  (await shop.query<{ id: string }>(
    `select stripe_subscription_id as id from billing.subscriptions
     where organization_id = $1 and imported_at is not null`,
    [shop.organizationId],
  )).map(({ id }) => id);

type Case = readonly [
  what: string,
  reason: string,
  arrange: () => Promise<{ readonly id: string; readonly stripeId: string }>,
];
const cases: readonly Case[] = [
  ["a price that the catalogue does not have", "price_unknown", async () => {
    const { id: product } = await shop.stripe.products.create({ name: "Another" });
    const price = await shop.stripe.prices.create({
      product,
      currency: "usd",
      unit_amount: 500,
      recurring: { interval: "month" },
    });
    return old.subscription(await old.customer(), price.id);
  }],
  [
    "an id that Stripe does not know under this key, such as the other mode's",
    "not_at_stripe",
    async () => {
      const { id: customer_id } = await old.customer();
      const stripeId = `sub_${randomUUID().replaceAll("-", "")}`;
      const id = await old.insert("subscriptions", {
        customer_id,
        stripe_subscription_id: stripeId,
      });
      return { id, stripeId };
    },
  ],
  ["another customer at Stripe than its row says", "other_customer_at_stripe", async () => {
    const [one, other] = [await old.customer(), await old.customer()];
    return old.subscription({ ...other, id: one.id }, pro);
  }],
  [
    "a customer who was deleted there and is billed on",
    "customer_deleted",
    async () => old.subscription(await old.customer({ deleted_at: new Date() }), pro),
  ],
  [
    "a customer without an external id",
    "customer_left",
    async () => old.subscription(await old.customer({ external_id: null }), pro),
  ],
  [
    "no customer",
    "no_customer",
    async () => old.subscription({ ...await old.customer(), id: null }, pro),
  ],
  ["a second one to the same product", "already_subscribed", async () => {
    const customer = await old.customer();
    await old.subscription(customer, pro);
    const { now: made } = await shop.clock();
    await eventually(() => shop.clock(), ({ now }) => now > made);
    return old.subscription(customer, pro);
  }],
  ["two prices of the catalogue", "several_prices", async () => {
    const customer = await old.customer();
    const { id: stripeId } = await shop.stripe.subscriptions.create({
      customer: customer.stripeId,
      items: [{ price: pro }, { price: team }],
      default_payment_method: customer.card,
    });
    const row = { customer_id: customer.id, stripe_subscription_id: stripeId };
    return { id: await old.insert("subscriptions", row), stripeId };
  }],
  ["no first payment yet", "incomplete", async () => {
    const customer = await old.customer();
    const { id: stripeId } = await shop.stripe.subscriptions.create({
      customer: customer.stripeId,
      items: [{ price: pro }],
      payment_behavior: "default_incomplete",
    });
    const row = { customer_id: customer.id, stripe_subscription_id: stripeId };
    return { id: await old.insert("subscriptions", row), stripeId };
  }],
  ["a checkout here that made it", "of_a_checkout", async () => {
    const user = randomUUID();
    const session = await shop.create({ user });
    await shop.pay(session);
    await shop.idle();
    const { subscriptions: [one] } = await shop.atStripe(session);
    const { id: customer_id } = await old.customer({
      stripe_customer_id: idOf(one?.customer),
      external_id: user,
    });
    // It has a row, which is its checkout's.
    const id = await old.insert("subscriptions", { customer_id, stripe_subscription_id: one?.id });
    return { id, stripeId: one?.id ?? "" };
  }],
];

describe("a subscription with", () => {
  it.each(cases)("%s stays behind, and its neighbor comes over", async (_what, reason, arrange) => {
    const bad = await arrange();
    const good = await old.subscription(await old.customer(), pro);
    const { code, left, subscriptions } = await old.applied();
    expect(left).toContainEqual(expect.objectContaining({ id: bad.id, reason }));
    expect([code, subscriptions["left"]]).toEqual([1, 1]);
    const here = await importedHere();
    expect(here).toContain(good.stripeId);
    expect(here).not.toContain(bad.stripeId);
  });

  it("its end behind it comes over as one that ended, so that no trial is given twice", async () => {
    const tried = await shop.sell("Tried", { trialDays: 7 });
    const customer = await old.customer();
    const { stripeId } = await old.subscription(customer, await old.stripePriceOf(tried.priceId));
    await shop.stripe.subscriptions.cancel(stripeId);
    expect(await old.applied()).toMatchObject({ code: 0, subscriptions: { imported: 1, left: 0 } });
    expect(
      await shop.one(
        `select sub.status, (select count(*)::int from billing.feature_grants g where g.subscription_id = sub.id) as grants
         from billing.subscriptions sub where sub.stripe_subscription_id = $1`,
        [stripeId],
      ),
    ).toEqual({ status: "canceled", grants: 0 });
    const offered = ({ user }: { user: string }) =>
      shop.create({ user, priceId: tried.priceId }).then(({ checkoutMode }) => checkoutMode);
    expect(await offered(customer)).toBe("standard");
    expect(await offered({ user: randomUUID() })).toBe("trial");
  });
});
