import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { CreateInput, CreateResponse } from "../../shared/contract/create.ts";
import { idOf, openClockShop } from "../support/clock-shop.ts";
import { DAY } from "../support/clock-stack.ts";
import { refusal } from "../support/shop.ts";

const shop = await openClockShop();
/** An invoice is a draft for its first hour. */
const MONTH = 31 * DAY + 7_200;
afterEach(() => shop.endAll());

const free = await shop.sell("Free", { amount: 0, maxQuantity: 10 });
const freer = await shop.sell("Freer", { amount: 0, maxQuantity: 10 });
const paid = await shop.sell("Paid", { amount: 2_000 });
const seated = await shop.sell("Seated", { amount: 1_000, maxQuantity: 10 });
const few = await shop.sell("Few", { amount: 1_000, maxQuantity: 2 });
/** Each test has a product of its own to try: a card that tried one may try another. */
let products = 0;
const onTrial = () => shop.sell(`Scale-${products++}`, { amount: 9_900, trialDays: 14 });

async function onFreePlan(seats = 1, user: string = randomUUID()) {
  const token = await shop.token(user);
  const first = await shop.client.create(token, { priceId: free.priceId, quantity: seats });
  const { subscriptionId = "" } = await shop.client.confirmFree(token, first.id);
  const open = (input: CreateInput) =>
    shop.client.create(token, { existingSubscriptionId: subscriptionId, ...input });
  return { user, token, subscriptionId, open };
}
/** What was charged to the customer of the subscription that a session has made. */
async function charged(session: CreateResponse): Promise<number[]> {
  const { data: all } = await shop.stripe.subscriptions.list({ status: "all", limit: 100 });
  const made = all.find(({ metadata }) => metadata["checkout_session_id"] === session.id);
  const { data } = await shop.stripe.charges.list({ customer: idOf(made?.customer) });
  return data.filter((charge) => charge.paid).map(({ amount }) => amount);
}
/** What a customer has: every row of theirs. */
const rowsOf = (user: string) =>
  shop.query<{ id: string; status: string; quantity: string; price_id: string }>(
    `select sub.id, sub.status, sub.quantity, sub.price_id from billing.subscriptions sub
     join billing.customers c on c.id = sub.customer_id where c.external_id = $1`,
    [user],
  );

describe("a paid plan in the place of a free one begins as a first purchase does", () => {
  it("with its trial: a card and no money, and the first charge at its end", async () => {
    const { priceId } = await onTrial();
    const { user, subscriptionId, open } = await onFreePlan();
    const session = await open({ priceId });
    expect(session).toMatchObject({
      checkoutMode: "change",
      trialDays: 14,
      amount: 9_900,
      totalAmount: 0,
      proration: { fromFree: true, charged: 0 },
    });
    expect(session.clientSecret).toMatch(/^seti_/);
    expect(await shop.pay(session)).toMatchObject({ status: "trialing", subscriptionId });
    await shop.idle();
    expect(await rowsOf(user)).toMatchObject([
      { id: subscriptionId, status: "trialing", price_id: priceId },
    ]);
    expect(await charged(session)).toEqual([]);
    await shop.later(15 * DAY);
    expect(await charged(session)).toEqual([9_900]);
    expect(await rowsOf(user)).toMatchObject([{ id: subscriptionId, status: "active" }]);
  });

  it("with a coupon, which is also one for new customers, for as long as it holds", async () => {
    await shop.offer({
      code: "WELCOME-HALF",
      percent_off: 50,
      duration: "once",
      first_time_only: true,
    });
    const { subscriptionId, open } = await onFreePlan();
    const session = await open({ priceId: paid.priceId, couponCode: "WELCOME-HALF" });
    expect(session).toMatchObject({ amount: 2_000, discountAmount: 1_000, totalAmount: 1_000 });
    expect(await shop.pay(session)).toMatchObject({ status: "active", subscriptionId });
    await shop.idle();
    const { intent } = await shop.atStripe(session);
    expect(intent).toMatchObject({ amount_received: 1_000 });
    await shop.later(MONTH);
    expect(await charged(session)).toContain(2_000);
  });

  it("with a coupon for all of it: a card is set up, and nothing is charged", async () => {
    await shop.offer({ code: "ALL-OFF", percent_off: 100, duration: "once" });
    const { subscriptionId, open } = await onFreePlan();
    const session = await open({ priceId: paid.priceId, couponCode: "ALL-OFF" });
    expect(session).toMatchObject({ discountAmount: 2_000, totalAmount: 0 });
    expect(session.clientSecret).toMatch(/^seti_/);
    expect(await shop.pay(session)).toMatchObject({ status: "active", subscriptionId });
  });

  it.each([
    ["those that are asked for", 3, 5, 5],
    ["those of before, where none are asked for", 3, undefined, 3],
    ["one, where that is what it had", 1, undefined, 1],
  ])("with seats: %s", async (_which, had, quantity, seats) => {
    const { user, open } = await onFreePlan(had);
    const session = await open({ priceId: seated.priceId, quantity });
    expect(session).toMatchObject({
      quantity: seats,
      amount: 1_000 * seats,
      totalAmount: 1_000 * seats,
    });
    await shop.pay(session);
    await shop.idle();
    const { subscriptions: [made] } = await shop.atStripe(session);
    expect(made?.items.data[0]?.quantity).toBe(seats);
    expect(await rowsOf(user)).toMatchObject([{ quantity: String(seats) }]);
  });

  it("and is refused in seats that it is not sold in", async () => {
    const { open } = await onFreePlan(3);
    expect(await refusal(open({ priceId: few.priceId }))).toMatchObject({
      status: 400,
      code: "quantity_not_allowed",
    });
    expect(await open({ priceId: few.priceId, quantity: 2 })).toMatchObject({ quantity: 2 });
  });

  it("and Stripe is told the e-mail address of its customer", async () => {
    const { open } = await onFreePlan();
    const session = await open({
      priceId: paid.priceId,
      customer: { email: "jenny@example.com", name: "Jenny Rosen" },
    });
    await shop.pay(session);
    await shop.idle();
    const { subscriptions: [made] } = await shop.atStripe(session);
    expect(await shop.stripe.customers.retrieve(idOf(made?.customer))).toMatchObject({
      email: "jenny@example.com",
      name: "Jenny Rosen",
    });
  });
});

