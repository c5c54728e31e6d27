import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type Stripe from "stripe";
import { afterAll, expect, it, vi } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { deliver } from "../crash/delivery.ts";
import { openGround } from "../crash/ground.ts";

const ground = await openGround("1 minute");
afterAll(() => ground.close());
const shop = ground.shops.platform;
// Its first sale looks the price up at Stripe, which is good for ten minutes.
await shop.create();

/** The calls that a function makes of the database and of Stripe while something is asked of it, in order. */
async function callsOf(act: () => Promise<unknown>): Promise<string[]> {
  const watch = ground.proxy.watch();
  try {
    await act();
  } finally {
    watch.end();
  }
  return watch.calls.map(({ name }) => name);
}

/** Bought before, so that the customer is known at Stripe. */
async function returningCustomer(): Promise<string> {
  const user = randomUUID();
  await shop.pay(await shop.create({ user, priceId: shop.team.priceId }));
  return user;
}

/** Stripe's newest event of a type about an object. */
async function eventAbout(type: string, id: string): Promise<Stripe.Event> {
  const { data } = await shop.stripe.events.list({ type, limit: 100 });
  const event = data.find(({ data: { object } }) => "id" in object && object.id === id);
  if (event === undefined) throw new Error(`Stripe has no ${type} about ${id}`);
  return event;
}

async function told(type: string, id: string): Promise<string[]> {
  const event = await eventAbout(type, id);
  return callsOf(async () => {
    const { status } = await deliver({ ground }, event);
    expect(status).toBe(200);
  });
}

async function paidInBrowser(user?: string): Promise<CreateResponse> {
  const session = await shop.create(user === undefined ? {} : { user });
  await shop.payInBrowser(session);
  return session;
}

const CREATE = ["SQL begin_checkout", "POST /v1/payment_intents", "SQL attach_payment_intent"];
const NEW_CUSTOMER = [
  "POST /v1/customers",
  "SQL record_stripe_customer",
  "POST /v1/payment_methods/:id/attach",
];
const OUT_OF_BAND = [
  "POST /v1/subscriptions",
  "POST /v1/invoices/:id",
  "POST /v1/invoices/:id/pay",
];
const BY_ITS_OWN_PAYMENT = [
  "POST /v1/subscriptions",
  "POST /v1/invoices/:id",
  "POST /v1/invoices/:id/attach_payment",
];
const CONFIRM = [
  "SQL begin_confirm",
  "POST /v1/payment_intents/:id/confirm",
  "SQL record_intent",
];
const PAID_NEWS = ["SQL receive_event", "GET /v1/payment_intents/:id", "SQL record_intent"];

it("a new session is two calls of the database and one of Stripe", async () => {
  const token = await shop.token();
  expect(await callsOf(() => shop.client.create(token, { priceId: shop.pro.priceId })))
    .toEqual(CREATE);
});

it("a session whose price was not looked at yet is one call of Stripe more", async () => {
  const { priceId } = await shop.sell("New", {});
  const token = await shop.token();
  expect(await callsOf(() => shop.client.create(token, { priceId })))
    .toEqual([CREATE[0], "GET /v1/prices/:id", ...CREATE.slice(1)]);
});

it("a create that is repeated asks the database once, and Stripe for the secret, which is not kept", async () => {
  const token = await shop.token();
  const input = { priceId: shop.pro.priceId, idempotencyKey: randomUUID() };
  await shop.client.create(token, input);
  expect(await callsOf(() => shop.client.create(token, input)))
    .toEqual(["SQL begin_checkout", "GET /v1/payment_intents/:id"]);
});

it("a refused create is one call of the database", async () => {
  const token = await shop.token();
  const create = () => shop.client.create(token, { priceId: randomUUID() });
  expect(await callsOf(() => expect(create()).rejects.toMatchObject({ code: "price_not_found" })))
    .toEqual(["SQL begin_checkout"]);
});

it("a new customer's confirm that pays and fulfills is four calls of the database and six of Stripe", async () => {
  const session = await shop.create();
  expect(await callsOf(() => shop.pay(session))).toEqual([
    ...CONFIRM,
    ...NEW_CUSTOMER,
    ...OUT_OF_BAND,
    "SQL complete_checkout",
  ]);
});

it("a returning customer's is three of the database and four of Stripe", async () => {
  const session = await shop.create({ user: await returningCustomer() });
  expect(await callsOf(() => shop.pay(session)))
    .toEqual([...CONFIRM, ...BY_ITS_OWN_PAYMENT, "SQL complete_checkout"]);
});

