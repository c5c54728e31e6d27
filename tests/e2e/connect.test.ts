import { randomUUID } from "node:crypto";
import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import type Stripe from "stripe";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { paidBeside } from "../support/paid-beside.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

/** 2.5 percent of 2,999 cents is 74.975: the fee is 75. */
const shop = await openShop(stack(), { applicationFeeBps: 250, amount: 2999 });
afterAll(() => shop.close());

const exchangeList = z.array(z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("api"),
    method: z.string(),
    path: z.string(),
    stripeAccount: z.string().nullable(),
  }),
  z.object({ kind: z.literal("webhook") }),
]));

describe("a sale on a connected account", () => {
  it("takes the fee right to the cent, on the intent and for later periods", async () => {
    const session = await shop.create();
    expect(session.stripeAccountId).toBe(shop.account);
    await shop.pay(session);
    await shop.idle();
    const { intent, subscriptions } = await shop.atStripe(session);
    expect(intent).toMatchObject({ amount_received: 2999, application_fee_amount: 75 });
    expect(subscriptions).toHaveLength(1);
    expect(subscriptions[0]?.application_fee_percent).toBe(2.5);
  });

  it("names the account in every call to Stripe", async () => {
    const { stripeAdminUrl } = stack();
    await shop.idle();
    await stripeAdmin(stripeAdminUrl, "DELETE", "/exchanges");
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    const exchanges = exchangeList.parse(await stripeAdmin(stripeAdminUrl, "GET", "/exchanges"));
    const calls = exchanges.flatMap((one) =>
      one.kind === "api" ? [`${one.method} ${one.path} on ${one.stripeAccount}`] : []
    );
    expect(calls.length).toBeGreaterThan(4);
    expect(calls.filter((call) => !call.endsWith(` on ${shop.account}`))).toEqual([]);
  });

  it("is fulfilled by the connected account's webhook alone", async () => {
    const session = await shop.create();
    await shop.payInBrowser(session);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });

  it("leaves a returning customer one Stripe customer, on that account", async () => {
    const user = randomUUID();
    const first = await shop.create({ user });
    await shop.pay(first);
    const second = await shop.create({ user, priceId: shop.team.priceId });
    await shop.pay(second);
    const held = await Promise.all([first, second].map((session) => shop.atStripe(session)));
    const customers = held.map(({ subscriptions }) => subscriptions[0]?.customer);
    expect(customers[1]).toBe(customers[0]);
    expect(held.map(({ intent }) => intent.application_fee_amount)).toEqual([75, 75]);
  });

  it("gives the fee back with a payment that cannot be honored", async () => {
    const user = randomUUID();
    const sessions = await Promise.all([shop.create({ user }), shop.create({ user })]);
    await shop.pay(sessions[0]);
    await shop.payInBrowser(sessions[1]);
    await shop.idle();
    const { refunds, intent } = await shop.atStripe(sessions[1]);
    expect(refunds.map(({ amount }) => amount)).toEqual([2999]);
    expect(await givenBackOf(intent)).toEqual({ amount: 2999, fee: 75 });
  });

  it("gives the fee back with what the customer has paid for the first invoice beside the session", async () => {
    const session = await shop.create();
    const id = await paidBeside(shop, session);
    expect(await shop.status(session)).toMatchObject({
      status: "failed",
      error: { code: "payment_refunded" },
    });
    const expanded = await shop.stripe.paymentIntents.retrieve(
      id,
      { expand: ["latest_charge"] },
      shop.onAccount,
    );
    const { intent } = await shop.atStripe(session);
    expect(id).not.toBe(intent.id);
    expect(await givenBackOf(intent)).toEqual({ amount: 2999, fee: 75 });
    expect(await givenBackOf(expanded)).toEqual({ amount: 2999, fee: 75 });
  });
});

/** What of a payment went back to its customer, and what of the platform's share to the merchant. */
async function givenBackOf({ latest_charge: charge }: Stripe.PaymentIntent) {
  if (charge === null || typeof charge === "string") {
    throw new Error("the charge was not expanded");
  }
  if (typeof charge.application_fee !== "string") throw new Error("the charge had no fee");
  const fee = await shop.stripe.applicationFees.retrieve(charge.application_fee);
  return { amount: charge.amount_refunded, fee: fee.amount_refunded };
}
