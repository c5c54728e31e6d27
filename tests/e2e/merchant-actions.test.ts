import { afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { eventually } from "../support/shop.ts";
import { openOwnShop, type Subscribed } from "../support/own-shop.ts";
import { DAY } from "../support/clock-stack.ts";

// What a merchant does in Stripe's dashboard, and what a customer's bank does.

const { shop, later, subscribed, invoices } = await openOwnShop();
const { stripe } = shop;
const dear = await shop.sell("Dear", { amount: 9_900 });
const ALL = ["pro-1", "pro-2"];

const row = ({ stripeId }: Subscribed) =>
  shop.one(
    `select product_id, price_id, stripe_price_id, quantity::int, status
     from billing.subscriptions where stripe_subscription_id = $1`,
    [stripeId],
  );
const stripePriceOf = async (priceId: string) => {
  const { id } = await shop.one<{ id: string }>(
    "select stripe_price_id as id from billing.product_prices where id = $1",
    [priceId],
  );
  return id;
};
async function change({ stripeId }: Subscribed, price: string, quantity = 1): Promise<void> {
  const { items: { data: [item] } } = await stripe.subscriptions.retrieve(stripeId);
  await stripe.subscriptions.update(stripeId, {
    items: [{ id: item?.id ?? "", price, quantity }],
    proration_behavior: "none",
  });
  await shop.idle();
}

describe("a price that is changed in the dashboard", () => {
  it("takes the subscription to the other product, and its features with it", async () => {
    const bought = await subscribed();
    const before = await shop.status(bought.session);
    const team = await stripePriceOf(shop.team.priceId);
    await change(bought, team, 3);
    expect(await row(bought)).toMatchObject({
      product_id: shop.team.productId,
      price_id: shop.team.priceId,
      stripe_price_id: team,
      quantity: 3,
    });
    const after = await shop.status(bought.session);
    expect(after).toMatchObject({
      subscription: { productId: shop.team.productId, priceId: shop.team.priceId },
      features: ["team-1", "team-2"],
    });
    expect(after.version).toBeGreaterThan(before.version);
  });

  it("that the catalogue does not know leaves product and features, and is kept by its id", async () => {
    const bought = await subscribed();
    const { product } = await stripe.prices.retrieve(await stripePriceOf(shop.pro.priceId));
    const special = await stripe.prices.create({
      currency: "usd",
      unit_amount: 1900,
      recurring: { interval: "month" },
      product: typeof product === "string" ? product : product.id,
    });
    await change(bought, special.id);
    expect(await row(bought)).toMatchObject({
      product_id: shop.pro.productId,
      price_id: shop.pro.priceId,
      stripe_price_id: special.id,
    });
    expect(await shop.status(bought.session)).toMatchObject({ features: ALL });
    expect(
      await shop.query(
        `select type, last_error from billing.webhook_events
       where payload #>> '{data,object,id}' = $1 and status <> 'processed'`,
        [bought.stripeId],
      ),
    ).toEqual([]);
  });
});

const refunded = async ({ session }: Subscribed) => {
  const { amount } = await shop.one<{ amount: number }>(
    "select amount_refunded::int as amount from billing.payment_intents where stripe_payment_intent_id = $1",
    [session.paymentIntentId],
  );
  return amount;
};

const invoiceOf = (intent: string) =>
  shop.one<{ id: string; amount: number }>(
    `select stripe_invoice_id as id, amount_refunded::int as amount from billing.invoices
     where stripe_payment_intent_id = $1`,
    [intent],
  );

/** Has an object's event delivered as if it had not been before. */
async function comesLate(type: string, id: string): Promise<void> {
  const events = await stripe.events.list({ type, limit: 100 }).autoPagingToArray({ limit: 1_000 });
  const event = events.find(({ data: { object } }) => "id" in object && object.id === id);
  await shop.query("delete from billing.webhook_events where stripe_event_id = $1", [event?.id]);
  await shop.admin("POST", `/events/${event?.id}/resend`);
  await shop.idle();
  const { status } = await shop.one<{ status: string }>(
    "select status from billing.webhook_events where stripe_event_id = $1",
    [event?.id],
  );
  expect(status).toBe("processed");
}

describe("a refund in the dashboard", () => {
  it("of the checkout's payment is kept as an amount, and takes no features, in part or in full", async () => {
    const bought = await subscribed();
    const payment_intent = bought.session.paymentIntentId ?? "";
    await stripe.refunds.create({ payment_intent, amount: 900 });
    await shop.idle();
    expect(await refunded(bought)).toBe(900);
    await stripe.refunds.create({ payment_intent });
    await shop.idle();
    expect(await refunded(bought)).toBe(2900);
    expect(await shop.status(bought.session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
      features: ALL,
    });
  });

  it("of a renewal is kept as an amount on its invoice", async () => {
    const bought = await subscribed();
    await later(32 * DAY);
    const intent = (await invoices(bought)).at(-1)?.["intent"];
    await stripe.refunds.create({ payment_intent: String(intent), amount: 500 });
    await shop.idle();
    expect((await invoices(bought)).at(-1)).toMatchObject({
      status: "paid",
      amount_paid: 2900,
      amount_refunded: 500,
    });
    expect(await refunded(bought)).toBe(0);
  });

  it.each<[string, (user: string, first: Subscribed) => Promise<CreateResponse>]>([
    ["returning customer's", (user) => shop.create({ user, priceId: dear.priceId })],
    ["change of price's", async (user, { stripeId }) => {
      const { id } = await shop.one<{ id: string }>(
        "select id from billing.subscriptions where stripe_subscription_id = $1",
        [stripeId],
      );
      const token = await shop.token(user);
      return shop.client.create(token, {
        priceId: dear.priceId,
        existingSubscriptionId: id,
      });
    }],
  ])(
    "of a %s payment is counted once on its invoice, also where that is read late",
    async (_whose, create) => {
      const bought = await subscribed();
      const session = await create(bought.user, bought);
      await shop.pay(session);
      await shop.idle();
      const payment_intent = session.paymentIntentId ?? "";
      const isRefunded = async (amount: number) => {
        await shop.idle();
        expect(await invoiceOf(payment_intent)).toMatchObject({ amount });
        await comesLate("invoice.paid", (await invoiceOf(payment_intent)).id);
        expect(await invoiceOf(payment_intent)).toMatchObject({ amount });
      };
      await stripe.refunds.create({ payment_intent, amount: 900 });
      await isRefunded(900);
      await stripe.refunds.create({ payment_intent });
      await isRefunded(session.totalAmount);
    },
  );

  it("of a payment that was not made here is not kept", async () => {
    const theirs = await stripe.paymentIntents.create({
      amount: 500,
      currency: "usd",
      payment_method: "pm_card_visa",
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    });
    await stripe.refunds.create({ payment_intent: theirs.id });
    await shop.idle();
    const { data: [event] } = await stripe.events.list({ type: "charge.refunded", limit: 1 });
    expect(
      await shop.one(
        "select status, outcome from billing.webhook_events where stripe_event_id = $1",
        [event?.id],
      ),
    ).toEqual({ status: "processed", outcome: "ignored" });
  });
});

const policy = (name: "keep" | "suspend") =>
  shop.query("update billing.organizations set dispute_policy = $2 where id = $1", [
    shop.organizationId,
    name,
  ]);

const bank = async (payment: unknown, what: "open" | "win" | "lose") => {
  await shop.admin("POST", `/disputes/${String(payment)}/${what}`, {});
  await shop.idle();
};

const features = async ({ session }: Subscribed) => (await shop.status(session)).features;

const status = async (payment: unknown) => {
  const { data: [dispute] } = await stripe.disputes.list({ payment_intent: String(payment) });
  const { status: known } = await shop.one<{ status: string }>(
    "select status from billing.disputes where stripe_dispute_id = $1",
    [dispute?.id],
  );
  expect(known).toBe(dispute?.status);
  return known;
};

describe("a dispute", () => {
  afterEach(() => policy("keep"));

  it("that is opened leaves the features, and once it is lost takes them and not the subscription", async () => {
    const bought = await subscribed();
    const payment = bought.session.paymentIntentId;
    await bank(payment, "open");
    expect([await status(payment), await features(bought)]).toEqual(["needs_response", ALL]);
    await bank(payment, "lose");
    expect([await status(payment), await features(bought)]).toEqual(["lost", []]);
    const atStripe = await stripe.subscriptions.retrieve(bought.stripeId);
    expect(atStripe.status).toBe("active");
    await later(32 * DAY);
    expect(await features(bought)).toEqual(ALL);
  });

  it("rests the features until it is won, where the organization says so", async () => {
    await policy("suspend");
    const bought = await subscribed();
    const payment = bought.session.paymentIntentId;
    await bank(payment, "open");
    expect(await features(bought)).toEqual([]);
    await bank(payment, "win");
    expect([await status(payment), await features(bought)]).toEqual(["won", ALL]);
  });

  it("about a renewal is kept beside its invoice", async () => {
    const bought = await subscribed();
    await later(32 * DAY);
    const payment = (await invoices(bought)).at(-1)?.["intent"];
    await bank(payment, "open");
    await bank(payment, "lose");
    expect([await status(payment), await features(bought)]).toEqual(["lost", []]);
    expect(
      await shop.query(
        `select i.stripe_payment_intent_id as intent from billing.disputes d
       join billing.invoices i on i.id = d.invoice_id where i.stripe_payment_intent_id = $1`,
        [payment],
      ),
    ).toEqual([{ intent: payment }]);
  });

  it("that comes with the payment itself does not hinder the checkout", async () => {
    await policy("suspend");
    const session = await shop.create();
    await shop.pay(session, "pm_card_createDispute");
    await shop.idle();
    const seen = await eventually(
      () => shop.status(session),
      ({ status: now }) => now === "succeeded",
    );
    expect(seen).toMatchObject({ subscription: { status: "active" }, features: [] });
    expect(await status(session.paymentIntentId)).toBe("needs_response");
  });
});