it("a refused card is three calls of the database and two of Stripe", async () => {
  const session = await shop.create();
  const pay = () => shop.pay(session, "pm_card_chargeDeclined");
  expect(await callsOf(() => expect(pay()).rejects.toMatchObject({ code: "card_declined" })))
    .toEqual([
      "SQL begin_confirm",
      "POST /v1/payment_intents/:id/confirm",
      "GET /v1/payment_intents/:id",
      "SQL record_intent",
    ]);
});

it("a status is one call of the database", async () => {
  const session = await shop.create();
  expect(await callsOf(() => shop.client.status(session.id))).toEqual(["SQL read_checkout"]);
});

it("the news of a new customer's payment that fulfills is four calls of the database and six of Stripe", async () => {
  const { paymentIntentId } = await paidInBrowser();
  expect(await told("payment_intent.succeeded", paymentIntentId ?? "")).toEqual([
    ...PAID_NEWS,
    ...NEW_CUSTOMER,
    ...OUT_OF_BAND,
    "SQL complete_checkout",
  ]);
});

it("of a returning customer's it is three of the database and four of Stripe", async () => {
  const { paymentIntentId } = await paidInBrowser(await returningCustomer());
  expect(await told("payment_intent.succeeded", paymentIntentId ?? ""))
    .toEqual([...PAID_NEWS, ...BY_ITS_OWN_PAYMENT, "SQL complete_checkout"]);
});

/** A confirm that stands before it asks Stripe for the subscription, until `go`. */
async function heldConfirm() {
  const session = await shop.create();
  const moments = new EventEmitter();
  const [arrived, released] = [once(moments, "arrived"), once(moments, "go")];
  const watch = ground.proxy.watch({
    call: [...CONFIRM, ...NEW_CUSTOMER].length + 1,
    moment: "before",
    kill: async () => {
      moments.emit("arrived");
      await released;
    },
  });
  const confirmed = shop.pay(session);
  await arrived;
  watch.end();
  const news = await eventAbout("payment_intent.succeeded", session.paymentIntentId ?? "");
  return { session, news, confirmed, go: () => moments.emit("go") };
}

it("the news of a payment that a confirm fulfills just now asks Stripe for nothing but the payment, and is processed with the confirm", async () => {
  const { session, news, confirmed, go } = await heldConfirm();
  const watch = ground.proxy.watch();
  const calls = () => watch.calls.map(({ name }) => name);
  const delivered = deliver({ ground }, news);
  try {
    await vi.waitFor(() => expect(calls().length).toBeGreaterThan(PAID_NEWS.length + 1), 60_000);
    expect(calls().slice(0, PAID_NEWS.length)).toEqual(PAID_NEWS);
    expect(new Set(calls().slice(PAID_NEWS.length))).toEqual(new Set(["SQL read_checkout"]));
  } finally {
    go();
  }
  expect(await confirmed).toMatchObject({ status: "active" });
  expect((await delivered).status).toBe(200);
  watch.end();
  expect(calls().filter((name) => name === "POST /v1/subscriptions")).toHaveLength(1);
  expect(calls().slice(-2)).toEqual([
    "SQL read_checkout",
    "SQL record_intent",
  ]);
  expect(
    await shop.query("select status from billing.webhook_events where stripe_event_id = $1", [
      news.id,
    ]),
  ).toEqual([{ status: "processed" }]);
  expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
});

it("a confirm that has been silent for too long is not waited for: the news fulfills, and there is one subscription", async () => {
  const { session, news, confirmed, go } = await heldConfirm();
  try {
    await shop.query(
      "update billing.checkout_sessions set planned_at = planned_at - interval '1 hour' where id = $1",
      [session.id],
    );
    expect((await deliver({ ground }, news)).status).toBe(200);
    expect(await shop.client.status(session.id)).toMatchObject({ status: "succeeded" });
  } finally {
    go();
  }
  expect(await confirmed).toMatchObject({ status: "active" });
  expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
});

it("the news of a payment that went back meanwhile waits for no confirm, and nothing is had for it", async () => {
  const { session, news, confirmed, go } = await heldConfirm();
  try {
    await shop.stripe.refunds.create({ payment_intent: session.paymentIntentId ?? "" });
    expect((await deliver({ ground }, news)).status).toBe(200);
    expect(await shop.client.status(session.id)).toMatchObject({ status: "failed", features: [] });
  } finally {
    go();
  }
  await expect(confirmed).rejects.toMatchObject({ code: "payment_refunded" });
  const { subscriptions } = await shop.atStripe(session);
  expect(subscriptions.filter(({ status }) => status !== "canceled")).toEqual([]);
});

it("an event that came before is one call of the database", async () => {
  const { paymentIntentId } = await paidInBrowser();
  await told("payment_intent.succeeded", paymentIntentId ?? "");
  expect(await told("payment_intent.succeeded", paymentIntentId ?? "")).toEqual([
    "SQL receive_event",
  ]);
});

