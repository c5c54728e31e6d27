import { randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { snapshot } from "../../shared/contract/snapshot.ts";
import { eventually, openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
const connected = await openShop(stack(), { applicationFeeBps: 250 });
afterAll(() => Promise.all([shop.close(), connected.close()]));
afterEach(() => shop.admin("DELETE", "/faults"));

/** A session and its owner's token. */
async function opened() {
  const token = await shop.token();
  const session = await shop.client.create(token, { priceId: shop.pro.priceId });
  return { session, cancel: () => shop.client.cancel(token, session.id) };
}
const intentOf = async (session: CreateResponse) => (await shop.atStripe(session)).intent;
/** Stripe is slow about it, once. */
const slow = (path: string, phase: "before" | "after", ms = 400) =>
  shop.admin("POST", "/faults", { kind: "latency", method: "POST", path, phase, ms });
const CONFIRM = "/v1/payment_intents/*/confirm";
const CANCEL = "/v1/payment_intents/*/cancel";
const kept = async (session: CreateResponse) => {
  const { intent, refunds } = await shop.atStripe(session);
  return intent.amount_received - refunds.reduce((sum, { amount }) => sum + amount, 0);
};

describe("a session that its owner cancels", () => {
  it("is canceled here and at Stripe, and takes no card any more", async () => {
    const { session, cancel } = await opened();
    const canceled = await cancel();
    expect(canceled).toMatchObject({ id: session.id, status: "canceled", features: [] });
    expect(await intentOf(session)).toMatchObject({
      status: "canceled",
      cancellation_reason: "abandoned",
    });
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 409, code: "session_closed" });
    await expect(shop.payInBrowser(session)).rejects.toThrow("400");
    await shop.idle();
    expect(await shop.status(session)).toEqual(canceled);
  });

  it("is answered the same however often and at whatever instants it is canceled", async () => {
    const { cancel } = await opened();
    const [first, ...others] = await Promise.all([cancel(), cancel(), cancel()]);
    expect(others).toEqual([first, first]);
    expect(await cancel()).toEqual(first);
  });

  it("may be canceled with another token of the same customer", async () => {
    const user = randomUUID();
    const session = await shop.create({ user });
    const canceled = await shop.client.cancel(await shop.token(user), session.id);
    expect(canceled.status).toBe("canceled");
  });

  it("is canceled on the connected account that it was opened on", async () => {
    const user = randomUUID();
    const session = await connected.create({ user });
    const canceled = await connected.client.cancel(await connected.token(user), session.id);
    expect(canceled.status).toBe("canceled");
    expect((await connected.atStripe(session)).intent.status).toBe("canceled");
  });

  it("tells whoever watches, once, as the next version", async () => {
    const { session, cancel } = await opened();
    const before = await shop.status(session);
    const canceled = await cancel();
    await shop.idle();
    const told = await shop.query<{ payload: unknown }>(
      "select payload from realtime.messages where topic = $1 order by inserted_at",
      [session.realtime.topic],
    );
    expect(canceled.version).toBe(before.version + 1);
    expect(told.map(({ payload }) => snapshot.parse(payload)).slice(-1)).toEqual([canceled]);
  });

  it.each([
    ["a card was refused", "pm_card_chargeDeclined"],
    ["the bank asks the customer", "pm_card_threeDSecure2Required"],
  ])("is canceled although %s", async (_name, card) => {
    const { session, cancel } = await opened();
    await shop.pay(session, card).catch(() => undefined);
    const canceled = await cancel();
    expect(canceled.status).toBe("canceled");
    expect(canceled).not.toHaveProperty("error");
    const open = await shop.query(
      "select 1 from billing.checkout_attempts where checkout_session_id = $1 and finished_at is null",
      [session.id],
    );
    expect(open).toEqual([]);
    await expect(shop.admin("POST", `/3ds/${session.paymentIntentId}/complete`)).rejects.toThrow(
      "/3ds/",
    );
  });

  it("makes room for a new one when the same thing is asked again", async () => {
    const token = await shop.token();
    const ask = () => shop.client.create(token, { priceId: shop.pro.priceId });
    const first = await ask();
    await shop.client.cancel(token, first.id);
    const second = await ask();
    expect(second.id).not.toBe(first.id);
    expect(await shop.pay(second)).toMatchObject({ success: true });
  });

  it("is canceled without Stripe where it has no intent yet, and its late intent is canceled too", async () => {
    const token = await shop.token();
    await slow("/v1/payment_intents", "after", 1_000);
    const creating = refusal(shop.client.create(token, { priceId: shop.pro.priceId }));
    const { id } = await eventually(
      async () =>
        (await shop.query<{ id: string }>(
          `select id from billing.checkout_sessions where organization_id = $1 and payment_intent_id is null
           and status = 'open'`,
          [shop.organizationId],
        ))[0] ?? { id: "" },
      (row) => row.id !== "",
    );
    expect(await shop.client.cancel(token, id)).toMatchObject({ status: "canceled" });
    expect(await creating).toMatchObject({ status: 409, code: "session_closed" });
    const { data } = await shop.stripe.paymentIntents.list({ limit: 100 });
    expect(data.find(({ metadata }) => metadata["checkout_session_id"] === id)?.status)
      .toBe("canceled");
  });
});

