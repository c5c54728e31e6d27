import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { refusal } from "../support/shop.ts";
import { DAY, endAll, letPass, openClockStack } from "../support/clock-stack.ts";

const { openShop } = await openClockStack();
const shop = await openShop();
const { productId } = shop.pro;
const basic = await shop.sell("Basic", { amount: 1_000 });
const team = await shop.sell("Crew", { amount: 5_000 });
const yearly = await shop.sell("Pro", { productId, amount: 29_000, interval: "year" });
const tried = await shop.sell("Tried", { amount: 2_000, trialDays: 14 });
const free = await shop.sell("Free", { amount: 0 });
const freeToo = await shop.sell("Freer", { amount: 0 });
const euros = await shop.sell("Euro", { amount: 3_000, currency: "eur" });
afterEach(() => endAll(shop));

const later = (seconds: number) => letPass(shop, seconds);

interface Subscribed {
  readonly user: string;
  readonly first: CreateResponse;
  readonly subscriptionId: string;
  readonly stripeId: string;
  readonly customer: string;
}

async function subscribed(priceId: string = shop.pro.priceId): Promise<Subscribed> {
  const user = randomUUID();
  const first = await shop.create({ user, priceId });
  const { subscriptionId = "" } = await shop.pay(first);
  await shop.idle();
  const { stripe_subscription_id: stripeId } = await shop.one<{ stripe_subscription_id: string }>(
    "select stripe_subscription_id from billing.subscriptions where id = $1",
    [subscriptionId],
  );
  const { customer } = await shop.stripe.subscriptions.retrieve(stripeId);
  if (typeof customer !== "string") throw new Error("the customer came expanded");
  return { user, first, subscriptionId, stripeId, customer };
}

async function change(
  { user, subscriptionId }: Pick<Subscribed, "user" | "subscriptionId">,
  priceId: string,
  idempotencyKey?: string,
) {
  const token = await shop.token(user);
  const session = await shop.client.create(
    token,
    { priceId, existingSubscriptionId: subscriptionId },
    idempotencyKey,
  );
  return { token, session };
}

/** What has been taken from a customer and not given back, in minor units, through whatever intent or invoice. */
async function paid(customer: string): Promise<number> {
  const { data } = await shop.stripe.charges.list({ customer, limit: 100 });
  return data.filter((charge) => charge.paid)
    .reduce((total, charge) => total + charge.amount - charge.amount_refunded, 0);
}
/** The same with the first payment, which came before there was a customer. */
async function paidInAll({ customer, first }: Subscribed): Promise<number> {
  return await paid(customer) + first.totalAmount;
}

const rowsOf = ({ subscriptionId }: Pick<Subscribed, "subscriptionId">) =>
  shop.query<{ status: string; price_id: string; product_id: string }>(
    "select status, price_id, product_id from billing.subscriptions where id = $1",
    [subscriptionId],
  );

