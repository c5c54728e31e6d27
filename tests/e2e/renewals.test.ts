import { describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { openOwnShop } from "../support/own-shop.ts";
import { DAY } from "../support/clock-stack.ts";

const { shop, later, subscribed } = await openOwnShop();

/** What the customer's card has paid, through whatever intent or invoice. */
async function charged(customer: string, { paymentIntentId }: CreateResponse): Promise<number[]> {
  const { data } = await shop.stripe.charges.list({ customer, limit: 100 });
  const first = await shop.stripe.charges.list({ payment_intent: paymentIntentId ?? "" });
  const all = new Map([...data, ...first.data].map((charge) => [charge.id, charge]));
  return [...all.values()].filter(({ paid }) => paid).map(({ amount }) => amount);
}

describe("a subscription after checkout", () => {
  it("has been paid once for its first period, and one period later once more", async () => {
    const { session, customer } = await subscribed();
    expect(await charged(customer, session)).toEqual([2900]);
    const before = await shop.status(session);
    await later(20 * DAY);
    expect(await charged(customer, session)).toEqual([2900]);

    await later(12 * DAY);
    expect(await charged(customer, session)).toEqual([2900, 2900]);
    const renewed = await shop.status(session);
    expect(renewed.subscription?.status).toBe("active");
    expect(renewed.subscription?.currentPeriodStart).toBe(before.subscription?.currentPeriodEnd);
    expect(renewed.version).toBeGreaterThan(before.version);
  });

  it("is past due with its features when a renewal fails, and active again once it is paid", async () => {
    const { session, stripeId, customer } = await subscribed();
    const bad = await shop.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
    await shop.stripe.subscriptions.update(stripeId, { default_payment_method: bad.id });
    await later(32 * DAY);
    expect(await shop.status(session)).toMatchObject({
      subscription: { status: "past_due" },
      features: ["pro-1", "pro-2"],
    });

    const good = await shop.stripe.paymentMethods.attach("pm_card_visa", { customer });
    const { data: [invoice] } = await shop.stripe.invoices.list({
      subscription: stripeId,
      status: "open",
    });
    await shop.stripe.invoices.pay(invoice?.id ?? "", { payment_method: good.id });
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({ subscription: { status: "active" } });
  });

  it("loses its features when it is canceled, and keeps the session succeeded", async () => {
    const { session, stripeId } = await subscribed();
    await shop.stripe.subscriptions.cancel(stripeId);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "canceled" },
      features: [],
    });
  });

  it("keeps its features to the end of the period when it is canceled at the period's end", async () => {
    const { session, stripeId } = await subscribed();
    await shop.stripe.subscriptions.update(stripeId, { cancel_at_period_end: true });
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      subscription: { status: "active", cancelAtPeriodEnd: true },
      features: ["pro-1", "pro-2"],
    });
    await later(32 * DAY);
    expect(await shop.status(session)).toMatchObject({
      subscription: { status: "canceled" },
      features: [],
    });
  });

  it("ends in the same rows however its events are delivered", async () => {
    const { session, stripeId } = await subscribed();
    await shop.admin("POST", "/faults", {
      kind: "webhook_reorder",
      type: "customer.subscription.*",
      count: 4,
    });
    await shop.admin("POST", "/faults", {
      kind: "webhook_duplicate",
      type: "customer.subscription.*",
      count: 4,
      copies: 2,
    });
    for (const cancel_at_period_end of [true, false, true, false]) {
      await shop.stripe.subscriptions.update(stripeId, { cancel_at_period_end });
    }
    await shop.stripe.subscriptions.cancel(stripeId);
    await shop.admin("DELETE", "/faults");
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      subscription: { status: "canceled", cancelAtPeriodEnd: false },
      features: [],
    });
  });

  it("may be bought again once it has ended", async () => {
    const user = "comes-back";
    const first = await shop.create({ user });
    await shop.pay(first);
    const { subscriptions: [ended] } = await shop.atStripe(first);
    await shop.stripe.subscriptions.cancel(ended?.id ?? "");
    await shop.idle();
    const again = await shop.create({ user });
    expect(await shop.pay(again)).toMatchObject({ status: "active" });
    const { subscriptions: [next] } = await shop.atStripe(again);
    expect(next?.customer).toBe(ended?.customer);
  });
});
