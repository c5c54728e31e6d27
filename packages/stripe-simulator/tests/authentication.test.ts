import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { customerWith, idOf, refusalOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();

async function asked(
  method = "pm_card_threeDSecure2Required",
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.PaymentIntent> {
  return bench.stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    confirm: true,
    payment_method: method,
    return_url: RETURN_URL,
    ...more,
  });
}

const pageOf = (intent: Stripe.PaymentIntent): string =>
  intent.next_action?.redirect_to_url?.url ?? "";

describe("a card that must be authenticated", () => {
  it.each(["pm_card_threeDSecure2Required", "pm_card_authenticationRequired"])(
    "%s asks the customer, and pays once the customer has passed",
    async (id) => {
      const intent = await asked(id);
      expect(intent).toMatchObject({
        status: "requires_action",
        next_action: { type: "redirect_to_url", redirect_to_url: { return_url: RETURN_URL } },
      });
      await bench.admin("POST", `/3ds/${intent.id}/complete`);
      const after = await bench.stripe.paymentIntents.retrieve(intent.id);
      expect(after).toMatchObject({ status: "succeeded", next_action: null });
    },
  );

  it("goes back to asking for a payment method when the customer fails", async () => {
    const intent = await asked();
    await bench.admin("POST", `/3ds/${intent.id}/fail`);
    const after = await bench.stripe.paymentIntents.retrieve(intent.id);
    expect(after).toMatchObject({
      status: "requires_payment_method",
      payment_method: null,
      last_payment_error: { code: "payment_intent_authentication_failure" },
    });
    await expect(bench.admin("POST", `/3ds/${intent.id}/complete`)).rejects.toThrow("pending");
  });

  it.each([
    ["succeed", "succeeded", "succeeded"],
    ["fail", "failed", "requires_payment_method"],
  ])("has a page whose %s button sends the browser back", async (outcome, status, state) => {
    const intent = await asked();
    const page = await fetch(pageOf(intent));
    expect(await page.text()).toContain(`action="?outcome=${outcome}"`);
    const press = { method: "POST", redirect: "manual" } as const;
    const pressed = await fetch(`${pageOf(intent)}?outcome=${outcome}`, press);
    const back = new URL(pressed.headers.get("location") ?? "");
    expect(pressed.status).toBe(303);
    expect(`${back.origin}${back.pathname}`).toBe(RETURN_URL);
    expect(Object.fromEntries(back.searchParams)).toEqual({
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: status,
    });
    expect((await bench.stripe.paymentIntents.retrieve(intent.id)).status).toBe(state);
  });

  it.each([
    ["pm_card_threeDSecureRequiredChargeDeclined", "generic_decline"],
    ["pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "insufficient_funds"],
  ])("%s may be declined after the customer has passed", async (id, decline_code) => {
    const intent = await asked(id);
    await bench.admin("POST", `/3ds/${intent.id}/complete`);
    const after = await bench.stripe.paymentIntents.retrieve(intent.id);
    expect(after).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { decline_code },
    });
  });

  it("hands a browser that uses Stripe.js the page in another form", async () => {
    const intent = await asked("pm_card_threeDSecure2Required", { use_stripe_sdk: true });
    expect(intent.next_action?.type).toBe("use_stripe_sdk");
  });

  it("is refused where nobody is there to authenticate", async () => {
    const refusal = await refusalOf(
      asked("pm_card_threeDSecure2Required", { error_on_requires_action: true }),
    );
    expect(refusal).toMatchObject({ statusCode: 402, code: "authentication_required" });
    const { customer, method } = await customerWith(bench.stripe, "pm_card_authenticationRequired");
    const later = await refusalOf(asked(method, { customer, off_session: true }));
    expect(later).toMatchObject({ statusCode: 402, code: "authentication_required" });
  });

  it("pays unattended once it has been authenticated at set-up, where the card allows it", async () => {
    const customer = await bench.stripe.customers.create();
    const setup = await bench.stripe.setupIntents.create({
      customer: customer.id,
      confirm: true,
      payment_method: "pm_card_authenticationRequiredOnSetup",
      return_url: RETURN_URL,
    });
    expect(setup.status).toBe("requires_action");
    await bench.admin("POST", `/3ds/${setup.id}/complete`);
    const intent = await asked(idOf(setup.payment_method), {
      customer: customer.id,
      off_session: true,
    });
    expect(intent.status).toBe("succeeded");
  });

  it("is left alone when the intent is canceled meanwhile", async () => {
    const intent = await asked();
    await bench.stripe.paymentIntents.cancel(intent.id);
    await expect(bench.admin("POST", `/3ds/${intent.id}/complete`)).rejects.toThrow("pending");
  });
});

function confirmed(method: string): Promise<Stripe.Response<Stripe.SetupIntent>> {
  return bench.stripe.setupIntents.create({
    confirm: true,
    payment_method: method,
    return_url: RETURN_URL,
  });
}

describe("a set-up", () => {
  it("succeeds without a customer, whom the card can then be attached to", async () => {
    const setup = await confirmed("pm_card_visa");
    expect(setup).toMatchObject({ status: "succeeded", usage: "off_session" });
    const customer = await bench.stripe.customers.create();
    const method = await bench.stripe.paymentMethods.attach(idOf(setup.payment_method), {
      customer: customer.id,
    });
    expect(method.customer).toBe(customer.id);
  });

  it("of a declined card is 402 and stays open for another", async () => {
    const setup = await bench.stripe.setupIntents.create();
    const confirm = { payment_method: "pm_card_chargeDeclined", return_url: RETURN_URL };
    const refusal = await refusalOf(bench.stripe.setupIntents.confirm(setup.id, confirm));
    expect(refusal).toMatchObject({ statusCode: 402, decline_code: "generic_decline" });
    const after = await bench.stripe.setupIntents.retrieve(setup.id);
    expect(after).toMatchObject({
      status: "requires_payment_method",
      last_setup_error: { code: "card_declined" },
    });
  });

  it("fails when the customer fails to authenticate", async () => {
    const setup = await confirmed("pm_card_authenticationRequired");
    await bench.admin("POST", `/3ds/${setup.id}/fail`);
    const after = await bench.stripe.setupIntents.retrieve(setup.id);
    expect(after.last_setup_error?.code).toBe("setup_intent_authentication_failure");
  });

  it("is final once it has succeeded or been canceled", async () => {
    const done = await confirmed("pm_card_visa");
    const open = await bench.stripe.setupIntents.create();
    const canceled = await bench.stripe.setupIntents.cancel(open.id);
    const refusals = await Promise.all([
      refusalOf(bench.stripe.setupIntents.confirm(done.id)),
      refusalOf(bench.stripe.setupIntents.cancel(done.id)),
      refusalOf(bench.stripe.setupIntents.confirm(canceled.id)),
    ]);
    expect(new Set(refusals.map((one) => one.code))).toEqual(
      new Set(["setup_intent_unexpected_state"]),
    );
  });
});
