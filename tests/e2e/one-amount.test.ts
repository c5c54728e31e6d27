import { randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { booksOf, chargesOf, paidBy } from "../support/auditor.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
afterEach(() => shop.admin("DELETE", "/faults"));

/** What was shown, what was charged and what Stripe's invoice says. */
async function expectOneAmount(session: CreateResponse): Promise<void> {
  const { first, live } = await booksOf(shop, session);
  const { intent } = await shop.atStripe(session);
  expect(live).toHaveLength(1);
  expect(intent.amount_received).toBe(session.totalAmount);
  expect(first).toMatchObject({
    status: "paid",
    amount_due: session.totalAmount,
    amount_paid: session.totalAmount,
    currency: session.currency,
  });
  expect(first && paidBy(first)).toEqual([session.paymentIntentId]);
}

const customerOf = async (session: CreateResponse): Promise<string> => {
  const { live: [subscription] } = await booksOf(shop, session);
  if (typeof subscription?.customer !== "string") throw new Error("there is no customer");
  return subscription.customer;
};

/** A customer whom Stripe knows by an earlier checkout. */
async function returning() {
  const user = randomUUID();
  const first = await shop.create({ user, priceId: shop.team.priceId });
  await shop.pay(first);
  await shop.idle();
  return { user, customer: await customerOf(first) };
}

describe("what is shown, what is charged and what Stripe's invoice says are one amount", () => {
  it("for a new customer, whose payment pays the invoice out of band", async () => {
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    await expectOneAmount(session);
    const { first } = await booksOf(shop, session);
    expect(first?.metadata).toEqual({ payment_intent_id: session.paymentIntentId });
    // No card of theirs has been charged but the one that paid.
    expect(await chargesOf(shop, await customerOf(session))).toEqual([]);
  });

  it("for a returning customer, whose payment is attached to the invoice", async () => {
    const { user, customer } = await returning();
    const session = await shop.create({ user });
    await shop.pay(session);
    await shop.idle();
    await expectOneAmount(session);
    expect((await chargesOf(shop, customer)).map(({ payment_intent: intent }) => intent))
      .toEqual([session.paymentIntentId]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, number]>([
    ["a third off, which no cent divides", { percent_off: 33.33, duration: "forever" }, 1_933],
    ["a fixed amount", { amount_off: 1_050, currency: "usd", duration: "once" }, 1_850],
    ["half off for three months", {
      percent_off: 50,
      duration: "repeating",
      duration_in_months: 3,
    }, 1_450],
  ])("with a discount: %s", async (_what, discount, due) => {
    const code = `D${randomUUID().slice(0, 8)}`;
    await shop.offer({ code, ...discount });
    const session = await shop.create({ couponCode: code });
    expect(session).toMatchObject({
      amount: 2_900,
      discountAmount: 2_900 - due,
      totalAmount: due,
    });
    await shop.pay(session);
    await shop.idle();
    await expectOneAmount(session);
    const { first } = await booksOf(shop, session);
    expect(first?.total_discount_amounts?.map(({ amount }) => amount)).toEqual([2_900 - due]);
  });

  it("with what the customer has in credit at Stripe, which is shown", async () => {
    const { user, customer } = await returning();
    await shop.stripe.customers.createBalanceTransaction(customer, {
      amount: -700,
      currency: "usd",
    });
    const session = await shop.create({ user });
    expect(session).toMatchObject({ amount: 2_900, adjustmentAmount: -700, totalAmount: 2_200 });
    await shop.pay(session);
    await shop.idle();
    await expectOneAmount(session);
  });

  it("with an invoice item that waited for the customer, which is shown", async () => {
    const { user, customer } = await returning();
    await shop.stripe.invoiceItems.create({ customer, amount: 450, currency: "usd" });
    const session = await shop.create({ user });
    expect(session).toMatchObject({ amount: 2_900, adjustmentAmount: 450, totalAmount: 3_350 });
    await shop.pay(session);
    await shop.idle();
    await expectOneAmount(session);
  });

  it("where the credit pays all of it: a card is set up, and nothing is charged", async () => {
    const { user, customer } = await returning();
    await shop.stripe.customers.createBalanceTransaction(customer, {
      amount: -5_000,
      currency: "usd",
    });
    const session = await shop.create({ user });
    expect(session).toMatchObject({ adjustmentAmount: -2_900, totalAmount: 0 });
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
    await shop.idle();
    const { first } = await booksOf(shop, session);
    expect(first).toMatchObject({ status: "paid", amount_due: 0 });
    expect(await chargesOf(shop, customer)).toEqual([]);
  });
});

describe("where they are not, nothing is fulfilled and the payment goes back", () => {
  it.each<[string, (customer: string) => Promise<unknown>]>([
    [
      "the customer's balance was changed meanwhile",
      (customer) =>
        shop.stripe.customers.createBalanceTransaction(customer, { amount: 100, currency: "usd" }),
    ],
    [
      "an invoice item was added meanwhile",
      (customer) => shop.stripe.invoiceItems.create({ customer, amount: 1, currency: "usd" }),
    ],
  ])("because %s", async (_what, meddle) => {
    const { user, customer } = await returning();
    const session = await shop.create({ user });
    await meddle(customer);
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "failed",
      error: { code: "payment_refunded" },
      features: [],
    });
    const { live, first } = await booksOf(shop, session);
    expect(live).toEqual([]);
    expect(first).toMatchObject({ status: "void" });
    const charges = await chargesOf(shop, customer);
    expect(charges.map(({ amount, amount_refunded: back }) => [amount, back]))
      .toEqual([[session.totalAmount, session.totalAmount]]);
  });
});

describe("a customer who owes something", () => {
  it("begins no trial, which would collect it", async () => {
    const { user, customer } = await returning();
    const { priceId } = await shop.sell("Tried", { amount: 2_000, trialDays: 14 });
    await shop.stripe.customers.createBalanceTransaction(customer, {
      amount: 900,
      currency: "usd",
    });
    await expect(shop.create({ user, priceId })).rejects.toMatchObject({
      status: 409,
      code: "balance_due",
    });
  });
});
