import type Stripe from "stripe";
import { afterEach, describe, expect, it } from "vitest";
import type { CreateRequest, CreateResponse } from "../../shared/contract/create.ts";
import { refusal, type Shop } from "../support/shop.ts";
import { idOf } from "../support/clock-shop.ts";
import { DAY, endAll, letPass, openClockStack } from "../support/clock-stack.ts";

const { openShop } = await openClockStack();
const taxing = async (options = {}): Promise<Shop> => {
  const shop = await openShop(options);
  await shop.query("update billing.organizations set tax_enabled = true where id = $1", [
    shop.organizationId,
  ]);
  return shop;
};
const [shop, connected] = [await taxing(), await taxing({ applicationFeeBps: 1000 })];
afterEach(() => Promise.all([endAll(shop), endAll(connected)]));

type Customer = NonNullable<CreateRequest["customer"]>;
const BERLIN: Customer = { address: { country: "DE", postalCode: "10115", city: "Berlin" } };
const open = async (customer: Customer, at = shop, priceId = at.pro.priceId, user?: string) =>
  at.client.create(await at.token(user), { priceId, customer });
const later = (seconds: number) => letPass(shop, seconds);

/** The charges for the periods after the first. */
async function renewed(session: CreateResponse, at: Shop): Promise<Stripe.Charge[]> {
  const { data } = await at.stripe.subscriptions.list({ limit: 100 }, at.onAccount);
  const customer = data.find(({ metadata }) => metadata["checkout_session_id"] === session.id)
    ?.customer;
  if (typeof customer !== "string") throw new Error("there is no subscription");
  const charges = await at.stripe.charges.list({ customer, limit: 100 }, at.onAccount);
  return charges.data.filter(({ paid }) => paid);
}
const renewals = async (session: CreateResponse) =>
  (await renewed(session, shop)).map(({ amount }) => amount);
/** What the platform has of each. */
const shares = async (session: CreateResponse) =>
  (await renewed(session, connected)).map((one) => one.application_fee_amount);

describe("tax is off by default", () => {
  it("and neither asks for an address nor adds anything", async () => {
    const untaxed = await openShop();
    const session = await untaxed.client.create(await untaxed.token(), {
      priceId: untaxed.pro.priceId,
      customer: { ...BERLIN, taxId: "of no known form" },
    });
    expect(session).toMatchObject({ taxAmount: 0, totalAmount: 2900 });
    await untaxed.close();
  });
});

