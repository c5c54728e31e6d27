import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import {
  customerWith,
  DAY,
  MERCHANT,
  priceOf,
  refusalOf,
  RETURN_URL,
  useBench,
} from "./simulator.ts";

const bench = useBench();
let keys = 0;
const PAID: Stripe.PaymentIntentCreateParams = {
  amount: 2000,
  currency: "usd",
  confirm: true,
  payment_method: "pm_card_visa",
  return_url: RETURN_URL,
};
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

  it("replays a refusal whose cause is gone: only another key brings another answer", async () => {
    const idempotencyKey = newKey();
    const id = newKey();
    const { customer: owner, method } = await customerWith(bench.stripe);
    const price = await priceOf(bench.stripe);
    const params = {
      customer: owner,
      default_payment_method: method,
      items: [{ price: price.id }],
      discounts: [{ coupon: id }],
    };
    const create = () => bench.stripe.subscriptions.create(params, { idempotencyKey });
    const first = await refusalOf(create());
    await bench.stripe.coupons.create({ id, percent_off: 50 });
    const second = await refusalOf(create());
    expect(second).toMatchObject({ statusCode: 400, code: "resource_missing" });
    expect(second.message).toBe(first.message);
    expect(second.headers?.["idempotent-replayed"]).toBe("true");
    const options = { idempotencyKey: newKey() };
    expect((await bench.stripe.subscriptions.create(params, options)).id).toMatch(/^sub_/);
  });

  it("replays a 404 of what exists by now", async () => {
    const idempotencyKey = newKey();
    const update = () =>
      refusalOf(bench.stripe.prices.update("later", { nickname: "Later" }, { idempotencyKey }));
    await update();
    await bench.stripe.coupons.create({ id: "later", percent_off: 5 });
    const second = await update();
    expect(second.statusCode).toBe(404);
    expect(second.headers?.["idempotent-replayed"]).toBe("true");
  });

  it("brings what was made as it was made, also when it is gone by now", async () => {
    const idempotencyKey = newKey();
    const make = () => bench.stripe.coupons.create({ percent_off: 5 }, { idempotencyKey });
    const made = await make();
    await bench.stripe.coupons.del(made.id);
    const again = await make();
    expect(again).toMatchObject({ id: made.id, object: "coupon", valid: true });
    const { data } = await bench.stripe.coupons.list();
    expect(data.map(({ id }) => id)).not.toContain(made.id);
  });

  it("stays free when a parameter is out of range, though that was seen late", async () => {
    const idempotencyKey = newKey();
    const { id } = await bench.stripe.paymentIntents.create(PAID);
    const refund = (more: Stripe.RefundCreateParams) =>
      bench.stripe.refunds.create({ payment_intent: id, ...more }, { idempotencyKey });
    await refusalOf(refund({ amount: 0 }));
    expect((await refund({})).amount).toBe(2000);
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

  it("in use by another request still running is refused for good", async () => {
    const idempotencyKey = newKey();
    await bench.fault({ kind: "latency", method: "POST", path: "/v1/customers", ms: 150 });
    const slow = bench.stripe.customers.create({}, { idempotencyKey });
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    const other = bench.stripe.customers.create({ email: "b@example.com" }, { idempotencyKey });
    expect(await refusalOf(other)).toMatchObject({ statusCode: 400, rawType: "idempotency_error" });
    await slow;
  });

  it("does nothing for a call that deletes", async () => {
    const made = await bench.stripe.coupons.create({ percent_off: 5 });
    const options = { idempotencyKey: newKey() };
    await bench.stripe.coupons.del(made.id, {}, options);
    const twice = await refusalOf(bench.stripe.coupons.del(made.id, {}, options));
    expect(twice.statusCode).toBe(404);
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

type Made = Promise<{ id: string | null }>;

const options = () => ({ idempotencyKey: newKey() });
const customer = async () => (await bench.stripe.customers.create()).id;

describe("every kind of call", () => {
  it.each<[string, () => Promise<() => Made>]>([
    ["coupon", async () => {
      const given = options();
      return () => bench.stripe.coupons.create({ percent_off: 5 }, given);
    }],
    ["invoice item", async () => {
      const params = { customer: await customer(), amount: 5, currency: "usd" };
      const given = options();
      return () => bench.stripe.invoiceItems.create(params, given);
    }],
    ["movement of a balance", async () => {
      const [owner, given] = [await customer(), options()];
      const params = { amount: -5, currency: "usd" };
      return () => bench.stripe.customers.createBalanceTransaction(owner, params, given);
    }],
    ["tax id", async () => {
      const [owner, given] = [await customer(), options()];
      const params = { type: "eu_vat", value: "DE123456789" } as const;
      return () => bench.stripe.customers.createTaxId(owner, params, given);
    }],
  ])(
    "is carried out once with one key, and found again after a fault: a %s",
    async (_name, make) => {
      const call = await make();
      await bench.fault({ kind: "cut_after", method: "POST", count: 1 });
      // The package asks once more by itself when a connection ends without an answer.
      const made = [await call(), await call()];
      expect(new Set(made.map((one) => one.id)).size).toBe(1);
    },
  );
});
