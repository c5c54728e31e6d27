import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { customerWith, DAY, idOf, priceOf, refusalOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();

async function setUp(
  payment_method: string,
  more: Partial<Stripe.SetupIntentCreateParams> = {},
): Promise<Stripe.SetupIntent> {
  return bench.stripe.setupIntents.create({
    confirm: true,
    payment_method,
    return_url: RETURN_URL,
    ...more,
  });
}

async function told(id: string): Promise<string[]> {
  await bench.idle();
  return bench.received.map(({ event }) => event)
    .filter((event) => event.type.startsWith("setup_intent.") && "id" in event.data.object)
    .filter((event) => JSON.stringify(event.data.object).includes(`"${id}"`))
    .map((event) => event.type);
}

describe("a card that is set up", () => {
  it.each([
    ["pm_card_chargeDeclined", "generic_decline"],
    ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"],
    ["pm_card_chargeDeclinedLostCard", "lost_card"],
    ["pm_card_chargeDeclinedExpiredCard", "expired_card"],
    ["pm_card_chargeDeclinedProcessingError", "processing_error"],
    ["pm_card_chargeDeclinedFraudulent", "fraudulent"],
  ])("%s is refused as %s, and the attempt is kept", async (method, decline_code) => {
    const intent = await bench.stripe.setupIntents.create({ metadata: { session: "cs_1" } });
    const confirm = bench.stripe.setupIntents.confirm(intent.id, {
      payment_method: method,
      return_url: RETURN_URL,
    });
    expect(await refusalOf(confirm)).toMatchObject({ statusCode: 402, decline_code });
    const after = await bench.stripe.setupIntents.retrieve(intent.id, {
      expand: ["latest_attempt"],
    });
    expect(after).toMatchObject({
      status: "requires_payment_method",
      metadata: { session: "cs_1" },
      last_setup_error: { decline_code },
      latest_attempt: { status: "failed", setup_error: { decline_code } },
    });
    await bench.stripe.setupIntents.confirm(intent.id, {
      payment_method: "pm_card_visa",
      return_url: RETURN_URL,
    });
    expect(await told(intent.id)).toEqual([
      "setup_intent.created",
      "setup_intent.setup_failed",
      "setup_intent.succeeded",
    ]);
  });

  it("waits for its owner where it must, and may be canceled meanwhile", async () => {
    const intent = await setUp("pm_card_authenticationRequired");
    expect(intent.status).toBe("requires_action");
    await bench.stripe.setupIntents.cancel(intent.id, { cancellation_reason: "abandoned" });
    await expect(bench.admin("POST", `/3ds/${intent.id}/complete`)).rejects.toThrow("pending");
    expect(await told(intent.id)).toEqual([
      "setup_intent.created",
      "setup_intent.requires_action",
      "setup_intent.canceled",
    ]);
  });

  it("has the fingerprint of its number, whichever way it came", async () => {
    const fingerprintOf = async (intent: Stripe.SetupIntent) =>
      (await bench.stripe.paymentMethods.retrieve(idOf(intent.payment_method))).card?.fingerprint;
    const raw = await bench.stripe.paymentMethods.create({
      type: "card",
      card: { number: "4242424242424242", exp_month: 5, exp_year: 2041, cvc: "123" },
    });
    const [first, second, other] = await Promise.all([
      setUp("pm_card_visa"),
      setUp("pm_card_visa"),
      setUp("pm_card_mastercard"),
    ]);
    expect(first.payment_method).not.toBe(second.payment_method);
    expect(await fingerprintOf(first)).toBe(await fingerprintOf(second));
    expect(await fingerprintOf(first)).toBe(raw.card?.fingerprint);
    expect(await fingerprintOf(first)).not.toBe(await fingerprintOf(other));
  });

  it("that needed its owner once pays for a trial's end alone, once", async () => {
    const { id: customer } = await bench.stripe.customers.create();
    const intent = await setUp("pm_card_authenticationRequiredOnSetup", { customer });
    await bench.admin("POST", `/3ds/${intent.id}/complete`);
    const price = await priceOf(bench.stripe);
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: idOf(intent.payment_method),
      items: [{ price: price.id }],
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
    });
    await bench.advance(8 * DAY);
    const after = await bench.stripe.subscriptions.retrieve(subscription.id);
    expect(after.status).toBe("active");
    const { data } = await bench.stripe.charges.list({ customer });
    expect(data.map((charge) => charge.paid)).toEqual([true]);
  });

  it("and taken away again leaves a trial to be canceled at its end", async () => {
    const { customer, method } = await customerWith(bench.stripe);
    const price = await priceOf(bench.stripe);
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: price.id }],
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
    });
    await bench.stripe.paymentMethods.detach(method);
    await bench.advance(8 * DAY);
    const after = await bench.stripe.subscriptions.retrieve(subscription.id);
    expect(after.status).toBe("canceled");
    expect((await bench.stripe.charges.list({ customer })).data).toEqual([]);
  });
});

describe("a bank account that is set up", () => {
  it("needs consent, keeps it, and is debited later without asking again", async () => {
    expect((await refusalOf(setUp("pm_usBankAccount_success"))).param).toBe("mandate_data");
    const { id: customer } = await bench.stripe.customers.create();
    const intent = await setUp("pm_usBankAccount_success", {
      customer,
      mandate_data: { customer_acceptance: { type: "offline" } },
      expand: ["mandate"],
    });
    expect(intent).toMatchObject({ status: "succeeded", mandate: { status: "active" } });
    const payment = await bench.stripe.paymentIntents.create({
      amount: 2000,
      currency: "usd",
      customer,
      payment_method: idOf(intent.payment_method),
      confirm: true,
      off_session: true,
      return_url: RETURN_URL,
    });
    expect(payment.status).toBe("processing");
  });
});

describe("set-up intents", () => {
  it("are listed by when they were made", async () => {
    const first = await bench.stripe.setupIntents.create();
    await bench.advance(100);
    const second = await bench.stripe.setupIntents.create();
    const { data } = await bench.stripe.setupIntents.list({
      created: { gte: second.created, lte: second.created + 5 },
    });
    expect(data.map((one) => one.id)).toContain(second.id);
    expect(data.map((one) => one.id)).not.toContain(first.id);
  });
});
