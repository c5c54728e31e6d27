import { randomUUID } from "node:crypto";
import type Stripe from "stripe";
import { afterAll, afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { paidBeside } from "../support/paid-beside.ts";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
afterEach(() => shop.admin("DELETE", "/faults"));

/** A related object's id, as it stands where nothing was expanded. */
function idOf(related: unknown): string {
  if (typeof related !== "string") throw new Error("there is no id");
  return related;
}

async function expectRefunded(session: CreateResponse): Promise<void> {
  await shop.idle();
  const { subscriptions, refunds } = await shop.atStripe(session);
  expect(refunds.map(({ amount }) => amount)).toEqual([2900]);
  expect(subscriptions.filter(({ ended_at: ended }) => ended === null)).toEqual([]);
  expect(await shop.status(session)).toMatchObject({
    status: "failed",
    error: { code: "payment_refunded" },
    features: [],
  });
}

/** Pays and cancels the subscription once it has the status at Stripe, while the answer of the call with that path is held up. */
async function paidAndCanceled(path: string, status: Stripe.Subscription.Status) {
  const session = await shop.create();
  await shop.admin("POST", "/faults", {
    kind: "latency",
    method: "POST",
    path,
    phase: "after",
    ms: 3_000,
    count: 1,
  });
  await shop.payInBrowser(session);
  await vi.waitFor(async () => {
    const { subscriptions: [made] } = await shop.atStripe(session);
    expect(made?.status).toBe(status);
    await shop.stripe.subscriptions.cancel(made?.id ?? "");
  }, { timeout: 60_000 });
  return session;
}

describe("a payment whose subscription Stripe refuses for good", () => {
  it("goes back where the price was archived at Stripe meanwhile, and no event has told of it yet", async () => {
    const session = await shop.create({ priceId: shop.team.priceId });
    const { id } = await shop.one<{ id: string }>(
      "select stripe_price_id as id from billing.product_prices where id = $1",
      [shop.team.priceId],
    );
    await shop.idle();
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    onTestFinished(async () => {
      await shop.admin("DELETE", "/faults");
      await shop.stripe.prices.update(id, { active: true });
    });
    await shop.stripe.prices.update(id, { active: false });
    expect(await refusal(shop.pay(session))).toMatchObject({
      status: 409,
      code: "payment_refunded",
    });
    await expectRefunded(session);
  });
});

describe("a payment in another currency than its customer has come to have", () => {
  it("goes back at once: Stripe would refuse the subscription each time", async () => {
    const user = randomUUID();
    const { priceId } = await shop.sell("Euro", { amount: 2_900, currency: "eur" });
    const [euros, dollars] = [await shop.create({ user, priceId }), await shop.create({ user })];
    await shop.pay(dollars);
    expect(await refusal(shop.pay(euros))).toMatchObject({ status: 409, code: "payment_refunded" });
    await expectRefunded(euros);
  });
});

describe("a returning customer whom Stripe no longer has", () => {
  it("buys again as a new one", async () => {
    const user = randomUUID();
    const first = await shop.create({ user });
    await shop.pay(first);
    await shop.idle();
    const { subscriptions: [bought] } = await shop.atStripe(first);
    await shop.stripe.customers.del(idOf(bought?.customer));
    await shop.idle();

    const again = await shop.create({ user, priceId: shop.team.priceId });
    expect(await shop.pay(again)).toMatchObject({ status: "active" });
    const { subscriptions: [next] } = await shop.atStripe(again);
    expect(next?.customer).not.toBe(bought?.customer);
  });
});

describe("an organization that connects an account", () => {
  it("sells to its returning customers there", async () => {
    const mover = await openShop(stack());
    try {
      const user = randomUUID();
      await mover.pay(await mover.create({ user }));
      const account = `acct_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
      await mover.admin("POST", "/accounts", { id: account });
      await mover.query("update billing.organizations set stripe_account_id = $2 where id = $1", [
        mover.organizationId,
        account,
      ]);
      const product = await mover.stripe.products.create({ name: "Team" }, {
        stripeAccount: account,
      });
      const price = await mover.stripe.prices.create({
        product: product.id,
        currency: "usd",
        unit_amount: 2900,
        recurring: { interval: "month" },
      }, { stripeAccount: account });
      await mover.query("update billing.product_prices set stripe_price_id = $2 where id = $1", [
        mover.team.priceId,
        price.id,
      ]);
      const session = await mover.create({ user, priceId: mover.team.priceId });
      expect(await mover.pay(session)).toMatchObject({ status: "active" });
    } finally {
      await mover.close();
    }
  });
});

describe("a subscription that is canceled while its session is being completed", () => {
  it("ends up canceled, with no features, where its invoice was paid before", async () => {
    const session = await paidAndCanceled("/v1/invoices/*/pay", "active");
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "canceled" },
      features: [],
    });
  });

  it("is given back where its invoice was not paid yet", async () => {
    const session = await paidAndCanceled("/v1/subscriptions", "incomplete");
    await expectRefunded(session);
    expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
  });
});

describe("a first invoice that its customer pays beside the session", () => {
  it("keeps neither payment: nobody pays twice for one period", async () => {
    const session = await shop.create();
    const beside = await paidBeside(shop, session);
    await expectRefunded(session);
    expect(beside).not.toBe(session.paymentIntentId);
    const { data: refunds } = await shop.stripe.refunds.list({ payment_intent: beside });
    expect(refunds.map(({ amount }) => amount)).toEqual([2900]);
  });

  it("leaves no subscription that charges again, also where the bank has taken the other payment back", async () => {
    const session = await shop.create();
    const beside = await paidBeside(shop, session, "pm_card_createDispute");
    await expectRefunded(session);
    // Stripe refunds no disputed payment: https://docs.stripe.com/error-codes
    expect((await shop.stripe.refunds.list({ payment_intent: beside })).data).toEqual([]);
  });

  it.each([["owed", 500], ["had in credit", -500]])(
    "leaves what its customer %s as it was, with which the invoice was settled",
    async (_what, amount) => {
      const user = randomUUID();
      const first = await shop.create({ user });
      await shop.pay(first);
      const { subscriptions: [bought] } = await shop.atStripe(first);
      const customer = idOf(bought?.customer);
      await shop.stripe.customers.createBalanceTransaction(customer, { amount, currency: "usd" });
      const session = await shop.create({ user, priceId: shop.team.priceId });
      expect(session.adjustmentAmount).toBe(amount);
      await paidBeside(shop, session);
      expect(await shop.status(session)).toMatchObject({ error: { code: "payment_refunded" } });
      expect(await shop.stripe.customers.retrieve(customer)).toMatchObject({ balance: amount });
    },
  );
});

describe("a subscription that appears for a session whose money went back", () => {
  it("is ended before it charges", async () => {
    const user = randomUUID();
    const sessions = [await shop.create({ user }), await shop.create({ user })] as const;
    await shop.pay(sessions[0]);
    await shop.payInBrowser(sessions[1]);
    await expectRefunded(sessions[1]);
    // As a run would that had planned before, was slow, and died after this call.
    const { subscriptions: [first] } = await shop.atStripe(sessions[0]);
    await shop.stripe.subscriptions.create({
      customer: idOf(first?.customer),
      items: [{ price: String(first?.items.data[0]?.price.id) }],
      default_payment_method: idOf(first?.default_payment_method),
      metadata: { checkout_session_id: sessions[1].id },
    });
    await shop.idle();
    const { subscriptions } = await shop.atStripe(sessions[1]);
    expect(subscriptions.map(({ status }) => status)).toEqual(["canceled"]);
  });

  it("is ended too where the session has ended well in another, whoever made it", async () => {
    const session = await shop.create();
    await shop.pay(session);
    const { subscriptions: [own] } = await shop.atStripe(session);
    const second = await copyOf(own, own?.items.data[0]?.price.id);
    await shop.idle();
    expect((await shop.stripe.subscriptions.retrieve(second.id)).status).toBe("canceled");
    expect((await shop.stripe.subscriptions.retrieve(own?.id ?? "")).status).toBe("active");
  });

  it("leaves no bill that could be paid, also where that was given up before", async () => {
    const session = await shop.create();
    await shop.pay(session);
    const { subscriptions: [own] } = await shop.atStripe(session);
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const second = await shop.stripe.subscriptions.create({
      customer: idOf(own?.customer),
      items: [{ price: own?.items.data[0]?.price.id ?? "" }],
      payment_behavior: "default_incomplete",
      metadata: { ...own?.metadata },
    });
    await shop.stripe.invoices.markUncollectible(idOf(second.latest_invoice));
    await shop.admin("DELETE", "/faults");
    await shop.stripe.subscriptions.update(second.id, { metadata: { told: "of" } });
    await shop.idle();
    expect(await shop.stripe.invoices.retrieve(idOf(second.latest_invoice)))
      .toMatchObject({ status: "void" });
  });

  it("is left alone where it only carries a copy of another session's label", async () => {
    const session = await shop.create();
    await shop.pay(session);
    const { subscriptions: [own] } = await shop.atStripe(session);
    const { id: otherPrice } = await shop.one<{ id: string }>(
      "select stripe_price_id as id from billing.product_prices where id = $1",
      [shop.team.priceId],
    );
    const copy = await copyOf(own, otherPrice);
    await shop.stripe.subscriptions.update(copy.id, { cancel_at_period_end: true });
    await shop.idle();
    expect((await shop.stripe.subscriptions.retrieve(copy.id)).status).toBe("active");
  });
});

/** A subscription with the customer, the card and the label of another. */
const copyOf = (own: Stripe.Subscription | undefined, price: string | undefined) =>
  shop.stripe.subscriptions.create({
    customer: idOf(own?.customer),
    items: [{ price: price ?? "" }],
    default_payment_method: idOf(own?.default_payment_method),
    metadata: { ...own?.metadata },
  });