describe("a session that asks for no payment now", () => {
  it("is canceled without a word to Stripe where it is free, and is not activated any more", async () => {
    const { priceId } = await shop.sell("Starter", { amount: 0 });
    const token = await shop.token();
    const { id } = await shop.client.create(token, { priceId });
    await shop.idle();
    await shop.admin("DELETE", "/exchanges");
    const canceled = await shop.client.cancel(token, id);
    expect(canceled).toMatchObject({ status: "canceled", checkoutMode: "free" });
    expect(await refusal(shop.client.confirmFree(token, id))).toMatchObject({
      code: "session_closed",
    });
    expect(await shop.client.cancel(token, id)).toEqual(canceled);
    expect(await shop.admin("GET", "/exchanges")).toEqual([]);
  });

  it("ends once, whether its free activation or its cancellation comes first", async () => {
    const { priceId } = await shop.sell("Basic", { amount: 0 });
    for (let round = 0; round < 8; round += 1) {
      const token = await shop.token();
      const { id } = await shop.client.create(token, { priceId });
      const [activated, canceled] = await Promise.allSettled([
        shop.client.confirmFree(token, id),
        shop.client.cancel(token, id),
      ]);
      const won = activated.status === "fulfilled";
      expect(canceled.status).toBe(won ? "rejected" : "fulfilled");
      expect(await shop.status({ id })).toMatchObject({ status: won ? "succeeded" : "canceled" });
    }
  });

  it("is canceled at Stripe where a trial's card was to be set up, and the trial is still due", async () => {
    const { priceId } = await shop.sell("Scale", { trialDays: 14 });
    const token = await shop.token();
    const session = await shop.client.create(token, { priceId });
    expect(await shop.client.cancel(token, session.id)).toMatchObject({
      status: "canceled",
      checkoutMode: "trial",
    });
    const intent = await shop.stripe.setupIntents.retrieve(session.paymentIntentId ?? "");
    expect(intent.status).toBe("canceled");
    expect(await refusal(shop.pay(session))).toMatchObject({ code: "session_closed" });
    const again = await shop.client.create(token, { priceId });
    expect(again.checkoutMode).toBe("trial");
    expect(await shop.pay(again)).toMatchObject({ status: "trialing" });
  });

  it("is not canceled once the trial's card is set up: the trial begins, and that is told", async () => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const { priceId } = await shop.sell("Growth", { trialDays: 14 });
    const token = await shop.token();
    const session = await shop.client.create(token, { priceId });
    await shop.payInBrowser(session);
    expect(await refusal(shop.client.cancel(token, session.id))).toMatchObject({
      status: 409,
      code: "session_completed",
      details: { session: { status: "succeeded", subscription: { status: "trialing" } } },
    });
  });
});

describe("a session that cannot be canceled", () => {
  it("was paid: that is told, with the subscription", async () => {
    const { session, cancel } = await opened();
    await shop.pay(session);
    const shown = await shop.status(session);
    expect(await refusal(cancel())).toMatchObject({
      status: 409,
      code: "session_completed",
      details: { session: shown },
    });
    expect(await shop.status(session)).toEqual(shown);
  });

  it("was paid in the browser and nobody heard: it is fulfilled first", async () => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const { session, cancel } = await opened();
    await shop.payInBrowser(session);
    expect(await refusal(cancel())).toMatchObject({
      status: 409,
      code: "session_completed",
      details: { session: { status: "succeeded", features: ["pro-1", "pro-2"] } },
    });
    expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
  });

  it("was paid and cannot be honored: that the money went back is told", async () => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const user = randomUUID();
    const sessions = [await shop.create({ user }), await shop.create({ user })] as const;
    await shop.pay(sessions[0]);
    await shop.payInBrowser(sessions[1]);
    const canceling = shop.client.cancel(await shop.token(user), sessions[1].id);
    expect(await refusal(canceling)).toMatchObject({
      status: 409,
      code: "payment_refunded",
      details: { session: { status: "failed" } },
    });
    expect(await kept(sessions[1])).toBe(0);
  });

  it.each([["here", false], ["in the browser, unheard", true]])(
    "has a bank debit on its way, begun %s: it is left to the bank",
    async (_name, unheard) => {
      const { session, cancel } = await opened();
      if (unheard) await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
      if (unheard) await shop.payInBrowser(session, "pm_usBankAccount_success");
      else await shop.pay(session, "pm_usBankAccount_success");
      expect(await refusal(cancel())).toMatchObject({
        status: 409,
        code: "payment_processing",
        details: { session: { status: "processing" } },
      });
      expect((await intentOf(session)).status).toBe("processing");
      await shop.admin("DELETE", "/faults");
      await shop.admin("POST", `/debits/${session.paymentIntentId}/settle`);
      await shop.idle();
      expect(await refusal(cancel())).toMatchObject({ status: 409, code: "session_completed" });
    },
  );

  it("has a bank debit that failed, unheard: then it is canceled after all", async () => {
    const { session, cancel } = await opened();
    await shop.pay(session, "pm_usBankAccount_insufficientFunds");
    await shop.idle();
    await refusal(cancel());
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    await shop.admin("POST", `/debits/${session.paymentIntentId}/fail`);
    expect(await cancel()).toMatchObject({ status: "canceled" });
  });

  it("has expired: that is told", async () => {
    const { session, cancel } = await opened();
    await shop.query(
      "update billing.checkout_sessions set created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' where id = $1",
      [session.id],
    );
    for (let round = 0; round < 2; round += 1) {
      expect(await refusal(cancel())).toMatchObject({
        status: 410,
        code: "session_expired",
        details: { session: { status: "expired" } },
      });
    }
    expect((await intentOf(session)).status).toBe("canceled");
  });

  it("has failed: that is told", async () => {
    const { session, cancel } = await opened();
    await shop.query("update billing.checkout_sessions set status = 'failed' where id = $1", [
      session.id,
    ]);
    expect(await refusal(cancel())).toMatchObject({ status: 409, code: "session_closed" });
  });
});

