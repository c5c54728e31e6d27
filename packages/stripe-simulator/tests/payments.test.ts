import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { customerWith, idOf, refusalOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();

const paid = (method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  bench.stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    confirm: true,
    payment_method: method,
    return_url: RETURN_URL,
    ...more,
  });

function card(number: string): Promise<Stripe.PaymentMethod> {
  return bench.stripe.paymentMethods.create({
    type: "card",
    card: { number, exp_month: 12, exp_year: 2040, cvc: "123" },
  });
}

describe("a card that pays", () => {
  it.each([
    ["pm_card_visa", "visa", "4242"],
    ["pm_card_mastercard", "mastercard", "4444"],
    ["pm_card_amex", "amex", "0005"],
    ["pm_card_visa_debit", "visa", "5556"],
  ])("%s leaves a succeeded intent and one paid charge", async (id, brand, last4) => {
    const intent = await paid(id, { expand: ["latest_charge"] });
    const charge = intent.latest_charge;
    expect(intent).toMatchObject({ status: "succeeded", amount_received: 2000, next_action: null });
    expect(charge).toMatchObject({
      paid: true,
      amount_captured: 2000,
      balance_transaction: null,
      outcome: { type: "authorized" },
      payment_method_details: { card: { brand, last4 } },
    });
  });

  it("has one fingerprint for one number, another for another", async () => {
    const [one, same, other] = await Promise.all([
      card("4242424242424242"),
      card("4242 4242 4242 4242"),
      card("5555555555554444"),
    ]);
    expect(one.id).not.toBe(same.id);
    expect(one.card?.fingerprint).toBe(same.card?.fingerprint);
    expect(one.card?.fingerprint).not.toBe(other.card?.fingerprint);
  });
});