describe("an upgrade to a dearer price of the same rhythm", () => {
  it("is paid as previewed, once, and later periods at the new price", async () => {
    const customer = await subscribed();
    await later(10 * DAY);
    const { session } = await change(customer, team.priceId);
    const { proration } = session;
    expect(session).toMatchObject({ checkoutMode: "change", amount: 5_000, trialDays: 0 });
    expect(proration?.total).toBe(session.totalAmount);
    expect(proration?.explanation).toContain("difference is due now");
    expect((proration?.charged ?? 0) - (proration?.credited ?? 0)).toBe(session.totalAmount);
    // Two thirds of the month are left, give or take its length.
    expect(session.totalAmount).toBeGreaterThan(2_100 * 0.63);
    expect(session.totalAmount).toBeLessThan(2_100 * 0.7);

    expect(await shop.pay(session)).toMatchObject({
      success: true,
      status: "active",
      subscriptionId: customer.subscriptionId,
    });
    await shop.idle();
    expect(await paidInAll(customer)).toBe(2_900 + session.totalAmount);
    const subscription = await shop.stripe.subscriptions.retrieve(customer.stripeId);
    expect(subscription.metadata["checkout_session_id"]).toBe(customer.first.id);
    const { data: all } = await shop.stripe.subscriptions.list({ customer: customer.customer });
    expect(all).toHaveLength(1);
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      checkoutMode: "change",
      subscription: {
        id: customer.subscriptionId,
        priceId: team.priceId,
        productId: team.productId,
      },
      features: ["crew-1", "crew-2"],
    });
    // The first session shows the same subscription.
    expect(await shop.status(customer.first)).toMatchObject({
      subscription: { priceId: team.priceId },
      features: ["crew-1", "crew-2"],
    });

    await later(31 * DAY);
    expect(await paidInAll(customer)).toBe(2_900 + session.totalAmount + 5_000);
    await later(31 * DAY);
    expect(await paidInAll(customer)).toBe(2_900 + session.totalAmount + 10_000);
  });

  it("is previewed once: whoever asks again is told the same, and pays the same intent", async () => {
    const customer = await subscribed();
    await later(5 * DAY);
    const token = await shop.token(customer.user);
    const ask = () =>
      shop.client.create(token, {
        priceId: team.priceId,
        existingSubscriptionId: customer.subscriptionId,
      });
    const session = await ask();
    await later(3_000);
    expect(await ask()).toEqual(session);
    const another = await change(customer, team.priceId);
    expect(another.session.id).not.toBe(session.id);
    expect(another.session.totalAmount).toBeLessThan(session.totalAmount);
  });

  it("is one change, whether confirm or webhook comes first, and however often", async () => {
    const customer = await subscribed();
    const { session } = await change(customer, team.priceId);
    await shop.admin("POST", "/faults", {
      kind: "webhook_duplicate",
      type: "payment_intent.succeeded",
      copies: 2,
    });
    await Promise.all(
      [shop.payInBrowser(session), shop.payInBrowser(session)].map((pay) =>
        pay.catch(() => undefined)
      ),
    );
    const answers = await Promise.all([shop.pay(session), shop.pay(session)]);
    await shop.idle();
    expect(answers.map(({ success }) => success)).toEqual([true, true]);
    expect(await paidInAll(customer)).toBe(2_900 + session.totalAmount);
    expect(await rowsOf(customer)).toEqual([
      { status: "active", price_id: team.priceId, product_id: team.productId },
    ]);
  });
});

describe("a change to another rhythm", () => {
  it("from month to year begins a year, which is paid once", async () => {
    const customer = await subscribed();
    await later(10 * DAY);
    const { session } = await change(customer, yearly.priceId);
    const { credited = 0, charged = 0 } = session.proration ?? {};
    expect(charged).toBe(29_000);
    expect(credited).toBeGreaterThan(2_900 * 0.63);
    expect(credited).toBeLessThan(2_900 * 0.7);
    await shop.pay(session);
    await shop.idle();
    expect(await paidInAll(customer)).toBe(2_900 + 29_000 - credited);
    const { subscription } = await shop.status(session);
    const { currentPeriodStart = "", currentPeriodEnd = "" } = subscription ?? {};
    const days = (Date.parse(currentPeriodEnd) - Date.parse(currentPeriodStart)) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(365);
    const { data: [invoice] } = await shop.stripe.invoices.list({
      subscription: customer.stripeId,
      limit: 1,
    });
    // Stripe's own invoice is for what was shown and paid.
    expect(invoice).toMatchObject({
      total: session.totalAmount,
      amount_due: session.totalAmount,
      status: "paid",
    });

    await later(200 * DAY);
    expect(await paidInAll(customer)).toBe(2_900 + 29_000 - credited);
    await later(170 * DAY);
    expect(await paidInAll(customer)).toBe(2_900 + 29_000 - credited + 29_000);
  });

  it("from year to month owes nothing, and the credit pays the months to come", async () => {
    const customer = await subscribed(yearly.priceId);
    await later(5 * DAY);
    const { token, session } = await change(customer, shop.pro.priceId);
    expect(session).toMatchObject({ clientSecret: "", paymentIntentId: null, totalAmount: 0 });
    expect(session.proration?.total).toBeLessThan(-25_000);
    expect(await shop.client.confirmFree(token, session.id)).toMatchObject({ status: "active" });
    await later(100 * DAY);
    expect(await paidInAll(customer)).toBe(29_000);
    expect(await shop.status(session)).toMatchObject({
      subscription: { priceId: shop.pro.priceId, status: "active" },
    });
  });
});

