import { afterEach, describe, expect, it } from "vitest";
import { openOwnShop } from "../support/own-shop.ts";
import { DAY } from "../support/clock-stack.ts";

const own = await openOwnShop();
const { shop, later, subscribed, failFromNowOn, payOwed, invoices } = own;
const ALL = ["pro-1", "pro-2"];

const grace = (days: number | null) =>
  shop.query("update billing.organizations set past_due_grace_days = $2 where id = $1", [
    shop.organizationId,
    days,
  ]);
afterEach(async () => {
  await grace(null);
  await shop.admin("POST", "/billing", { after_retries: "cancel" });
});

describe("an invoice of a subscription", () => {
  it("is kept as Stripe has it, through every renewal", async () => {
    const bought = await subscribed();
    await later(32 * DAY);
    await later(31 * DAY);
    const { data } = await shop.stripe.invoices.list({
      subscription: bought.stripeId,
      limit: 100,
    });
    const atStripe = data.toReversed().map((invoice) => ({
      id: invoice.id,
      number: invoice.number,
      status: invoice.status,
      amount_paid: invoice.amount_paid,
      billing_reason: invoice.billing_reason,
      paid_at: invoice.status_transitions.paid_at,
    }));
    // The checkout's own payment has one too.
    expect(atStripe.filter(({ amount_paid }) => amount_paid === 2900)).toHaveLength(3);
    expect(await invoices(bought)).toMatchObject(atStripe);
  });

  it("tells how often it was tried and when it is tried next, until it is paid", async () => {
    const bought = await subscribed();
    await failFromNowOn(bought);
    await later(32 * DAY);
    expect((await invoices(bought)).at(-1)).toMatchObject({
      status: "open",
      attempt_count: 1,
      amount_paid: 0,
      paid_at: null,
      next_payment_attempt: expect.any(Number) as unknown,
    });
    await later(4 * DAY);
    expect((await invoices(bought)).at(-1)).toMatchObject({ status: "open", attempt_count: 2 });
    await payOwed(bought);
    expect((await invoices(bought)).at(-1)).toMatchObject({
      status: "paid",
      amount_paid: 2900,
      next_payment_attempt: null,
    });
  });

  it("is kept where the merchant gave it up", async () => {
    const bought = await subscribed();
    await failFromNowOn(bought);
    await later(32 * DAY);
    const { data: [owed] } = await shop.stripe.invoices.list({
      subscription: bought.stripeId,
      status: "open",
    });
    await shop.stripe.invoices.voidInvoice(owed?.id ?? "");
    await shop.idle();
    expect((await invoices(bought)).at(-1)).toMatchObject({ id: owed?.id, status: "void" });
  });

  it("of a subscription that nobody bought here is not kept", async () => {
    const { customer, stripeId } = await subscribed();
    const { default_payment_method: card } = await shop.stripe.subscriptions.retrieve(stripeId);
    const { stripe_price_id: price } = await shop.one<{ stripe_price_id: string }>(
      "select stripe_price_id from billing.product_prices where id = $1",
      [shop.pro.priceId],
    );
    const theirs = await shop.stripe.subscriptions.create({
      customer,
      items: [{ price }],
      default_payment_method: typeof card === "string" ? card : "",
    });
    await shop.idle();
    expect(theirs.latest_invoice).not.toBeNull();
    expect(
      await shop.query("select 1 from billing.invoices where stripe_invoice_id = $1", [
        theirs.latest_invoice,
      ]),
    ).toEqual([]);
    expect(await invoices({ stripeId: theirs.id })).toEqual([]);
  });
});

describe("a subscription that is past due", () => {
  it("loses its features at once where there is no grace, and has them back at once when it is paid", async () => {
    await grace(0);
    const bought = await subscribed();
    await failFromNowOn(bought);
    await later(32 * DAY);
    expect(await shop.status(bought.session)).toMatchObject({
      subscription: { status: "past_due" },
      features: [],
    });
    await payOwed(bought);
    expect(await shop.status(bought.session)).toMatchObject({
      subscription: { status: "active" },
      features: ALL,
    });
  });

  it("loses its features when its grace period has ended, by reconcile and with no event", async () => {
    await grace(3);
    const bought = await subscribed();
    await failFromNowOn(bought);
    await later(32 * DAY);
    const before = await shop.status(bought.session);
    expect(before).toMatchObject({ subscription: { status: "past_due" }, features: ALL });
    expect((await own.reconcile()).grants).toEqual({ expired: 0 });
    // The database's clock is not Stripe's: what was heard, and the grace that follows from it, are moved into its past.
    await shop.query(
      `with owing as (
         update billing.subscriptions set past_due_since = now() - interval '4 days'
         where stripe_subscription_id = $1 returning id
       ) update billing.feature_grants g set expires_at = now() - interval '1 day'
         from owing where g.subscription_id = owing.id`,
      [bought.stripeId],
    );
    expect((await own.reconcile()).grants).toEqual({ expired: 1 });
    expect(await shop.status(bought.session)).toMatchObject({
      version: before.version + 1,
      subscription: { status: "past_due" },
      features: [],
    });
    await payOwed(bought);
    expect(await shop.status(bought.session)).toMatchObject({ features: ALL });
  });

  it.each([
    ["unpaid", []],
    ["past_due", ALL],
    ["cancel", []],
  ])("after the last attempt follows the account's setting %s", async (setting, features) => {
    await shop.admin("POST", "/billing", { after_retries: setting });
    const bought = await subscribed();
    await failFromNowOn(bought);
    await later(32 * DAY);
    await later(20 * DAY);
    expect(await shop.status(bought.session)).toMatchObject({
      subscription: { status: setting === "cancel" ? "canceled" : setting },
      features,
    });
  });
});

describe("a cancellation", () => {
  it("at the period's end can be taken back, and the subscription renews", async () => {
    const bought = await subscribed();
    for (const cancel_at_period_end of [true, false]) {
      await shop.stripe.subscriptions.update(bought.stripeId, { cancel_at_period_end });
      await shop.idle();
      expect(await shop.status(bought.session)).toMatchObject({
        subscription: { status: "active", cancelAtPeriodEnd: cancel_at_period_end },
        features: ALL,
      });
    }
    await later(32 * DAY);
    expect(await shop.status(bought.session)).toMatchObject({ subscription: { status: "active" } });
    expect((await invoices(bought)).at(-1)).toMatchObject({ status: "paid", amount_paid: 2900 });
  });
});

describe("a trial that the merchant gave", () => {
  it("is marked when Stripe tells that its end is near", async () => {
    const bought = await subscribed();
    const { now } = await shop.clock();
    await shop.stripe.subscriptions.update(bought.stripeId, {
      trial_end: now + 5 * DAY,
      proration_behavior: "none",
    });
    await shop.idle();
    const told = () =>
      shop.one(
        `select status, trial_will_end_at is not null as told from billing.subscriptions
         where stripe_subscription_id = $1`,
        [bought.stripeId],
      );
    expect(await told()).toEqual({ status: "trialing", told: false });
    await later(2 * DAY + 60);
    expect(await told()).toEqual({ status: "trialing", told: true });
    await later(5 * DAY);
    expect(await told()).toEqual({ status: "active", told: true });
  });
});