describe("where the organization has tax on", () => {
  it("Stripe Tax's amount is on top of the price, on the intent and in what is paid", async () => {
    const session = await open(BERLIN);
    expect(session).toMatchObject({ amount: 2900, taxAmount: 551, totalAmount: 3451 });
    expect((await shop.atStripe(session)).intent.amount).toBe(3451);
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
    const { intent, subscriptions: [subscription] } = await shop.atStripe(session);
    expect(intent.amount_received).toBe(3451);
    const invoice = await shop.stripe.invoices.retrieve(idOf(subscription?.latest_invoice));
    expect(invoice).toMatchObject({
      status: "paid",
      amount_due: 3451,
      automatic_tax: { enabled: true, status: "complete" },
      total_taxes: [{ amount: 551, taxable_amount: 2900 }],
    });
    expect(await renewals(session)).toEqual([]);
  });

  it("each later period is taxed the same way, and the first one is not charged twice", async () => {
    const session = await open(BERLIN);
    await shop.pay(session);
    const { subscriptions: [subscription] } = await shop.atStripe(session);
    expect(subscription?.automatic_tax.enabled).toBe(true);
    await later(32 * DAY);
    expect(await renewals(session)).toEqual([3451]);
  });

  it("a business with a valid tax id owes it itself, now and later", async () => {
    const session = await open({ address: { country: "FR" }, taxId: "FR 40 303 265 045" });
    expect(session).toMatchObject({ taxAmount: 0, totalAmount: 2900 });
    await shop.pay(session);
    await later(32 * DAY);
    expect(await renewals(session)).toEqual([2900]);
  });

  it("a trial is taxed when it converts", async () => {
    const { priceId } = await shop.sell("Scale", { amount: 9900, trialDays: 14 });
    const session = await open(BERLIN, shop, priceId);
    expect(session).toMatchObject({ checkoutMode: "trial", taxAmount: 0, totalAmount: 0 });
    await shop.pay(session);
    await later(15 * DAY);
    expect(await renewals(session)).toEqual([11_781]);
  });

  it("what is free asks for no address", async () => {
    const { priceId } = await shop.sell("Starter", { amount: 0 });
    const token = await shop.token();
    const session = await shop.client.create(token, { priceId });
    expect(await shop.client.confirmFree(token, session.id)).toMatchObject({ status: "active" });
  });

  it("the platform's share of the first period is that of each later one, of the tax too", async () => {
    const session = await open(BERLIN, connected);
    expect(session.totalAmount).toBe(3451);
    expect(await connected.pay(session)).toMatchObject({ status: "active" });
    await later(32 * DAY);
    const { intent } = await connected.atStripe(session);
    expect([intent.application_fee_amount, ...await shares(session)]).toEqual([345, 345]);
  });

  it("the same ask gets the same session and amounts, also twice at once", async () => {
    const token = await shop.token();
    const ask = () => shop.client.create(token, { priceId: shop.pro.priceId, customer: BERLIN });
    const sessions = await Promise.all([ask(), ask(), ask()]);
    sessions.push(await ask());
    expect(new Set(sessions.map(({ paymentIntentId }) => paymentIntentId)).size).toBe(1);
    expect(new Set(sessions.map(({ totalAmount }) => totalAmount))).toEqual(new Set([3451]));
  });

  it("a create that Stripe fails in the midst of is healed by the next", async () => {
    await shop.admin("POST", "/faults", {
      kind: "error_after",
      path: "/v1/invoices/create_preview",
      count: 8,
    });
    const token = await shop.token();
    const ask = () => shop.client.create(token, { priceId: shop.pro.priceId, customer: BERLIN });
    expect(await refusal(ask())).toMatchObject({ status: 503 });
    await shop.admin("DELETE", "/faults");
    expect(await ask()).toMatchObject({ taxAmount: 551, totalAmount: 3451 });
  });

  it("a returning customer's new address is the one that counts", async () => {
    const user = "moves";
    await shop.pay(await open(BERLIN, shop, shop.pro.priceId, user));
    const vienna: Customer = { address: { country: "AT", postalCode: "1010" } };
    const second = await open(vienna, shop, shop.team.priceId, user);
    expect(second).toMatchObject({ taxAmount: 580 });
    await shop.pay(second);
    const { subscriptions: [subscription] } = await shop.atStripe(second);
    const { customer } = subscription ?? {};
    if (typeof customer !== "string") throw new Error("there is no customer");
    const known = await shop.stripe.customers.retrieve(customer);
    expect(known).toMatchObject({ address: { country: "AT", postal_code: "1010" } });
  });

  it.each<[string, "month" | "year", number]>([
    ["of the same rhythm", "month", 5_900],
    ["to another rhythm", "year", 59_000],
  ])(
    "a change of price %s is taxed as the subscription is, once",
    async (_what, interval, amount) => {
      const user = `changes-by-the-${interval}`;
      const first = await open(BERLIN, shop, shop.pro.priceId, user);
      const { subscriptionId = "" } = await shop.pay(first);
      await later(10 * DAY);
      const { priceId } = await shop.sell(`Max-${interval}`, { amount, interval });
      const session = await shop.client.create(await shop.token(user), {
        priceId,
        existingSubscriptionId: subscriptionId,
      });
      const { total = 0 } = session.proration ?? {};
      expect(session.taxAmount).toBe(Math.round(total * 0.19));
      expect(session.totalAmount).toBe(total + session.taxAmount);
      expect(await shop.pay(session)).toMatchObject({ status: "active" });
      await shop.idle();
      const { intent } = await shop.atStripe(session);
      expect(intent.amount_received).toBe(session.totalAmount);
      expect(await renewals(first)).toEqual([session.totalAmount]);
      await later((interval === "month" ? 31 : 370) * DAY);
      const [renewal = 0] = await renewals(first);
      expect(renewal).toBe(Math.round(amount * 1.19));
    },
  );

  it.each<[string, Customer | undefined, string]>([
    ["no address", { email: "jenny@example.com" }, "address_required"],
    ["no customer", undefined, "address_required"],
    ["an address that is not enough", { address: { country: "US" } }, "address_invalid"],
    ["a tax id of no known form", { ...BERLIN, taxId: "12" }, "tax_id_invalid"],
    ["a country that is none", { address: { country: "Germany" } }, "invalid_request"],
  ])("%s is refused, and nothing is made at Stripe", async (_what, customer, code) => {
    const token = await shop.token();
    const before = (await shop.stripe.paymentIntents.list({ limit: 100 })).data.length;
    expect(
      await refusal(
        shop.client.create(token, {
          priceId: shop.pro.priceId,
          ...(customer === undefined ? {} : { customer }),
        }),
      ),
    ).toMatchObject({ status: 400, code });
    expect((await shop.stripe.paymentIntents.list({ limit: 100 })).data).toHaveLength(before);
  });
});