describe("a downgrade", () => {
  it("needs no card, changes once, and what is left of the dearer price counts toward the next invoice", async () => {
    const customer = await subscribed();
    await later(10 * DAY);
    const { token, session } = await change(customer, basic.priceId);
    expect(session).toMatchObject({
      checkoutMode: "change",
      clientSecret: "",
      paymentIntentId: null,
      amount: 1_000,
      totalAmount: 0,
    });
    const { total = 0 } = session.proration ?? {};
    expect(total).toBeLessThan(-1_900 * 0.63);
    expect(total).toBeGreaterThan(-1_900 * 0.7);
    const answers = await Promise.all(
      [1, 2, 3].map(() => shop.client.confirmFree(token, session.id)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["active"]));
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { priceId: basic.priceId },
      features: ["basic-1", "basic-2"],
    });
    expect(await paidInAll(customer)).toBe(2_900);
    await later(85 * DAY);
    // Three renewals at the new price, less the credit.
    expect(await paidInAll(customer)).toBe(2_900 + 3_000 + total);
  });

  it("is its owner's alone to confirm", async () => {
    const customer = await subscribed();
    const { session } = await change(customer, basic.priceId);
    expect(await refusal(shop.client.confirmFree(await shop.token(), session.id)))
      .toMatchObject({ status: 404, code: "session_not_found" });
    expect(await rowsOf(customer)).toMatchObject([{ price_id: shop.pro.priceId }]);
  });

  it("cannot stand in for the payment of an upgrade", async () => {
    const customer = await subscribed();
    const { token, session } = await change(customer, team.priceId);
    expect(await refusal(shop.client.confirmFree(token, session.id)))
      .toMatchObject({ status: 400, code: "not_free" });
  });
});

describe("a trial", () => {
  it("goes on at the new price, and nothing is charged before its end", async () => {
    const customer = await subscribed(tried.priceId);
    const before = await shop.status(customer.first);
    const { token, session } = await change(customer, team.priceId);
    expect(session).toMatchObject({ clientSecret: "", totalAmount: 0, proration: { total: 0 } });
    expect(await shop.client.confirmFree(token, session.id)).toMatchObject({ status: "trialing" });
    const after = await shop.status(session);
    expect(after.subscription?.trialEnd).toBe(before.subscription?.trialEnd);
    expect(await paid(customer.customer)).toBe(0);
    await later(16 * DAY);
    expect(await paid(customer.customer)).toBe(5_000);
  });
});

async function onFreePlan() {
  const user = randomUUID();
  const token = await shop.token(user);
  const first = await shop.client.create(token, { priceId: free.priceId });
  const { subscriptionId = "" } = await shop.client.confirmFree(token, first.id);
  return { user, first, subscriptionId };
}

describe("a free subscription", () => {
  it("becomes the paid one: the same row, a first period paid once, later ones by Stripe", async () => {
    const customer = await onFreePlan();
    const { session } = await change(customer, team.priceId);
    expect(session).toMatchObject({
      checkoutMode: "change",
      totalAmount: 5_000,
      proration: { credited: 0, charged: 5_000, total: 5_000 },
    });
    expect(await shop.pay(session)).toMatchObject({
      status: "active",
      subscriptionId: customer.subscriptionId,
    });
    await shop.idle();
    expect(await shop.status(customer.first)).toMatchObject({
      subscription: { priceId: team.priceId },
      features: ["crew-1", "crew-2"],
    });
    const { subscriptions: [made] } = await shop.atStripe(session);
    const stripeCustomer = typeof made?.customer === "string" ? made.customer : "";
    expect(await paid(stripeCustomer)).toBe(0);
    await later(32 * DAY);
    expect(await paid(stripeCustomer)).toBe(5_000);
  });

  it("may become another free one, without a card", async () => {
    const customer = await onFreePlan();
    const { token, session } = await change(customer, freeToo.priceId);
    expect(session).toMatchObject({ clientSecret: "", totalAmount: 0, proration: { total: 0 } });
    await shop.client.confirmFree(token, session.id);
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { id: customer.subscriptionId, priceId: freeToo.priceId },
      features: ["freer-1", "freer-2"],
    });
  });
});

