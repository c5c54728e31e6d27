import { describe, expect, it } from "vitest";
import { DAY, MERCHANT, refusalOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();
let keys = 0;
const newKey = (): string => `key-${keys++}`;

describe("an idempotency key", () => {
  it("brings the same answer again, and says so", async () => {
    const idempotencyKey = newKey();
    const first = await bench.stripe.customers.create({ email: "a@example.com" }, {
      idempotencyKey,
    });
    const second = await bench.stripe.customers.create({ email: "a@example.com" }, {
      idempotencyKey,
    });
    expect(second.id).toBe(first.id);
    expect(first.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
    expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(second.lastResponse.requestId).toBe(first.lastResponse.requestId);
  });

  it("with other parameters, or on another endpoint, is refused", async () => {
    const idempotencyKey = newKey();
    await bench.stripe.customers.create({ email: "a@example.com" }, { idempotencyKey });
    const other = bench.stripe.customers.create({ email: "b@example.com" }, { idempotencyKey });
    const elsewhere = bench.stripe.products.create({ name: "Pro" }, { idempotencyKey });
    for (const refusal of [await refusalOf(other), await refusalOf(elsewhere)]) {
      expect(refusal).toMatchObject({ statusCode: 400, rawType: "idempotency_error" });
    }
  });

  it("replays a decline too: the customer's second card needs a key of its own", async () => {
    const intent = await bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" });
    const idempotencyKey = newKey();
    const params = { payment_method: "pm_card_chargeDeclined", return_url: RETURN_URL };
    const confirm = () =>
      refusalOf(bench.stripe.paymentIntents.confirm(intent.id, params, { idempotencyKey }));
    const [first, second] = [await confirm(), await confirm()];
    expect(second.charge).toBe(first.charge);
    expect(second.headers?.["idempotent-replayed"]).toBe("true");
    const charges = await bench.stripe.charges.list({ payment_intent: intent.id });
    expect(charges.data).toHaveLength(1);
  });

  it("stays free when the parameters were wrong: nothing had begun", async () => {
    const idempotencyKey = newKey();
    const wrong = bench.stripe.paymentIntents.create({ amount: 1.5, currency: "usd" }, {
      idempotencyKey,
    });
    await refusalOf(wrong);
    const right = await bench.stripe.paymentIntents.create({ amount: 900, currency: "usd" }, {
      idempotencyKey,
    });
    expect(right.amount).toBe(900);
  });

  it("in use by a request still running is 409, and may be tried again", async () => {
    const idempotencyKey = newKey();
    await bench.fault({ kind: "latency", method: "POST", path: "/v1/customers", ms: 150 });
    const slow = bench.stripe.customers.create({}, { idempotencyKey });
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    const refusal = await refusalOf(bench.stripe.customers.create({}, { idempotencyKey }));
    expect(refusal).toMatchObject({ statusCode: 409, code: "idempotency_key_in_use" });
    expect(refusal.headers?.["stripe-should-retry"]).toBe("true");
    const done = await slow;
    expect((await bench.stripe.customers.create({}, { idempotencyKey })).id).toBe(done.id);
  });

  it("belongs to one account: the same key on another is another request", async () => {
    const idempotencyKey = newKey();
    const here = await bench.stripe.customers.create({}, { idempotencyKey });
    const there = await bench.stripe.customers.create({}, {
      idempotencyKey,
      stripeAccount: MERCHANT,
    });
    expect(there.id).not.toBe(here.id);
  });

  it("is forgotten after a day, and the request is carried out again", async () => {
    const idempotencyKey = newKey();
    const first = await bench.stripe.customers.create({}, { idempotencyKey });
    await bench.advance(DAY - 10);
    expect((await bench.stripe.customers.create({}, { idempotencyKey })).id).toBe(first.id);
    await bench.advance(20);
    expect((await bench.stripe.customers.create({}, { idempotencyKey })).id).not.toBe(first.id);
  });
});