/** Every decline of Stripe's testing page. */
const DECLINES = [
  ["pm_card_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_visa_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
  ["pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"],
  ["pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card"],
  ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
  ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
  ["pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"],
  ["pm_card_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"],
  ["pm_card_chargeDeclinedFraudulent", "card_declined", "fraudulent"],
  ["pm_card_radarBlock", "card_declined", "fraudulent"],
  ["pm_card_chargeCustomerFail", "card_declined", "generic_decline"],
] as const;

describe("a card that is refused", () => {
  it.each(DECLINES)("%s answers 402 %s %s and frees the intent", async (id, code, decline) => {
    const intent = await bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" });
    const confirm = { payment_method: id, return_url: RETURN_URL };
    const refusal = await refusalOf(bench.stripe.paymentIntents.confirm(intent.id, confirm));
    expect(refusal).toMatchObject({
      type: "StripeCardError",
      statusCode: 402,
      code,
      decline_code: decline,
      payment_intent: { id: intent.id, status: "requires_payment_method", payment_method: null },
    });
    const after = await bench.stripe.paymentIntents.retrieve(intent.id, {
      expand: ["latest_charge"],
    });
    expect(after.last_payment_error).toMatchObject({ code, decline_code: decline });
    expect(after.latest_charge).toMatchObject({
      paid: false,
      status: "failed",
      failure_code: code,
    });
    const retried = await bench.stripe.paymentIntents.confirm(intent.id, {
      payment_method: "pm_card_visa",
      return_url: RETURN_URL,
    });
    expect(retried).toMatchObject({ status: "succeeded", last_payment_error: null });
  });
});

describe("the state machine", () => {
  it("refuses to confirm or cancel what has succeeded", async () => {
    const intent = await paid("pm_card_visa");
    const confirmed = await refusalOf(bench.stripe.paymentIntents.confirm(intent.id));
    const canceled = await refusalOf(bench.stripe.paymentIntents.cancel(intent.id));
    for (const refusal of [confirmed, canceled]) {
      expect(refusal).toMatchObject({
        statusCode: 400,
        code: "payment_intent_unexpected_state",
        payment_intent: { status: "succeeded" },
      });
    }
  });

  it("refuses to confirm or cancel what has been canceled", async () => {
    const intent = await bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" });
    const done = await bench.stripe.paymentIntents.cancel(intent.id, {
      cancellation_reason: "abandoned",
    });
    expect(done).toMatchObject({ status: "canceled", cancellation_reason: "abandoned" });
    const confirm = { payment_method: "pm_card_visa", return_url: RETURN_URL };
    const refusals = await Promise.all([
      refusalOf(bench.stripe.paymentIntents.confirm(intent.id, confirm)),
      refusalOf(bench.stripe.paymentIntents.cancel(intent.id)),
    ]);
    expect(refusals.map((one) => one.code)).toEqual([
      "payment_intent_unexpected_state",
      "payment_intent_unexpected_state",
    ]);
  });

  it("refuses to confirm without a payment method, and without a way back", async () => {
    const intent = await bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" });
    const bare = await refusalOf(bench.stripe.paymentIntents.confirm(intent.id));
    expect(bare.code).toBe("payment_intent_unexpected_state");
    const lost = await refusalOf(
      bench.stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa" }),
    );
    expect(lost.param).toBe("return_url");
    const never = await bench.stripe.paymentIntents.create({
      amount: 900,
      currency: "usd",
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    });
    const done = await bench.stripe.paymentIntents.confirm(never.id, {
      payment_method: "pm_card_visa",
    });
    expect(done.status).toBe("succeeded");
  });

  it.each([
    ["too little", { amount: 49, currency: "usd" }, "amount_too_small"],
    ["too little in yen", { amount: 49, currency: "jpy" }, "amount_too_small"],
    ["too much", { amount: 100_000_000, currency: "usd" }, "amount_too_large"],
    ["nothing", { amount: 0, currency: "usd" }, "parameter_invalid_integer"],
    ["a fraction", { amount: 10.5, currency: "usd" }, "parameter_invalid_integer"],
  ])("refuses %s", async (_name, params, code) => {
    const refusal = await refusalOf(bench.stripe.paymentIntents.create(params));
    expect(refusal).toMatchObject({ statusCode: 400, code });
  });
});

describe("payment methods", () => {
  it("that have paid without being kept can neither be attached nor pay again", async () => {
    const intent = await paid("pm_card_visa");
    const customer = await bench.stripe.customers.create();
    const method = idOf(intent.payment_method);
    const attached = await refusalOf(
      bench.stripe.paymentMethods.attach(method, { customer: customer.id }),
    );
    expect(attached.message).toContain("may not be used again");
    expect((await refusalOf(paid(method))).message).toContain("may not be used again");
  });

  it("that have paid to be kept can be attached afterwards, and then pay again", async () => {
    const intent = await paid("pm_card_visa", { setup_future_usage: "off_session" });
    const customer = await bench.stripe.customers.create();
    const method = idOf(intent.payment_method);
    expect((await refusalOf(paid(method))).statusCode).toBe(400);
    await bench.stripe.paymentMethods.attach(method, { customer: customer.id });
    const again = await paid(method, { customer: customer.id, off_session: true });
    expect(again.status).toBe("succeeded");
  });

  it("are attached by the payment itself when the intent has a customer", async () => {
    const customer = await bench.stripe.customers.create();
    const intent = await paid("pm_card_visa", {
      customer: customer.id,
      setup_future_usage: "off_session",
    });
    const method = await bench.stripe.paymentMethods.retrieve(idOf(intent.payment_method));
    expect(method.customer).toBe(customer.id);
  });

  it("of one customer are refused to another, and to nobody", async () => {
    const owner = await customerWith(bench.stripe);
    const other = await bench.stripe.customers.create();
    const attach = bench.stripe.paymentMethods.attach(owner.method, { customer: other.id });
    expect((await refusalOf(attach)).code).toBe("payment_method_unexpected_state");
    expect((await refusalOf(paid(owner.method))).param).toBe("payment_method");
    const stolen = paid(owner.method, { customer: other.id });
    expect((await refusalOf(stolen)).param).toBe("payment_method");
  });

  it("that would be declined are refused when they are attached; one attaches and then fails", async () => {
    const customer = await bench.stripe.customers.create();
    const attach = (id: string) =>
      bench.stripe.paymentMethods.attach(id, { customer: customer.id });
    expect(await refusalOf(attach("pm_card_chargeDeclined"))).toMatchObject({
      statusCode: 402,
      decline_code: "generic_decline",
    });
    const kept = await attach("pm_card_chargeCustomerFail");
    const refusal = await refusalOf(paid(kept.id, { customer: customer.id, off_session: true }));
    expect(refusal.decline_code).toBe("generic_decline");
  });

  it("once detached are gone for good", async () => {
    const { customer, method } = await customerWith(bench.stripe);
    await bench.stripe.paymentMethods.detach(method);
    const again = bench.stripe.paymentMethods.attach(method, { customer });
    expect((await refusalOf(again)).message).toContain("may not be used again");
  });

  it.each([
    ["a wrong number", { number: "4242424242424241" }, "incorrect_number"],
    ["a real card", { number: "4012888888881881" }, "card_declined"],
    ["a month of 13", { exp_month: 13 }, "invalid_expiry_month"],
    ["a past year", { exp_year: 2020 }, "invalid_expiry_year"],
    ["letters as CVC", { cvc: "abc" }, "invalid_cvc"],
  ])("from %s are refused", async (_name, change, code) => {
    const given = { number: "4242424242424242", exp_month: 12, exp_year: 2040, ...change };
    const create = bench.stripe.paymentMethods.create({ type: "card", card: given });
    const refusal = await refusalOf(create);
    expect(refusal).toMatchObject({ statusCode: 402, code });
  });
});

describe("refunds", () => {
  it("give back parts until nothing is left, and no more than that", async () => {
    const intent = await paid("pm_card_visa");
    const first = await bench.stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    expect(first).toMatchObject({ amount: 500, status: "succeeded", charge: intent.latest_charge });
    const over = bench.stripe.refunds.create({ payment_intent: intent.id, amount: 1501 });
    expect((await refusalOf(over)).param).toBe("amount");
    await bench.stripe.refunds.create({ payment_intent: intent.id });
    const charge = await bench.stripe.charges.retrieve(idOf(intent.latest_charge), {
      expand: ["refunds"],
    });
    expect(charge).toMatchObject({ refunded: true, amount_refunded: 2000 });
    expect(charge.refunds?.data).toHaveLength(2);
    const again = bench.stripe.refunds.create({ payment_intent: intent.id });
    expect((await refusalOf(again)).code).toBe("charge_already_refunded");
  });

  it("of a payment that was never made are refused", async () => {
    const intent = await bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" });
    const refusal = await refusalOf(bench.stripe.refunds.create({ payment_intent: intent.id }));
    expect(refusal.code).toBe("charge_not_refundable");
  });
});