describe("two changes of one free plan", () => {
  it("are one: what is paid after the other is given back, also where its bank asked before", async () => {
    const { user, open } = await onFreePlan();
    const [kept, late] = [
      await open({ priceId: paid.priceId }),
      await open({ priceId: seated.priceId }),
    ];
    expect(await shop.pay(late, "pm_card_threeDSecure2Required")).toMatchObject({
      requiresAction: true,
    });
    await shop.pay(kept);
    await shop.admin("POST", `/3ds/${late.paymentIntentId}/complete`);
    await shop.idle();
    expect(await shop.status(kept)).toMatchObject({ status: "succeeded" });
    expect(await shop.status(late)).toMatchObject({ status: "failed" });
    const { data: given } = await shop.stripe.refunds.list({
      payment_intent: late.paymentIntentId ?? "",
    });
    expect(given.map(({ amount, status }) => [amount, status])).toEqual([[1_000, "succeeded"]]);
    expect(await rowsOf(user)).toMatchObject([{ status: "active", price_id: paid.priceId }]);
    const { data: all } = await shop.stripe.subscriptions.list({ status: "all", limit: 100 });
    const made = all.map(({ metadata }) => metadata["checkout_session_id"]);
    expect(made).toContain(kept.id);
    expect(made).not.toContain(late.id);
  });
});

describe("a trial in the place of a free plan", () => {
  it("is due once: the card tells that it was used, the free plan stays, and the next offer has none", async () => {
    const { priceId } = await onTrial();
    await shop.pay(await (await onFreePlan()).open({ priceId }));
    const again = await onFreePlan();
    const session = await again.open({ priceId });
    expect(session.trialDays).toBe(14);
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 409, code: "trial_used" });
    await shop.idle();
    expect(await rowsOf(again.user)).toMatchObject([{ status: "active", price_id: free.priceId }]);
    const paidFor = await again.open({ priceId });
    expect(paidFor).toMatchObject({ trialDays: 0, totalAmount: 9_900 });
    expect(await shop.pay(paidFor)).toMatchObject({
      status: "active",
      subscriptionId: again.subscriptionId,
    });
  });

  it("is not begun where the plan has changed meanwhile: the card is let go", async () => {
    const { priceId } = await onTrial();
    const { user, token, open, subscriptionId } = await onFreePlan();
    const session = await open({ priceId });
    const other = await open({ priceId: freer.priceId });
    await shop.client.confirmFree(token, other.id);
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "failed",
      error: { code: "subscription_changed" },
    });
    expect(await rowsOf(user)).toMatchObject([
      { id: subscriptionId, status: "active", price_id: freer.priceId },
    ]);
  });
});

describe("another free plan in the place of a free one", () => {
  it("has the seats that are asked for, and takes no coupon", async () => {
    const { user, token, open } = await onFreePlan(2);
    await shop.offer({ code: "OFF-FREE", percent_off: 50 });
    expect(await refusal(open({ priceId: freer.priceId, couponCode: "OFF-FREE" })))
      .toMatchObject({ code: "coupon_not_applicable" });
    const session = await open({ priceId: freer.priceId, quantity: 4 });
    expect(session).toMatchObject({ clientSecret: "", quantity: 4 });
    await shop.client.confirmFree(token, session.id);
    expect(await rowsOf(user)).toMatchObject([{ quantity: "4", price_id: freer.priceId }]);
  });
});

it("a plan that is paid for changes without a coupon", async () => {
  const user = randomUUID();
  await shop.offer({ code: "NOT-FOR-CHANGES", percent_off: 50 });
  const { subscriptionId } = await shop.pay(await shop.create({ user }));
  const change = shop.client.create(await shop.token(user), {
    priceId: paid.priceId,
    existingSubscriptionId: subscriptionId,
    couponCode: "NOT-FOR-CHANGES",
  });
  expect(await refusal(change)).toMatchObject({ status: 400, code: "mode_unavailable" });
});
