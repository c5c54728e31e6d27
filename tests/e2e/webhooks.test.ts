import { randomBytes } from "node:crypto";
import Stripe from "stripe";
import { afterAll, describe, expect, it } from "vitest";
import { eventually, openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const { webhookSecret, functionsUrl } = stack();

const newEvent = (type: string, object: object, changes: object = {}) => ({
  id: `evt_${randomBytes(8).toString("hex")}`,
  object: "event",
  api_version: "2026-10-28.endive",
  created: Math.floor(Date.now() / 1000),
  livemode: false,
  type,
  data: { object },
  ...changes,
});
const sign = (payload: string, secret: string, timestamp?: number) =>
  Stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    ...(timestamp === undefined ? {} : { timestamp }),
  });
const send = (payload: string, signature?: string) =>
  fetch(`${functionsUrl}/stripe-webhook`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(signature === undefined ? {} : { "stripe-signature": signature }),
    },
    body: payload,
  });
const deliver = (event: object) => {
  const payload = JSON.stringify(event);
  return send(payload, sign(payload, webhookSecret));
};
const stored = (event: { id: string }) =>
  shop.query<{ status: string; outcome: string | null; attempts: number }>(
    "select status, outcome, attempts from billing.webhook_events where stripe_event_id = $1",
    [event.id],
  );
const now = () => Math.floor(Date.now() / 1000);

describe("a webhook whose signature does not hold", () => {
  const wrongSecret = `whsec_${randomBytes(24).toString("hex")}`;
  it.each([
    ["none", () => undefined],
    ["one that is no signature", () => "t=1,v1=abc"],
    ["one from the wrong secret", (payload: string) => sign(payload, wrongSecret)],
    ["one that is six minutes old", (payload: string) => sign(payload, webhookSecret, now() - 360)],
    ["another body's", () => sign("{}", webhookSecret)],
    [
      "only the older scheme",
      (payload: string) => sign(payload, webhookSecret).replace("v1=", "v0="),
    ],
  ])("with %s is refused and stores nothing", async (_name, signature) => {
    const session = await shop.create();
    const event = newEvent("payment_intent.succeeded", {
      id: session.paymentIntentId,
      object: "payment_intent",
    });
    const payload = JSON.stringify(event);
    const response = await send(payload, signature(payload));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "signature_invalid" } });
    expect(await stored(event)).toEqual([]);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
  });

  it("is refused before it is read to its end where it is far too large", async () => {
    const response = await send(JSON.stringify({ padding: "x".repeat(1024 * 1024) }), "t=1,v1=00");
    expect(response.status).toBe(413);
  });
});

describe("a webhook delivered again", () => {
  it("for a paid session changes nothing", async () => {
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    const before = await shop.status(session);
    const { data: events } = await shop.stripe.events.list({
      type: "payment_intent.succeeded",
      limit: 1,
    });
    await shop.admin("POST", `/events/${events[0]?.id}/resend`);
    await shop.idle();
    expect(await shop.status(session)).toEqual(before);
    expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
    expect(await stored({ id: events[0]?.id ?? "" })).toEqual([{
      status: "processed",
      outcome: "applied",
      attempts: 1,
    }]);
  });

  it("at the same instant, many times over, is applied once", async () => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const session = await shop.create();
    await shop.payInBrowser(session);
    await shop.admin("DELETE", "/faults");
    const event = newEvent("payment_intent.succeeded", {
      id: session.paymentIntentId,
      object: "payment_intent",
    });
    const answers = await Promise.all(Array.from({ length: 6 }, () => deliver(event)));
    // Whoever finds it in work is told to come again, and then finds it done.
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect((await deliver(event)).status).toBe(200);
    await shop.idle();
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
    expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
    expect(await stored(event)).toEqual([{ status: "processed", outcome: "applied", attempts: 1 }]);
  });

  it("after a failure is processed: the failure was told to Stripe as one", async () => {
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const session = await shop.create();
    await shop.payInBrowser(session);
    await shop.admin("DELETE", "/faults");
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      path: "/v1/payment_intents/*",
      count: 4,
    });
    const event = newEvent("payment_intent.succeeded", {
      id: session.paymentIntentId,
      object: "payment_intent",
    });
    const failed = await deliver(event);
    await shop.admin("DELETE", "/faults");
    expect(failed.status).toBe(503);
    expect(await stored(event)).toMatchObject([{ status: "received", attempts: 1 }]);
    expect((await deliver(event)).status).toBe(200);
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });
});

