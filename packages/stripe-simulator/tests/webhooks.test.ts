import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { isObject } from "../src/core/json.ts";
import { MERCHANT, refusalOf, RETURN_URL, useBench } from "./simulator.ts";
import type { Received } from "./simulator.ts";

const bench = useBench();

const payment = (
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
  options: Stripe.RequestOptions = {},
) =>
  bench.stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    confirm: true,
    payment_method: "pm_card_visa",
    return_url: RETURN_URL,
    ...more,
  }, options);

/** The events about an object, in order of arrival. */
function about(id: string): Stripe.Event[] {
  return bench.received.map(({ event }: Received) => event).filter((event) =>
    "id" in event.data.object && event.data.object.id === id
  );
}

describe("events", () => {
  it("tell of each change with the object as it then was, and who asked for it", async () => {
    const key = "told-1";
    const intent = await payment({}, { idempotencyKey: key });
    await bench.idle();
    const events = about(intent.id);
    expect(new Set(events.map((event) => event.type))).toEqual(
      new Set(["payment_intent.created", "payment_intent.succeeded"]),
    );
    const created = events.find((event) => event.type === "payment_intent.created");
    expect(created).toMatchObject({
      api_version: "2026-10-28.endive",
      livemode: false,
      request: { id: intent.lastResponse.requestId, idempotency_key: key },
      data: { object: { status: "requires_confirmation" } },
    });
    expect(created).not.toHaveProperty("account");
    const { data } = await bench.stripe.events.list({ type: "payment_intent.created", limit: 1 });
    expect(data).toMatchObject([{ id: created?.id, pending_webhooks: 0 }]);
  });

  it("of an update carry the old values of what changed, and nothing else", async () => {
    const customer = await bench.stripe.customers.create({ name: "Old", metadata: { a: "1" } });
    await bench.stripe.customers.update(customer.id, { name: "New", metadata: { a: "2" } });
    await bench.idle();
    const updated = about(customer.id).find((event) => event.type === "customer.updated");
    expect(updated?.data.previous_attributes).toEqual({ name: "Old", metadata: { a: "1" } });
  });

  it("come of a decline as well, although the call is refused", async () => {
    const intent = await bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" });
    const confirm = { payment_method: "pm_card_chargeDeclined", return_url: RETURN_URL };
    await refusalOf(bench.stripe.paymentIntents.confirm(intent.id, confirm));
    await bench.idle();
    expect(about(intent.id).map((event) => event.type)).toContain("payment_intent.payment_failed");
    expect(bench.types()).toContain("charge.failed");
  });

  it.each<[string, () => Promise<unknown>, string[]]>([
    ["3D Secure", () => payment({ payment_method: "pm_card_threeDSecure2Required" }), [
      "payment_intent.requires_action",
    ]],
    ["a bank debit", () =>
      payment({
        payment_method: "pm_usBankAccount_success",
        mandate_data: { customer_acceptance: { type: "offline" } },
      }), ["payment_intent.processing", "charge.pending"]],
    [
      "a refund",
      async () => bench.stripe.refunds.create({ payment_intent: (await payment()).id }),
      [
        "refund.created",
        "charge.refunded",
      ],
    ],
    ["a cancellation", async () => {
      const open = await bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" });
      await bench.stripe.paymentIntents.cancel(open.id);
    }, ["payment_intent.canceled"]],
    ["a set-up", () =>
      bench.stripe.setupIntents.create({
        confirm: true,
        payment_method: "pm_card_visa",
        return_url: RETURN_URL,
      }), ["setup_intent.created", "setup_intent.succeeded"]],
  ])("come of %s", async (_name, act, types) => {
    const before = bench.received.length;
    await act();
    await bench.idle();
    const since = bench.received.slice(before).map(({ event }) => event.type);
    expect(since).toEqual(expect.arrayContaining(types));
  });

  it("are listed newest first, by type and by whether they have arrived", async () => {
    bench.answers.status = 500;
    const customer = await bench.stripe.customers.create();
    await new Promise((resolve) => {
      setTimeout(resolve, 60);
    });
    const failed = await bench.stripe.events.list({
      types: ["customer.created"],
      delivery_success: false,
    });
    expect(failed.data.map((event) => event.data.object)).toMatchObject([{ id: customer.id }]);
    expect(failed.data[0]?.pending_webhooks).toBe(1);
    bench.answers.status = 200;
    await bench.idle();
    const left = await bench.stripe.events.list({ delivery_success: false });
    expect(left.data).toEqual([]);
  });
});

describe("delivery", () => {
  it("is tried again until the listener says 2xx", async () => {
    bench.answers.status = 503;
    const customer = await bench.stripe.customers.create();
    await expect.poll(() => about(customer.id).length, { timeout: 180_000 }).toBeGreaterThan(1);
    bench.answers.status = 200;
    await bench.idle();
    const times = about(customer.id);
    expect(new Set(times.map((event) => event.id)).size).toBe(1);
  });

  it("waits for the answer to the call, so a caller is first to know", async () => {
    const customer = await bench.stripe.customers.create();
    expect(about(customer.id)).toEqual([]);
    await bench.idle();
    expect(about(customer.id)).toHaveLength(1);
  });

  it("reaches an endpoint only for the types that it asked for", async () => {
    const endpoint = await bench.stripe.webhookEndpoints.create({
      url: `${bench.listenerUrl}other`,
      enabled_events: ["product.created"],
    });
    await bench.stripe.customers.create();
    await bench.stripe.products.create({ name: "Told" });
    // This endpoint's secret is unknown to the listener, which answers 400: each try is seen.
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    const deliveries = Object.values(await bench.admin("GET", "/deliveries")).filter(isObject);
    const own = deliveries.filter((one) => one["endpoint"] === endpoint.id);
    expect(own.map((one) => one["type"])).toEqual(["product.created"]);
    await bench.stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    await bench.admin("POST", "/reset");
  });

  it("is listed by an object that its event is about, and not by another", async () => {
    const customer = await bench.stripe.customers.create();
    await bench.stripe.customers.create();
    await bench.idle();
    const list = async (...ids: string[]) => {
      const query = new URLSearchParams(ids.map((id) => ["about", id]));
      const told = Object.values(await bench.admin("GET", `/deliveries?${query}`));
      return told.filter(isObject).map((one) => one["event"]);
    };
    const own = about(customer.id).map((event) => event.id);
    expect(own).toHaveLength(1);
    expect(await list(customer.id)).toEqual(own);
    expect(await list(customer.id, "pi_another")).toEqual(own);
    expect(await list(customer.id.slice(0, -1))).toEqual([]);
  });

  it("of a merchant's events goes to the connect endpoint, with the account", async () => {
    const here = await bench.stripe.customers.create();
    const there = await bench.stripe.customers.create({}, { stripeAccount: MERCHANT });
    await bench.idle();
    expect(about(there.id).map((event) => event.account)).toEqual([MERCHANT]);
    expect(about(here.id).map((event) => event.account)).toEqual([undefined]);
  });
});

it("are sent to an endpoint until it is deleted, and its id is known no more", async () => {
  const endpoint = await bench.stripe.webhookEndpoints.create({
    url: bench.listenerUrl,
    enabled_events: ["customer.created"],
  });
  expect(await bench.stripe.webhookEndpoints.del(endpoint.id)).toMatchObject({
    id: endpoint.id,
    deleted: true,
  });
  const { data } = await bench.stripe.webhookEndpoints.list();
  expect(data.map(({ id }) => id)).not.toContain(endpoint.id);
  await expect(bench.stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).rejects
    .toMatchObject({ statusCode: 404 });
});
