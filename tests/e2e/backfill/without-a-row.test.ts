import { afterAll, describe, expect, it } from "vitest";
import { openShop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { idOf } from "../catalogue/shelf.ts";
import { drifting } from "./drifting.ts";

// Subscriptions at Stripe that have no row: what a checkout here was about to complete is completed, as reconcile does it; all
// others are told, and left alone.

const shop = await openShop(stack());
afterAll(() => shop.close());
const { report, unheard } = drifting(stack(), shop);
const { stripe } = shop;

const PAY = "/v1/invoices/*/pay";

describe("a subscription without a row", () => {
  it("of a checkout that did not come to its end is completed, with one charge", async () => {
    const session = await shop.create();
    await unheard(async () => {
      await shop.admin("POST", "/faults", {
        kind: "error_before",
        method: "POST",
        path: PAY,
        count: null,
      });
      await shop.pay(session).catch(() => undefined);
    });
    const { subscriptions: [one] } = await shop.atStripe(session);
    expect(one?.status).toBe("incomplete");
    expect((await report()).findings).toContainEqual(
      expect.objectContaining({ stripeId: one?.id, problem: "unfinished" }),
    );
    expect(await shop.status(session)).not.toMatchObject({ status: "succeeded" });

    expect((await report("--apply")).findings).toContainEqual(
      expect.objectContaining({ stripeId: one?.id, problem: "unfinished", repaired: true }),
    );
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
    });
    const { subscriptions, intent, refunds } = await shop.atStripe(session);
    expect(subscriptions.map(({ id, status }) => [id, status])).toEqual([[one?.id, "active"]]);
    expect([intent.amount_received, refunds]).toEqual([2900, []]);
  });

  it("of a checkout that is past its twelve hours is given back, and told as that", async () => {
    const session = await shop.create();
    const refusePayment = () =>
      shop.admin("POST", "/faults", {
        kind: "error_before",
        method: "POST",
        path: PAY,
        count: null,
      });
    await unheard(async () => {
      await refusePayment();
      await shop.pay(session).catch(() => undefined);
    });
    const { subscriptions: [one] } = await shop.atStripe(session);
    expect(one?.status).toBe("incomplete");
    await shop.query(
      "update billing.checkout_sessions set fulfilling_since = fulfilling_since - interval '12 hours' where id = $1",
      [session.id],
    );
    await refusePayment();
    const { findings, givenBack, left } = await report("--apply");
    await shop.admin("DELETE", "/faults");
    expect(findings).toContainEqual({
      kind: "subscription",
      stripeId: one?.id,
      problem: "unfinished",
      account: null,
      repaired: true,
      givenBack: true,
    });
    expect([givenBack, left]).toEqual([1, 0]);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "failed",
      error: { code: "payment_refunded" },
    });
    const { subscriptions, refunds } = await shop.atStripe(session);
    expect(subscriptions.map(({ id, status }) => [id, status])).toEqual([
      [one?.id, "incomplete_expired"],
    ]);
    expect(refunds.map(({ amount }) => amount)).toEqual([2_900]);
  });

  it("of a checkout that has ended with another is told, and neither ended nor taken in", async () => {
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    const { subscriptions: [own] } = await shop.atStripe(session);
    await unheard(() =>
      stripe.subscriptions.create({
        customer: idOf(own?.customer),
        default_payment_method: idOf(own?.default_payment_method),
        items: [{ price: own?.items.data[0]?.price.id ?? "" }],
        metadata: own?.metadata ?? {},
      })
    );
    const { subscriptions } = await shop.atStripe(session);
    const surplus = subscriptions.find(({ id }) => id !== own?.id);
    const { code, findings } = await report("--apply");
    expect(code).toBe(1);
    expect(findings).toContainEqual(
      expect.objectContaining({ stripeId: surplus?.id, problem: "surplus", repaired: false }),
    );
    expect((await stripe.subscriptions.retrieve(surplus?.id ?? "")).status).toBe(surplus?.status);
    await stripe.subscriptions.cancel(surplus?.id ?? "");
    await shop.idle();
  });

  it.each<[string, Record<string, string>]>([
    ["no label", {}],
    ["a label that names no checkout", { checkout_session_id: crypto.randomUUID() }],
    ["a label that is no id", { checkout_session_id: "'; drop table billing.subscriptions" }],
  ])("and with %s is somebody else's", async (_what, metadata) => {
    const { id: customer } = await stripe.customers.create();
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    const { id: price } = await shop.one<{ id: string }>(
      "select stripe_price_id as id from billing.product_prices where id = $1",
      [shop.pro.priceId],
    );
    const { id, status } = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      default_payment_method: card.id,
      metadata,
    });
    await shop.idle();
    const { findings } = await report("--apply");
    expect(findings).toContainEqual({
      kind: "subscription",
      stripeId: id,
      problem: "foreign",
      account: null,
      repaired: false,
    });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe(status);
    expect(
      await shop.query("select from billing.subscriptions where stripe_subscription_id = $1", [id]),
    ).toEqual([]);
    await stripe.subscriptions.cancel(id);
  });

  it("of a checkout of another organization is no concern of this one's", async () => {
    const other = await openShop(stack());
    const session = await other.create();
    await unheard(async () => {
      await shop.admin("POST", "/faults", {
        kind: "error_before",
        method: "POST",
        path: PAY,
        count: null,
      });
      await other.pay(session).catch(() => undefined);
    });
    const { subscriptions: [one] } = await other.atStripe(session);
    const { findings } = await report("--apply");
    expect(findings.map(({ stripeId }) => stripeId)).not.toContain(one?.id);
    await other.close();
  });
});
