import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { eventually, refusal } from "../support/shop.ts";
import { DAY, endAll, letPass, openClockStack } from "../support/clock-stack.ts";

const { openShop } = await openClockStack();
const shop = await openShop();
afterEach(() => endAll(shop));

const later = (seconds: number) => letPass(shop, seconds);
/** Each test has a product of its own to try: a card that tried one may try another. */
let products = 0;
const onTrial = () => shop.sell(`Scale-${products++}`, { amount: 9900, trialDays: 14 });

function idOf(reference: string | { readonly id: string } | null | undefined): string {
  if (typeof reference === "string") return reference;
  throw new Error("not an id");
}

/** Everything that was ever charged for a session's subscription. */
async function charges(session: CreateResponse): Promise<number[]> {
  const [subscription] = await subscriptionsOf(session);
  const { data } = await shop.stripe.charges.list({
    customer: idOf(subscription?.customer),
    limit: 100,
  });
  return data.filter(({ paid }) => paid).map(({ amount }) => amount);
}

async function subscriptionsOf(session: CreateResponse) {
  const { data } = await shop.stripe.subscriptions.list({ status: "all", limit: 100 });
  return data.filter(({ metadata }) => metadata["checkout_session_id"] === session.id);
}
const struck = z.array(z.object({ struck: z.number() }));
const rowsOf = (session: CreateResponse) =>
  shop.query("select id from billing.subscriptions where checkout_session_id = $1", [session.id]);

describe("a trial", () => {
  it("asks for a card with a set-up intent, and for no money", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    expect(session).toMatchObject({
      checkoutMode: "trial",
      trialDays: 14,
      amount: 9900,
      totalAmount: 0,
      status: "pending",
    });
    expect(session.clientSecret).toMatch(/^seti_/);
    expect(session.paymentIntentId).toMatch(/^seti_/);
  });

  it("begins once the card is set up: trialing, with its features, and nothing charged", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    expect(await rowsOf(session)).toEqual([]);
    const answer = await shop.pay(session);
    expect(answer).toMatchObject({
      success: true,
      status: "trialing",
      requiresAction: false,
      message: "Your free trial has begun.",
    });
    const snapshot = await shop.status(session);
    expect(snapshot).toMatchObject({
      status: "succeeded",
      checkoutMode: "trial",
      subscription: { status: "trialing" },
    });
    expect(snapshot.features).toHaveLength(2);
    expect(snapshot.subscription?.trialEnd).toBe(snapshot.subscription?.currentPeriodEnd);
    expect(await charges(session)).toEqual([]);
  });

  it("converts at its end and charges once, then each period once", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    await shop.pay(session);
    await later(13 * DAY);
    expect(await charges(session)).toEqual([]);
    await later(2 * DAY);
    expect(await shop.status(session)).toMatchObject({ subscription: { status: "active" } });
    expect(await charges(session)).toEqual([9900]);
    await later(31 * DAY);
    expect(await charges(session)).toEqual([9900, 9900]);
  });

  it("never charges when it is canceled before its end", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    await shop.pay(session);
    const [subscription] = await subscriptionsOf(session);
    await shop.stripe.subscriptions.update(subscription?.id ?? "", { cancel_at_period_end: true });
    await later(40 * DAY);
    expect(await charges(session)).toEqual([]);
    expect(await shop.status(session)).toMatchObject({
      subscription: { status: "canceled" },
      features: [],
    });
  });

  it("ends without a debt when the card is gone by then", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    await shop.pay(session);
    const [subscription] = await subscriptionsOf(session);
    await shop.stripe.paymentMethods.detach(
      idOf(subscription?.default_payment_method),
    );
    await later(15 * DAY);
    expect(await shop.status(session)).toMatchObject({
      subscription: { status: "canceled" },
      features: [],
    });
  });

  it("is one, also where a second run is held up until Stripe has forgotten the first one's key", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    // After its last call before the subscription is made.
    const path = "/v1/payment_methods/*/attach";
    const held = { kind: "latency", method: "POST", phase: "after", path, ms: 600_000 };
    await shop.admin("POST", "/faults", held);
    await shop.payInBrowser(session);
    await eventually(
      async () => struck.parse(await shop.admin("GET", "/faults")),
      (faults) => faults.every((fault) => fault.struck > 0),
    );
    expect(await shop.pay(session)).toMatchObject({ status: "trialing" });
    const [own] = await subscriptionsOf(session);
    await shop.admin("POST", "/clock/advance", { seconds: 2 * DAY });
    await shop.admin("DELETE", "/faults");
    await shop.idle();
    const made = await subscriptionsOf(session);
    expect(made).toHaveLength(2);
    expect(made.filter(({ status }) => status === "trialing").map(({ id }) => id))
      .toEqual([own?.id]);
    expect(await rowsOf(session)).toHaveLength(1);
  });

  it("has no row before the card is set up, however the card is refused", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    expect(await refusal(shop.pay(session, "pm_card_chargeDeclined"))).toMatchObject({
      status: 402,
      code: "card_declined",
    });
    await shop.idle();
    expect(await rowsOf(session)).toEqual([]);
    expect(await subscriptionsOf(session)).toEqual([]);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
    expect(await shop.pay(session)).toMatchObject({ status: "trialing" });
  });

  it("waits for the bank where the set-up must be authenticated", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    const answer = await shop.pay(session, "pm_card_threeDSecure2Required");
    expect(answer).toMatchObject({ requiresAction: true, status: "requires_action" });
    expect(await rowsOf(session)).toEqual([]);
    await shop.admin("POST", `/3ds/${session.paymentIntentId}/complete`);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "trialing" },
    });
  });

  it("stays open for another card when the authentication fails", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    await shop.pay(session, "pm_card_threeDSecure2Required");
    await shop.admin("POST", `/3ds/${session.paymentIntentId}/fail`);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({
      status: "pending",
      error: { code: "authentication_failed" },
    });
    expect(await shop.pay(session)).toMatchObject({ status: "trialing" });
  });

  it("begins as well when the browser set the card up and only the webhook told", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    await shop.payInBrowser(session);
    await shop.idle();
    await eventually(() => shop.status(session), ({ status }) => status === "succeeded");
    expect(await subscriptionsOf(session)).toHaveLength(1);
    expect(await rowsOf(session)).toHaveLength(1);
  });

  it("is one trial when confirm and webhooks come twice", async () => {
    const { priceId } = await onTrial();
    const session = await shop.create({ priceId });
    await shop.admin("POST", "/faults", { kind: "webhook_duplicate", copies: 2, count: 20 });
    await Promise.all([shop.pay(session), shop.pay(session).catch(() => undefined)]);
    await shop.pay(session);
    await shop.admin("DELETE", "/faults");
    await shop.idle();
    expect(await subscriptionsOf(session)).toHaveLength(1);
    expect(await rowsOf(session)).toHaveLength(1);
  });
});