it("an event about nothing of ours is one call of the database", async () => {
  const { id } = await shop.stripe.paymentIntents.create({
    amount: 100,
    currency: "usd",
    confirm: true,
    payment_method: "pm_card_visa",
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  });
  expect(await told("payment_intent.succeeded", id)).toEqual(["SQL receive_event"]);
});

it("events that come at once are stored in fewer calls than there are events", async () => {
  const { paymentIntentId } = await shop.create();
  const event = await eventAbout("payment_intent.created", paymentIntentId ?? "");
  const burst = Array.from(
    { length: 60 },
    () => ({ ...event, id: `evt_${randomUUID().replaceAll("-", "")}` }),
  );
  const calls = await callsOf(async () => {
    const answers = await Promise.all(burst.map((one) => deliver({ ground }, one)));
    expect(answers.map(({ status }) => status)).toEqual(burst.map(() => 200));
  });
  expect(calls.length).toBeLessThan(burst.length / 2);
  expect(calls.filter((name) => !/^SQL receive_events?$/.test(name))).toEqual([]);
  const stored = await shop.query(
    "select 1 from billing.webhook_events where status = 'processed' and stripe_event_id = any($1)",
    [burst.map(({ id }) => id)],
  );
  expect(stored).toHaveLength(burst.length);
});

it("an event of a type that asks for nothing is one call of the database", async () => {
  const { paymentIntentId } = await shop.create();
  expect(await told("payment_intent.created", paymentIntentId ?? "")).toEqual([
    "SQL receive_event",
  ]);
});

it("the news of a subscription is read once and written once", async () => {
  const { subscriptionId = "" } = await paid();
  const stripeId = await stripeIdOf(subscriptionId);
  await shop.stripe.subscriptions.update(stripeId, { cancel_at_period_end: true });
  expect(await told("customer.subscription.updated", stripeId)).toEqual([
    "SQL receive_event",
    "GET /v1/subscriptions/:id",
    "SQL record_subscription",
  ]);
});

it("the news of an invoice is read once with its subscription, and its payment, and written once", async () => {
  const { subscriptionId = "" } = await paid();
  const stripeId = await stripeIdOf(subscriptionId);
  const { latest_invoice: invoice } = await shop.stripe.subscriptions.retrieve(stripeId);
  expect(await told("invoice.paid", typeof invoice === "string" ? invoice : "")).toEqual([
    "SQL receive_event",
    "GET /v1/invoices/:id",
    "GET /v1/payment_intents/:id",
    "SQL record_invoice",
  ]);
});

const paid = async () => shop.pay(await shop.create());

async function stripeIdOf(subscriptionId: string): Promise<string> {
  const { id } = await shop.one<{ id: string }>(
    "select stripe_subscription_id as id from billing.subscriptions where id = $1",
    [subscriptionId],
  );
  return id;
}

it("a new customer's checkout of a product with two features writes nine rows, and updates them 13 times", async () => {
  await shop.query("create schema counted");
  await shop.query("create table counted.writes (name text, operation text)");
  await shop.query(
    `create function counted.note() returns trigger language plpgsql security definer set search_path = '' as $$
     begin
       insert into counted.writes values (tg_table_name, lower(tg_op));
       return null;
     end $$`,
  );
  await shop.query(
    `do $$ declare t text; begin
       for t in select tablename from pg_tables where schemaname = 'billing' loop
         execute format('create trigger zz_counted after insert or update or delete on billing.%I
           for each row execute function counted.note()', t);
       end loop;
     end $$`,
  );
  const token = await shop.token();
  await shop.query("delete from counted.writes");
  const session = await shop.client.create(token, { priceId: shop.pro.priceId });
  await shop.pay(session);
  const writes = await shop.query<{ write: string; rows: number }>(
    `select operation || ' ' || name as write, count(*)::int as rows from counted.writes
     -- The minute's reconcile may run beside it.
     where name not in ('reconcile_runs', 'stripe_cursors') group by 1 order by 1`,
  );
  expect(Object.fromEntries(writes.map(({ write, rows }) => [write, rows]))).toEqual({
    "insert checkout_attempts": 1,
    "insert checkout_sessions": 1,
    "insert customers": 1,
    "insert feature_grants": 2,
    "insert invoices": 1,
    "insert payment_intents": 1,
    "insert rate_counters": 1,
    "insert subscriptions": 1,
    "update checkout_attempts": 1,
    "update checkout_sessions": 5,
    "update customers": 2,
    "update payment_intents": 1,
    "update rate_counters": 2,
    "update session_tokens": 1,
    "update subscriptions": 1,
  });
});
