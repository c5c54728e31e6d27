import { describe, expect, it } from "vitest";
import {
  customerWith,
  DAY,
  MERCHANT,
  priceOf,
  refusalOf,
  RETURN_URL,
  useBench,
} from "./simulator.ts";

const bench = useBench();
const onMerchant = { stripeAccount: MERCHANT };

async function refundWithFee(fee: number | undefined) {
  const intent = await bench.stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    confirm: true,
    payment_method: "pm_card_visa",
    return_url: RETURN_URL,
    ...(fee === undefined ? {} : { application_fee_amount: fee }),
  }, onMerchant);
  const params = { payment_intent: intent.id, refund_application_fee: true };
  return bench.stripe.refunds.create(params, onMerchant);
}

describe("a connected account", () => {
  it("sees nothing of the platform's objects, nor the platform of its", async () => {
    const own = await bench.stripe.customers.create({}, onMerchant);
    const ours = await bench.stripe.customers.create();
    const crossed = await Promise.all([
      refusalOf(bench.stripe.customers.retrieve(own.id)),
      refusalOf(bench.stripe.customers.retrieve(ours.id, {}, onMerchant)),
    ]);
    expect(crossed.map((one) => one.statusCode)).toEqual([404, 404]);
  });

  it("that is unknown is 403", async () => {
    const refusal = await refusalOf(
      bench.stripe.customers.list({}, { stripeAccount: "acct_stranger" }),
    );
    expect(refusal).toMatchObject({ statusCode: 403, code: "account_invalid" });
  });

  it("pays the platform's fee from a charge, and never more than the charge", async () => {
    const params = {
      amount: 2000,
      currency: "usd",
      confirm: true,
      payment_method: "pm_card_visa",
      return_url: RETURN_URL,
    };
    const fee = { ...params, application_fee_amount: 100, expand: ["latest_charge"] };
    const intent = await bench.stripe.paymentIntents.create(fee, onMerchant);
    expect(intent).toMatchObject({
      application_fee_amount: 100,
      latest_charge: { application_fee_amount: 100 },
    });
    expect(intent.application).toMatch(/^ca_/);
    const over = { ...params, application_fee_amount: 2001 };
    const refusals = await Promise.all([
      refusalOf(bench.stripe.paymentIntents.create(over, onMerchant)),
      refusalOf(bench.stripe.paymentIntents.create(fee)),
    ]);
    expect(refusals.map((one) => one.param)).toEqual([
      "application_fee_amount",
      "application_fee_amount",
    ]);
  });

  it("gets the fee back with a refund only where there was one", async () => {
    expect((await refundWithFee(100)).status).toBe("succeeded");
    for (const none of [undefined, 0]) {
      expect((await refusalOf(refundWithFee(none))).param).toBe("refund_application_fee");
    }
  });

  it("pays the platform's share of each renewal", async () => {
    const { customer, method } = await customerWith(bench.stripe, "pm_card_visa", onMerchant);
    const price = await priceOf(bench.stripe, { unit_amount: 1999 }, onMerchant);
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: price.id }],
      trial_period_days: 1,
      application_fee_percent: 2.5,
    }, onMerchant);
    await bench.advance(DAY + 3700);
    const { data } = await bench.stripe.charges.list({ customer }, onMerchant);
    expect(subscription.application_fee_percent).toBe(2.5);
    expect(data.map((charge) => charge.application_fee_amount)).toEqual([50]);
  });

  it.each([["merchant", {}], ["another application", { application: "ca_Another" }]])(
    "has subscriptions that the %s made, which the platform reads and cannot touch",
    async (_who, maker) => {
      const { customer, method } = await customerWith(bench.stripe, "pm_card_visa", onMerchant);
      const price = await priceOf(bench.stripe, {}, onMerchant);
      const { subscriptions, subscriptionItems } = bench.stripe;
      const items = [{ price: price.id }];
      const made = { customer, items, default_payment_method: method };
      const { id, application } = await subscriptions.create(made, onMerchant);
      expect(application).toMatch(/^ca_/);
      await bench.admin("POST", `/subscriptions/${id}/made-by`, maker);
      const seen = await subscriptions.retrieve(id, {}, onMerchant);
      expect(seen.application).toBe("application" in maker ? maker.application : null);
      const [item] = seen.items.data;
      const refusals = await Promise.all([
        refusalOf(subscriptions.update(id, { metadata: { a: "b" } }, onMerchant)),
        refusalOf(subscriptionItems.update(item?.id ?? "", { quantity: 2 }, onMerchant)),
        refusalOf(subscriptions.cancel(id, {}, onMerchant)),
      ]);
      for (const { message } of refusals) expect(message).toContain("by your application");
      expect((await subscriptions.retrieve(id, {}, onMerchant)).status).toBe("active");
    },
  );

  it("whose charges are disabled cannot take money until they are enabled", async () => {
    const create = () =>
      bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" }, onMerchant);
    await bench.admin("POST", `/accounts/${MERCHANT}/disable-charges`);
    const account = await bench.stripe.accounts.retrieve(MERCHANT);
    expect(account.charges_enabled).toBe(false);
    expect((await refusalOf(create())).statusCode).toBe(400);
    await bench.admin("POST", `/accounts/${MERCHANT}/enable-charges`);
    expect((await create()).amount).toBe(900);
    await bench.idle();
    const told = bench.received.find(({ event }) => event.type === "account.updated")?.event;
    expect(told).toMatchObject({ account: MERCHANT, data: { object: { charges_enabled: false } } });
  });

  it("that cuts the connection is closed to the platform at once", async () => {
    await bench.admin("POST", "/accounts", { id: "acct_1Leaving" });
    const leaving = { stripeAccount: "acct_1Leaving" };
    await bench.stripe.customers.create({}, leaving);
    await bench.admin("POST", "/accounts/acct_1Leaving/deauthorize");
    const refusal = await refusalOf(bench.stripe.customers.create({}, leaving));
    expect(refusal.code).toBe("account_invalid");
    await bench.idle();
    expect(bench.types()).toContain("account.application.deauthorized");
  });
});