describe("of a cancellation and a payment that race", () => {
  it("the payment stands where Stripe took it first, and the owner is told", async () => {
    const { session, cancel } = await opened();
    // The card is taken, and its answer on its way, when the cancellation arrives.
    await slow(CONFIRM, "after");
    const paying = shop.pay(session);
    await eventually(() => intentOf(session), ({ status }) => status === "succeeded");
    expect(await refusal(cancel())).toMatchObject({
      code: "session_completed",
      details: { session: { status: "succeeded" } },
    });
    expect(await paying).toMatchObject({ success: true, status: "active" });
    await shop.idle();
    expect(await kept(session)).toBe(2900);
    expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
  });

  it("the payment stands where it came between the owner's look and the cancellation", async () => {
    const { session, cancel } = await opened();
    await slow(CANCEL, "before");
    const canceling = refusal(cancel());
    await shop.pay(session);
    expect(await canceling).toMatchObject({
      code: "session_completed",
      details: { session: { status: "succeeded" } },
    });
    expect(await kept(session)).toBe(2900);
  });

  it("the cancellation stands where Stripe took it first, and the payer is told", async () => {
    const { session, cancel } = await opened();
    await slow(CONFIRM, "before");
    const paying = refusal(shop.pay(session));
    // The confirm has its attempt and is on its way to Stripe.
    await eventually(
      () =>
        shop.query("select 1 from billing.checkout_attempts where checkout_session_id = $1", [
          session.id,
        ]),
      ({ length }) => length > 0,
    );
    expect(await cancel()).toMatchObject({ status: "canceled" });
    expect(await paying).toMatchObject({ status: 409, code: "session_closed" });
    await shop.idle();
    expect(await kept(session)).toBe(0);
    expect(await shop.status(session)).toMatchObject({ status: "canceled" });
  });

  it("the cancellation stands whose answer was late", async () => {
    const { session, cancel } = await opened();
    await slow(CANCEL, "after");
    const canceling = cancel();
    await eventually(() => intentOf(session), ({ status }) => status === "canceled");
    expect(await refusal(shop.pay(session))).toMatchObject({ code: "session_closed" });
    expect(await canceling).toMatchObject({ status: "canceled" });
  });

  it("exactly one stands, whenever they start", async () => {
    for (let round = 0; round < 12; round += 1) {
      const { session, cancel } = await opened();
      const [paid, canceled] = await Promise.allSettled([shop.pay(session), cancel()]);
      expect([paid.status, canceled.status].toSorted()).toEqual(["fulfilled", "rejected"]);
      await shop.idle();
      const won = paid.status === "fulfilled";
      expect(await shop.status(session)).toMatchObject({ status: won ? "succeeded" : "canceled" });
      expect(await kept(session)).toBe(won ? 2900 : 0);
    }
  });
});

describe("a cancellation that Stripe answers badly", () => {
  it.each(["cut_after", "error_after", "cut_before", "error_before", "rate_limit"])(
    "with %s is done all the same",
    async (kind) => {
      const { session, cancel } = await opened();
      await shop.admin("POST", "/faults", { kind, path: CANCEL, method: "POST" });
      expect(await cancel()).toMatchObject({ status: "canceled" });
      expect((await intentOf(session)).status).toBe("canceled");
    },
  );

  it("for good leaves the session as it was, and the next try cancels it", async () => {
    const { session, cancel } = await opened();
    const before = await shop.status(session);
    await shop.admin("POST", "/faults", { kind: "cut_before", path: CANCEL, count: null });
    expect(await refusal(cancel())).toMatchObject({ status: 503, code: "stripe_unavailable" });
    expect(await shop.status(session)).toEqual(before);
    await shop.admin("DELETE", "/faults");
    expect(await cancel()).toMatchObject({ status: "canceled" });
  });

  it("is told by the event alone where nobody lived to write it", async () => {
    const { session } = await opened();
    await shop.stripe.paymentIntents.cancel(session.paymentIntentId ?? "");
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({ status: "canceled" });
  });
});