describe("a webhook that asks for nothing", () => {
  it.each([
    [
      "of a type that nobody handles",
      newEvent("charge.dispute.created", { id: "dp_1", object: "dispute" }),
    ],
    ["of a type that Stripe has yet to invent", newEvent("v9.something.new", { id: "x" })],
    [
      "about an intent of somebody else",
      newEvent("payment_intent.succeeded", { id: "pi_foreign", object: "payment_intent" }),
    ],
    ["without an id in its object", newEvent("payment_intent.succeeded", {})],
    ["about an invoice of no subscription", newEvent("invoice.paid", { id: "in_1", parent: null })],
  ])("%s is stored and acknowledged", async (_name, event) => {
    expect((await deliver(event)).status).toBe(200);
    expect(await stored(event)).toEqual([{ status: "processed", outcome: "ignored", attempts: 1 }]);
  });

  it("of the other mode moves nothing", async () => {
    const session = await shop.create();
    const event = newEvent("payment_intent.canceled", { id: session.paymentIntentId }, {
      livemode: true,
    });
    expect((await deliver(event)).status).toBe(200);
    expect(await stored(event)).toMatchObject([{ outcome: "ignored" }]);
  });

  it("from an account that is not the intent's moves nothing", async () => {
    const session = await shop.create();
    const event = newEvent("payment_intent.succeeded", { id: session.paymentIntentId }, {
      account: "acct_other",
    });
    expect((await deliver(event)).status).toBe(200);
    expect(await stored(event)).toMatchObject([{ outcome: "ignored" }]);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
  });

  it("that lies about a payment moves nothing: Stripe is asked", async () => {
    const session = await shop.create();
    const event = newEvent("payment_intent.succeeded", {
      id: session.paymentIntentId,
      status: "succeeded",
    });
    expect((await deliver(event)).status).toBe(200);
    expect(await shop.status(session)).toMatchObject({ status: "pending", features: [] });
  });
});

describe("what is kept of a webhook", () => {
  it("holds no client secret", async () => {
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    const rows = await shop.query<{ payload: string }>(
      "select payload::text from billing.webhook_events",
    );
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter(({ payload }) => payload.includes("_secret_"))).toEqual([]);
  });
});

describe("a worker that is killed in the midst of an event", () => {
  it("leaves it to the next delivery", async () => {
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    const { stripe_event_id: id } = await shop.one<{ stripe_event_id: string }>(
      `update billing.webhook_events set status = 'processing', processed_at = null, leased_until = now() - interval '1 s'
       where stripe_event_id = (select stripe_event_id from billing.webhook_events
         where payload -> 'data' -> 'object' ->> 'id' = $1 and type = 'payment_intent.succeeded') returning stripe_event_id`,
      [session.paymentIntentId],
    );
    await shop.admin("POST", `/events/${id}/resend`);
    await eventually(() => stored({ id }), ([row]) => row?.status === "processed");
    expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
  });
});

describe("an event that is rendered in another API version", () => {
  it("is worked by what Stripe says of the object now: a refund, an invoice", async () => {
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    const { subscriptions: [subscription] } = await shop.atStripe(session);
    await shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });
    const refund = await shop.stripe.refunds.create({
      payment_intent: session.paymentIntentId ?? "",
      amount: 100,
    });
    await shop.admin("DELETE", "/faults");
    const { data: [invoice] } = await shop.stripe.invoices.list({
      subscription: subscription?.id ?? "",
    });
    const old = { api_version: "2024-04-10" };
    const events = [
      newEvent("refund.created", { id: refund.id, object: "refund" }, old),
      newEvent("invoice.paid", {
        id: invoice?.id,
        object: "invoice",
        subscription: subscription?.id,
        paid: true,
      }, old),
    ];
    for (const event of events) {
      expect((await deliver(event)).status).toBe(200);
      expect(await stored(event)).toEqual([
        { status: "processed", outcome: "applied", attempts: 1 },
      ]);
    }
    expect(
      await shop.query(
        "select amount_refunded::int from billing.payment_intents where stripe_payment_intent_id = $1",
        [session.paymentIntentId],
      ),
    ).toEqual([{ amount_refunded: 100 }]);
  });
});

describe("an event of an account that is nobody's here", () => {
  it("is acknowledged without asking Stripe, which would refuse to say", async () => {
    await shop.admin("DELETE", "/exchanges");
    const account = `acct_${randomBytes(8).toString("hex")}`;
    const event = newEvent("customer.subscription.updated", {
      id: "sub_1Foreign",
      object: "subscription",
    }, { account });
    expect((await deliver(event)).status).toBe(200);
    expect(await stored(event)).toEqual([
      { status: "processed", outcome: "ignored", attempts: 1 },
    ]);
    expect(JSON.stringify(await shop.admin("GET", "/exchanges"))).not.toContain("sub_1Foreign");
  });
});