describe("of two changes of one subscription", () => {
  it("the first paid is made, and the other's money goes back", async () => {
    const customer = await subscribed();
    await later(3 * DAY);
    const one = await change(customer, team.priceId);
    const other = await change(customer, yearly.priceId);
    await Promise.all([shop.payInBrowser(one.session), shop.payInBrowser(other.session)]);
    await Promise.allSettled([shop.pay(one.session), shop.pay(other.session)]);
    await shop.idle();
    const ends = await Promise.all([shop.status(one.session), shop.status(other.session)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["failed", "succeeded"]);
    const won = ends.find(({ status }) => status === "succeeded");
    expect(ends.find(({ status }) => status === "failed")?.error?.code).toBe("payment_refunded");
    expect(await paidInAll(customer)).toBe(2_900 + (won?.totalAmount ?? 0));
    const subscription = await shop.stripe.subscriptions.retrieve(customer.stripeId);
    expect(subscription.items.data[0]?.price.unit_amount).toBe(won?.amount);
    expect(await rowsOf(customer)).toMatchObject([{ price_id: won?.subscription?.priceId }]);
  });

  it("the later confirm is refused before anything is charged", async () => {
    const customer = await subscribed();
    const one = await change(customer, team.priceId);
    const other = await change(customer, yearly.priceId);
    const third = await change(customer, basic.priceId);
    await shop.pay(one.session);
    expect(await refusal(shop.pay(other.session)))
      .toMatchObject({ status: 409, code: "subscription_changed" });
    expect(await refusal(shop.client.confirmFree(third.token, third.session.id)))
      .toMatchObject({ status: 409, code: "subscription_changed" });
    expect(await paidInAll(customer)).toBe(2_900 + one.session.totalAmount);
  });
});

describe("money for a change that can no longer be made goes back", () => {
  it("when the subscription was canceled before the payment", async () => {
    const customer = await subscribed();
    const { session } = await change(customer, team.priceId);
    await shop.stripe.subscriptions.cancel(customer.stripeId);
    await shop.idle();
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "failed",
      error: { code: "payment_refunded" },
    });
    expect(await paidInAll(customer)).toBe(2_900);
  });

  it("when Stripe's dashboard has given the subscription another price", async () => {
    const customer = await subscribed();
    const { session } = await change(customer, team.priceId);
    const { stripe_price_id: price } = await shop.one<{ stripe_price_id: string }>(
      "select stripe_price_id from billing.product_prices where id = $1",
      [basic.priceId],
    );
    const before = await shop.stripe.subscriptions.retrieve(customer.stripeId);
    await shop.stripe.subscriptions.update(customer.stripeId, {
      items: [{ id: before.items.data[0]?.id ?? "", price }],
      proration_behavior: "none",
    });
    await shop.idle();
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({ status: "failed" });
    expect(await paidInAll(customer)).toBe(2_900);
    const { items } = await shop.stripe.subscriptions.retrieve(customer.stripeId);
    expect(items.data[0]?.price.id).toBe(price);
  });
});

describe("a change that is paid after the period was renewed would cost another amount: the money goes back", () => {
  it.each([["of the same rhythm", team], ["of another rhythm", yearly]])(
    "%s",
    async (_what, { priceId }) => {
      const customer = await subscribed();
      await later(29 * DAY);
      const { session } = await change(customer, priceId);
      await later(3 * DAY);
      await shop.payInBrowser(session);
      await shop.idle();
      expect(await shop.status(session)).toMatchObject({
        status: "failed",
        error: { code: "payment_refunded" },
      });
      expect(await rowsOf(customer)).toMatchObject([
        { status: "active", price_id: shop.pro.priceId },
      ]);
      // The first period and its renewal.
      expect(await paidInAll(customer)).toBe(2_900 + 2_900);
    },
  );
});

describe("create refuses to change", () => {
  it.each<[string, () => Promise<unknown>, number, string]>([
    [
      "another customer's subscription",
      async () => {
        const { subscriptionId } = await subscribed();
        return change({ user: randomUUID(), subscriptionId }, team.priceId);
      },
      404,
      "subscription_not_found",
    ],
    [
      "a subscription that nobody has",
      () => change({ user: randomUUID(), subscriptionId: randomUUID() }, team.priceId),
      404,
      "subscription_not_found",
    ],
    [
      "to the price that it has",
      async () => change(await subscribed(), shop.pro.priceId),
      409,
      "already_on_price",
    ],
    [
      "to another currency",
      async () => change(await subscribed(), euros.priceId),
      400,
      "currency_mismatch",
    ],
    [
      "from a paid price to a free one",
      async () => change(await subscribed(), free.priceId),
      400,
      "change_to_free",
    ],
    [
      "a subscription that has ended",
      async () => {
        const customer = await subscribed();
        await shop.stripe.subscriptions.cancel(customer.stripeId);
        await shop.idle();
        return change(customer, team.priceId);
      },
      409,
      "subscription_ended",
    ],
    [
      "a subscription of which a payment is overdue",
      async () => {
        const customer = await subscribed();
        const card = await shop.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
          customer: customer.customer,
        });
        await shop.stripe.subscriptions.update(customer.stripeId, {
          default_payment_method: card.id,
        });
        await later(32 * DAY);
        return change(customer, team.priceId);
      },
      409,
      "payment_overdue",
    ],
    [
      "to a product that the customer has by another subscription",
      async () => {
        const customer = await subscribed();
        const other = await shop.create({ user: customer.user, priceId: team.priceId });
        await shop.pay(other);
        return change(customer, team.priceId);
      },
      409,
      "already_subscribed",
    ],
  ])("%s", async (_what, attempt, status, code) => {
    expect(await refusal(attempt())).toMatchObject({ status, code });
  });
});
