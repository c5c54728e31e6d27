import { describe, expect, it } from "vitest";
import { DAY } from "../../support/clock-stack.ts";
import { openOwnShop, type Subscribed } from "../../support/own-shop.ts";
import { idOf } from "../catalogue/shelf.ts";
import { drifting } from "./drifting.ts";

// What no event told is found by comparing, told first, and brought in line by the steps that an event takes.

const { stack, shop, later, subscribed, invoices, failFromNowOn } = await openOwnShop();
const { run, report, unheard, asked } = drifting(stack, shop);
const { stripe } = shop;

const row = ({ stripeId }: Subscribed) =>
  shop.one(
    `select status, cancel_at_period_end, quantity::int, product_id
     from billing.subscriptions where stripe_subscription_id = $1`,
    [stripeId],
  );
const revisions = () =>
  shop.query(
    "select id, revision, updated_at from billing.subscriptions where organization_id = $1 order by id",
    [shop.organizationId],
  );
const intentOf = ({ session }: Subscribed) => session.paymentIntentId ?? "";

const differs = (field: string) => ({
  problem: "differs",
  fields: expect.arrayContaining([expect.objectContaining({ field })]) as unknown,
});

describe("a backfill", () => {
  it("has nothing to say where all is in line, and writes nothing", async () => {
    await subscribed();
    const before = await revisions();
    expect(await report()).toMatchObject({ code: 0, applied: false, left: 0, ours: [] });
    expect(await revisions()).toEqual(before);
  });

  it.each<[string, string, object, (bought: Subscribed) => Promise<unknown>]>([
    [
      "a cancellation",
      "subscription",
      differs("status"),
      ({ stripeId }) => stripe.subscriptions.cancel(stripeId),
    ],
    [
      "an end that was set",
      "subscription",
      differs("cancelAtPeriodEnd"),
      ({ stripeId }) => stripe.subscriptions.update(stripeId, { cancel_at_period_end: true }),
    ],
    [
      "a renewal",
      "subscription",
      differs("currentPeriodEnd"),
      () => shop.admin("POST", "/clock/advance", { seconds: 32 * DAY }),
    ],
    [
      "a refund of a checkout's payment",
      "payment",
      differs("amountRefunded"),
      (bought) => stripe.refunds.create({ payment_intent: intentOf(bought), amount: 500 }),
    ],
    [
      "a dispute",
      "dispute",
      { problem: "missing" },
      (bought) => shop.admin("POST", `/disputes/${intentOf(bought)}/open`, {}),
    ],
  ])(
    "tells of %s that was never heard of, then brings it in line",
    async (_what, kind, expected, act) => {
      const bought = await subscribed();
      await unheard(() => act(bought));
      const before = await revisions();
      const told = await report();
      expect(told).toMatchObject({ code: 1, applied: false });
      expect(told.findings).toContainEqual(expect.objectContaining({ kind, ...expected }));
      expect(await revisions()).toEqual(before);

      expect(await report("--apply")).toMatchObject({ code: 0, applied: true, left: 0 });
      expect(await report()).toMatchObject({ code: 0, ours: [] });
    },
  );

  it("finds the bill that is owed, and takes the features as an event would", async () => {
    await shop.query("update billing.organizations set past_due_grace_days = 0 where id = $1", [
      shop.organizationId,
    ]);
    const bought = await subscribed();
    await failFromNowOn(bought);
    await unheard(() => shop.admin("POST", "/clock/advance", { seconds: 32 * DAY }));
    expect(await shop.status(bought.session)).toMatchObject({ features: ["pro-1", "pro-2"] });
    await report("--apply");
    expect(await row(bought)).toMatchObject({ status: "past_due" });
    expect((await invoices(bought)).at(-1)).toMatchObject({ status: "open", attempt_count: 1 });
    expect(await shop.status(bought.session)).toMatchObject({ features: [] });
    await shop.query("update billing.organizations set past_due_grace_days = null where id = $1", [
      shop.organizationId,
    ]);
    await stripe.subscriptions.cancel(bought.stripeId);
    // What is owed is not tried again, and about that no event comes.
    await later(1);
    await report("--apply");
  });

  it("finds the product of a price that the catalogue did not have when it was told of", async () => {
    const bought = await subscribed();
    const { items: { data: [item] } } = await stripe.subscriptions.retrieve(bought.stripeId);
    const { id: price } = await stripe.prices.create({
      product: idOf(item?.price.product),
      currency: "usd",
      unit_amount: 1900,
      recurring: { interval: "month" },
    });
    await stripe.subscriptions.update(bought.stripeId, {
      items: [{ id: item?.id ?? "", price }],
      proration_behavior: "none",
    });
    await shop.idle();
    expect(await row(bought)).toMatchObject({ product_id: shop.pro.productId });
    expect(await report()).toMatchObject({ ours: [] });
    await shop.query(
      `insert into billing.product_prices (product_id, currency, unit_amount, recurring_interval, stripe_price_id)
       values ($1, 'usd', 1900, 'month', $2)`,
      [shop.team.productId, price],
    );
    expect((await report()).ours).toMatchObject([differs("priceId")]);
    expect(await report("--apply")).toMatchObject({ code: 0, left: 0 });
    expect(await row(bought)).toMatchObject({ product_id: shop.team.productId });
    expect(await shop.status(bought.session)).toMatchObject({ features: ["team-1", "team-2"] });
  });

  it("asks Stripe for nothing but to be shown, also where it writes here", async () => {
    const bought = await subscribed();
    await unheard(() => stripe.subscriptions.cancel(bought.stripeId));
    const calls = await asked(() => report("--apply"));
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter(({ method }) => method !== "GET")).toEqual([]);
    expect(await row(bought)).toMatchObject({ status: "canceled" });
  });

  it("says what differs in words, and what came of it", async () => {
    const bought = await subscribed();
    await unheard(() =>
      stripe.subscriptions.update(bought.stripeId, { cancel_at_period_end: true })
    );
    const { stdout } = await run("--apply");
    expect(stdout).toContain(
      `subscription ${bought.stripeId} differs: cancelAtPeriodEnd false -> true`,
    );
    expect(stdout).toContain("brought in line");
    expect(stdout).toMatch(/1 brought in line, 0 left/);
  });

  it("tells of a row that Stripe does not have, and leaves it", async () => {
    const bought = await subscribed();
    await shop.query(
      "update billing.subscriptions set stripe_subscription_id = $2 where stripe_subscription_id = $1",
      [bought.stripeId, `${bought.stripeId}gone`],
    );
    const { code, findings } = await report("--apply");
    expect(code).toBe(1);
    expect(findings).toContainEqual({
      kind: "subscription",
      stripeId: `${bought.stripeId}gone`,
      problem: "gone",
      account: null,
      repaired: false,
    });
    await shop.query(
      "update billing.subscriptions set stripe_subscription_id = $1 where stripe_subscription_id = $2",
      [bought.stripeId, `${bought.stripeId}gone`],
    );
  });
});
