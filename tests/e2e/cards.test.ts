import { afterAll, describe, expect, it } from "vitest";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());

/** Stripe's test methods and the decline codes that its documentation gives for them: https://docs.stripe.com/testing#declined-payments */
const declines = [
  ["pm_card_chargeDeclined", "generic_decline"],
  ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"],
  ["pm_card_visa_chargeDeclinedLostCard", "lost_card"],
  ["pm_card_visa_chargeDeclinedStolenCard", "stolen_card"],
  ["pm_card_chargeDeclinedExpiredCard", "expired_card"],
  ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"],
  ["pm_card_chargeDeclinedProcessingError", "processing_error"],
  ["pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"],
  ["pm_card_visa_chargeDeclinedFraudulent", "fraudulent"],
  ["pm_card_radarBlock", "fraudulent"],
] as const;

describe("a card that is refused", () => {
  it.each(declines)("%s is told as 402 with %s", async (card, declineCode) => {
    const session = await shop.create();
    const refused = await refusal(shop.pay(session, card));
    expect(refused).toMatchObject({ status: 402, code: "card_declined", details: { declineCode } });
    expect(refused.message).not.toMatch(/lost|stolen|fraud/i);
  });

  it("is told to each of twelve that try one at the same instant: none keeps another from being answered", async () => {
    const session = await shop.create();
    const cards = Array.from({ length: 12 }, (_, index) => declines[index % declines.length]);
    const answers = await Promise.all(
      cards.map(([card] = declines[0]) => refusal(shop.pay(session, card))),
    );
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it("is told so to each click where the bank was asked about another card before", async () => {
    const session = await shop.create();
    expect(await shop.pay(session, "pm_card_threeDSecure2Required")).toMatchObject({
      requiresAction: true,
    });
    const clicks = [1, 2].map(() => refusal(shop.pay(session, "pm_card_chargeDeclined")));
    const told = { status: 402, code: "card_declined" };
    expect(await Promise.all(clicks)).toMatchObject([told, told]);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
  });

  it("leaves the session open with the decline, and a second card succeeds", async () => {
    const session = await shop.create();
    await refusal(shop.pay(session, "pm_card_chargeDeclinedInsufficientFunds"));
    await shop.idle();
    const open = await shop.status(session);
    expect(open).toMatchObject({ status: "pending", error: { code: "card_declined" } });

    expect(await shop.pay(session)).toMatchObject({ success: true, status: "active" });
    await shop.idle();
    const paid = await shop.status(session);
    expect(paid.status).toBe("succeeded");
    expect(paid).not.toHaveProperty("error");
    expect((await shop.atStripe(session)).intent.amount_received).toBe(2900);
  });

  it("may be attempted again: its idempotency key does not block the next try", async () => {
    const session = await shop.create();
    for (let tries = 0; tries < 2; tries += 1) {
      expect(await refusal(shop.pay(session, "pm_card_chargeDeclined"))).toMatchObject({
        status: 402,
      });
    }
    const attempts = await shop.query<{ number: number; status: string; decline_code: string }>(
      "select number, status, decline_code from billing.checkout_attempts where checkout_session_id = $1 order by number",
      [session.id],
    );
    expect(attempts).toEqual([
      { number: 1, status: "failed", decline_code: "generic_decline" },
      { number: 2, status: "failed", decline_code: "generic_decline" },
    ]);
  });

  it("does not reopen a session that was paid meanwhile, however late its event comes", async () => {
    await shop.admin("POST", "/faults", {
      kind: "webhook_delay",
      type: "payment_intent.payment_failed",
      ms: 600,
    });
    const session = await shop.create();
    await refusal(shop.pay(session, "pm_card_chargeDeclined"));
    await shop.pay(session);
    await shop.idle();
    await shop.admin("DELETE", "/faults");
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });

  it("is 400 where Stripe knows no such method", async () => {
    const session = await shop.create();
    expect(await refusal(shop.pay(session, "pm_nowhere"))).toMatchObject({
      status: 400,
      code: "payment_method_invalid",
    });
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
  });
});

const challenged = async (returnUrl?: string) => {
  const session = await shop.create();
  const answer = await shop.client.confirm(session.clientSecret, {
    paymentMethodId: "pm_card_threeDSecure2Required",
    ...(returnUrl === undefined ? {} : { returnUrl }),
  });
  return { session, answer };
};

describe("3D Secure", () => {
  it("asked and done ends in an active subscription", async () => {
    const { session, answer } = await challenged();
    expect(answer).toMatchObject({
      success: false,
      status: "requires_action",
      requiresAction: true,
    });
    expect(answer.nextAction?.type).toBe("use_stripe_sdk");
    expect(await shop.status(session)).toMatchObject({ status: "requires_action", features: [] });
    await shop.admin("POST", `/3ds/${session.paymentIntentId}/complete`);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      features: ["pro-1", "pro-2"],
    });
  });

  it("answers where to send the customer when it is told where they come back to", async () => {
    const { answer } = await challenged("https://shop.example.com/done");
    expect(answer).toMatchObject({ nextAction: { type: "redirect_to_url" } });
    expect(answer.actionUrl).toBe(answer.nextAction?.redirectToUrl);
    expect(URL.canParse(answer.actionUrl ?? "")).toBe(true);
  });

  it("done and confirmed before any webhook is read and fulfilled", async () => {
    const { session } = await challenged();
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    await shop.admin("POST", `/3ds/${session.paymentIntentId}/complete`);
    expect(await shop.pay(session, "pm_card_threeDSecure2Required")).toMatchObject({
      status: "active",
    });
    await shop.admin("DELETE", "/faults");
  });

  it("asked is not asked anew when the same card is confirmed again", async () => {
    const { session, answer } = await challenged();
    const again = await shop.client.confirm(session.clientSecret, {
      paymentMethodId: "pm_card_threeDSecure2Required",
    });
    expect(again).toEqual(answer);
    const { n } = await shop.one<{ n: number }>(
      "select count(*)::int as n from billing.checkout_attempts where checkout_session_id = $1",
      [session.id],
    );
    expect(n).toBe(1);
  });

  it("failed leaves the session open, and another card succeeds", async () => {
    const { session } = await challenged();
    await shop.admin("POST", `/3ds/${session.paymentIntentId}/fail`);
    await shop.idle();
    const open = await shop.status(session);
    expect(open).toMatchObject({
      status: "pending",
      error: { code: "authentication_failed" },
      features: [],
    });
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
  });

  it("asked and given up for another card succeeds with that card", async () => {
    const { session } = await challenged();
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
    await shop.idle();
    expect((await shop.atStripe(session)).intent.amount_received).toBe(2900);
  });
});

const debited = async () => {
  const session = await shop.create();
  const answer = await shop.pay(session, "pm_usBankAccount_success");
  expect(answer).toMatchObject({ success: false, status: "processing" });
  await shop.idle();
  expect(await shop.status(session)).toMatchObject({ status: "processing", features: [] });
  return session;
};

describe("a bank debit", () => {
  it("is processing, and not failed, until it settles", async () => {
    const session = await debited();
    await shop.admin("POST", `/debits/${session.paymentIntentId}/settle`);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
    });
  });

  it("that fails opens the session again", async () => {
    const session = await debited();
    await shop.admin("POST", `/debits/${session.paymentIntentId}/fail`);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "pending",
      error: { code: "payment_failed" },
    });
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
  });
});