describe("a trial is due once for a customer and a product", () => {
  it("and after it the same customer pays from the first day", async () => {
    const { priceId } = await onTrial();
    const first = await shop.create({ priceId, user: "tries-twice" });
    await shop.pay(first);
    const [subscription] = await subscriptionsOf(first);
    await shop.stripe.subscriptions.cancel(subscription?.id ?? "");
    await shop.idle();
    const second = await shop.create({ priceId, user: "tries-twice" });
    expect(second).toMatchObject({ checkoutMode: "standard", trialDays: 0, totalAmount: 9900 });
    expect(await shop.pay(second)).toMatchObject({ status: "active" });
  });

  it("whatever other id comes with the same e-mail address", async () => {
    const { priceId } = await onTrial();
    const first = await shop.create({ priceId, email: "once@example.com" });
    await shop.pay(first, "pm_card_mastercard");
    expect(await shop.create({ priceId, email: "Once@example.com" }))
      .toMatchObject({ checkoutMode: "standard" });
  });

  it("whatever other id and address come with the same card; the next checkout is without a trial", async () => {
    const { priceId } = await onTrial();
    await shop.pay(await shop.create({ priceId, email: "one@example.com" }));
    const user = "same-card";
    const second = await shop.create({ priceId, user, email: "two@example.com" });
    expect(second.checkoutMode).toBe("trial");
    expect(await refusal(shop.pay(second))).toMatchObject({ status: 409, code: "trial_used" });
    await shop.idle();
    expect(await shop.status(second)).toMatchObject({
      status: "failed",
      error: { code: "trial_used" },
    });
    expect(await subscriptionsOf(second)).toEqual([]);
    const third = await shop.create({ priceId, user, email: "two@example.com" });
    expect(third).toMatchObject({ checkoutMode: "standard", totalAmount: 9900 });
    expect(await shop.pay(third)).toMatchObject({ status: "active" });
  });

  it("also when two sessions with one card are confirmed at the same instant", async () => {
    const { priceId } = await onTrial();
    const sessions = await Promise.all([shop.create({ priceId }), shop.create({ priceId })]);
    await Promise.allSettled(sessions.map((session) => shop.pay(session, "pm_card_amex")));
    await shop.idle();
    const ends = await Promise.all(sessions.map((session) => shop.status(session)));
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["failed", "succeeded"]);
    const made = await Promise.all(sessions.map(subscriptionsOf));
    expect(made.flat().filter(({ status }) => status === "trialing")).toHaveLength(1);
  });

  it("but one product's trial does not use up another's", async () => {
    const [one, other] = [await onTrial(), await onTrial()];
    const user = "tries-both";
    await shop.pay(await shop.create({ priceId: one.priceId, user }));
    const second = await shop.create({ priceId: other.priceId, user });
    expect(second.checkoutMode).toBe("trial");
    expect(await shop.pay(second)).toMatchObject({ status: "trialing" });
  });
});
