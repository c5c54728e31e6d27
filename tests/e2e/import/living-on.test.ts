import { beforeEach, describe, expect, it } from "vitest";
import { grants } from "../../../scripts/grants.ts";
import { runCommand } from "../../support/command.ts";
import { DAY } from "../../support/clock-stack.ts";
import { openOwnShop } from "../../support/own-shop.ts";
import { refusal } from "../../support/shop.ts";
import { openOldSystem } from "./old-system.ts";

// A subscription that the system before sold goes on here as if it had been bought here.

const { stack, shop, later, invoices, failFromNowOn, reconcile } = await openOwnShop();
const old = await openOldSystem(stack, shop);
const pro = await old.stripePriceOf(shop.pro.priceId);

beforeEach(async () => {
  await old.empty();
});

async function imported() {
  const customer = await old.customer();
  const { stripeId } = await old.subscription(customer, pro);
  await shop.idle();
  const { stdout } = await old.run("--apply");
  expect(stdout).toContain("subscriptions: 1 imported, 0 known, 0 ended, 0 left");
  const { id } = await shop.one<{ id: string }>(
    "select id from billing.subscriptions where stripe_subscription_id = $1",
    [stripeId],
  );
  const token = await shop.token(customer.user);
  return { ...customer, customer: customer.stripeId, stripeId, subscriptionId: id, token };
}

const row = (stripeId: string) =>
  shop.one(
    `select status, product_id, checkout_session_id, imported_at is not null as imported, cancel_at_period_end,
       extract(epoch from current_period_end)::bigint::float8 as period_end
     from billing.subscriptions where stripe_subscription_id = $1`,
    [stripeId],
  );
const featuresOf = async (token: string) =>
  (await shop.client.entitlements(token)).entitlements.map(({ featureKey }) => featureKey);

describe("an imported subscriber", () => {
  it("sees the product as current, and may use its features", async () => {
    const { token, subscriptionId } = await imported();
    const { products, currentSubscription } = await shop.client.products(token);
    expect(products.find(({ id }) => id === shop.pro.productId)).toMatchObject({
      isCurrentPlan: true,
    });
    expect(currentSubscription).toMatchObject({
      id: subscriptionId,
      productId: shop.pro.productId,
      priceId: shop.pro.priceId,
      status: "active",
      amount: 2900,
    });
    expect(await featuresOf(token)).toEqual(["pro-1", "pro-2"]);
    const { stdout } = await runCommand(grants, { DATABASE_URL: stack.databaseUrl }, [
      "rebuild",
      "--organization",
      shop.organizationId,
    ]);
    expect(stdout).toContain(" 0 differences");
  });

  it("is followed through a renewal", async () => {
    const { stripeId, token } = await imported();
    const before = await row(stripeId);
    await later(32 * DAY);
    const after = await row(stripeId);
    expect(Number(after["period_end"])).toBeGreaterThan(Number(before["period_end"]));
    expect(after).toMatchObject({ status: "active", checkout_session_id: null, imported: true });
    expect((await invoices({ stripeId })).map(({ status, amount_paid }) => [status, amount_paid]))
      .toEqual([["paid", 2900], ["paid", 2900]]);
    expect(await featuresOf(token)).toEqual(["pro-1", "pro-2"]);
  });

  it("loses the features once the card has failed for good, with the grace that the organization gives", async () => {
    await shop.query("update billing.organizations set past_due_grace_days = 0 where id = $1", [
      shop.organizationId,
    ]);
    const bought = await imported();
    const { stripeId, customer, user, token } = bought;
    await failFromNowOn({ stripeId, customer, user, session: await shop.create() });
    await later(32 * DAY);
    expect(await row(stripeId)).toMatchObject({ status: "past_due" });
    expect((await invoices({ stripeId })).at(-1)).toMatchObject({
      status: "open",
      attempt_count: 1,
    });
    expect(await featuresOf(await shop.token(user))).toEqual([]);
    expect(token).not.toBe("");
    await shop.query("update billing.organizations set past_due_grace_days = null where id = $1", [
      shop.organizationId,
    ]);
  });

  it("is followed when it is canceled, and may buy the product again", async () => {
    const { stripeId, user, token } = await imported();
    await shop.stripe.subscriptions.update(stripeId, { cancel_at_period_end: true });
    await shop.idle();
    expect(await row(stripeId)).toMatchObject({ status: "active", cancel_at_period_end: true });
    await shop.stripe.subscriptions.cancel(stripeId);
    await shop.idle();
    expect(await row(stripeId)).toMatchObject({ status: "canceled" });
    expect(await featuresOf(token)).toEqual([]);
    const session = await shop.create({ user });
    expect((await shop.pay(session)).status).toBe("active");
  });

  it("is refused a second checkout of the same product", async () => {
    const { user } = await imported();
    expect(await refusal(shop.create({ user }))).toMatchObject({
      status: 409,
      code: "already_subscribed",
    });
  });

  it("changes to another price in the sheet, on the same subscription at Stripe", async () => {
    const { token, subscriptionId, stripeId, customer } = await imported();
    const yearly = await shop.sell("Pro yearly", {
      productId: shop.pro.productId,
      amount: 29_000,
      interval: "year",
    });
    const session = await shop.client.create(token, {
      priceId: yearly.priceId,
      existingSubscriptionId: subscriptionId,
    });
    expect(session).toMatchObject({ checkoutMode: "change" });
    expect(await shop.pay(session)).toMatchObject({ success: true, subscriptionId });
    await shop.idle();
    const { data } = await shop.stripe.subscriptions.list({ customer, status: "all" });
    expect(data.map(({ id, status }) => [id, status])).toEqual([[stripeId, "active"]]);
    expect((await shop.client.products(token)).currentSubscription).toMatchObject({
      id: subscriptionId,
      priceId: yearly.priceId,
    });
  });

  it("buys another product as the customer that Stripe knows already", async () => {
    const { user, stripeId, customer } = await imported();
    const session = await shop.create({ user, priceId: shop.team.priceId });
    await shop.pay(session);
    await shop.idle();
    const { data } = await shop.stripe.subscriptions.list({ customer });
    expect(data).toHaveLength(2);
    expect(data.map(({ id }) => id)).toContain(stripeId);
  });

  it("keeps the features through a refund, whose amount is written down", async () => {
    const { stripeId, token } = await imported();
    const [{ intent = "" } = {}] = await invoices({ stripeId });
    await shop.stripe.refunds.create({ payment_intent: String(intent), amount: 900 });
    await shop.idle();
    expect(await invoices({ stripeId })).toMatchObject([{ amount_refunded: 900 }]);
    expect(await featuresOf(token)).toEqual(["pro-1", "pro-2"]);
  });

  it("is read again by reconcile when no event tells of it", async () => {
    const { stripeId } = await imported();
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    await shop.stripe.subscriptions.cancel(stripeId);
    await shop.idle();
    await shop.admin("DELETE", "/faults");
    await shop.query("update billing.stripe_cursors set checked_at = '-infinity'");
    await shop.query(
      "update billing.subscriptions set reread_at = now() where stripe_subscription_id = $1",
      [stripeId],
    );
    await reconcile();
    expect(await row(stripeId)).toMatchObject({ status: "canceled" });
  });
});
