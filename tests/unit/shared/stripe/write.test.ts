import type Stripe from "stripe";
import { describe, expect, it } from "vitest";
import { StripeRefusal } from "../../../../shared/stripe/errors.ts";
import { read, type Write, write, writeOrRefuse } from "../../../../shared/stripe/write.ts";
import { CREATED, stripeAnswering } from "./answers.ts";

const customer = (id: string) => ({ id, object: "customer", created: CREATED, metadata: {} });
const made = () => Response.json(customer("cus_made"));
const failed = (status: number, type = "api_error", headers = {}) =>
  Response.json({ error: { type, message: "no" } }, { status, headers });
const replayed = () => failed(400, "invalid_request_error", { "idempotent-replayed": "true" });
const replayedDecline = () => failed(402, "card_error", { "idempotent-replayed": "true" });
const kept = () => failed(500, "api_error", { "idempotent-replayed": "true" });

/** A customer to be made, with what Stripe answers to each try; says which keys were sent. */
function making(answers: (() => Response)[], left?: object) {
  const keys: (string | null)[] = [];
  let looks = 0;
  const stripe = stripeAnswering((request) => {
    if (request.method === "GET") {
      looks += 1;
      return Response.json({
        object: "list",
        data: left === undefined ? [] : [left],
        has_more: false,
      });
    }
    keys.push(request.headers.get("idempotency-key"));
    return (answers[keys.length - 1] ?? answers.at(-1) ?? made)();
  });
  const options: Write<Stripe.Customer> = {
    account: null,
    idempotencyKey: "customer:1",
    run: (keyed) => stripe.customers.create({}, keyed),
    find: async () => (await stripe.customers.list()).data[0],
  };
  return { options, keys, looks: () => looks };
}

const refused = () => failed(400, "invalid_request_error");

describe("a write to Stripe", () => {
  it("is one request under its key where Stripe answers", async () => {
    const { options, keys, looks } = making([made]);
    expect((await write(options)).id).toBe("cus_made");
    expect(keys).toEqual(["customer:1"]);
    expect(looks()).toBe(0);
  });

  it.each([
    ["the connection was lost", () => {
      throw new TypeError("fetch failed");
    }],
    ["Stripe failed", () => failed(500)],
    ["Stripe was away", () => failed(503)],
    ["the key was used with other parameters", () => failed(400, "idempotency_error")],
  ])("takes what is there and makes nothing twice where %s", async (_when, answer) => {
    const { options, keys } = making([answer], customer("cus_left"));
    expect((await write(options)).id).toBe("cus_left");
    expect(keys).toEqual(["customer:1"]);
  });

  it.each([
    ["the connection was lost", () => {
      throw new TypeError("fetch failed");
    }, "StripeConnectionError"],
    ["Stripe failed", () => failed(500), "StripeAPIError"],
  ])("fails, without another key, where %s and nothing is there", async (_when, answer, type) => {
    const { options, keys } = making([answer]);
    await expect(write(options)).rejects.toMatchObject({ type });
    expect(keys).toEqual(["customer:1"]);
  });

  it("is not believed refused where another run has done it meanwhile", async () => {
    const { options } = making([refused], customer("cus_left"));
    expect((await writeOrRefuse(options)).id).toBe("cus_left");
    const { options: without } = making([refused]);
    await expect(writeOrRefuse(without)).rejects.toBeInstanceOf(StripeRefusal);
  });

  it("never leaves a key that was used with other parameters: its call may be in flight", async () => {
    const { options, keys, looks } = making([() => failed(400, "idempotency_error"), made]);
    await expect(write(options)).rejects.toMatchObject({ rawType: "idempotency_error" });
    expect(keys).toEqual(["customer:1"]);
    expect(looks()).toBe(1);
  });

  it("leaves it, after looking, where Stripe carries the call out once by itself", async () => {
    const { options, keys, looks } = making([() => failed(400, "idempotency_error"), made]);
    expect((await write({ ...options, isOnceByItself: true })).id).toBe("cus_made");
    expect(keys).toEqual(["customer:1", "customer:1:2"]);
    expect(looks()).toBe(1);
  });

  it("looks behind a refusal that Stripe replays, and asks anew under the next key", async () => {
    const { options, keys, looks } = making([replayed, made]);
    expect((await write(options)).id).toBe("cus_made");
    expect(keys).toEqual(["customer:1", "customer:1:2"]);
    expect(looks()).toBe(1);
  });

  it("takes a refused card's replay for an answer", async () => {
    const { options, keys } = making([replayedDecline, made]);
    await expect(write(options)).rejects.toMatchObject({ rawType: "card_error" });
    expect(keys).toEqual(["customer:1"]);
  });

  it("goes on under the next key where Stripe keeps a failure under this one", async () => {
    const { options, keys, looks } = making([kept, kept, made]);
    expect((await write(options)).id).toBe("cus_made");
    expect(keys).toEqual(["customer:1", "customer:1:2", "customer:1:3"]);
    expect(looks()).toBe(2);
  });

  it("looks before it goes on", async () => {
    const { options, keys } = making([kept, made], customer("cus_left"));
    expect((await write(options)).id).toBe("cus_left");
    expect(keys).toEqual(["customer:1"]);
  });

  it("gives up after a series of keys", async () => {
    const { options, keys } = making([kept]);
    await expect(write(options)).rejects.toMatchObject({ type: "StripeAPIError" });
    expect(keys).toHaveLength(32);
  });

  it.each([
    ["a wrong parameter", () => failed(400, "invalid_request_error")],
    ["a declined card", () => failed(402, "card_error")],
    ["a wrong key of ours", () => failed(401, "invalid_request_error")],
  ])("is refused at once, and nobody looks, for %s", async (_what, answer) => {
    const { options, keys, looks } = making([answer], customer("cus_left"));
    await expect(write(options)).rejects.toHaveProperty("rawType");
    expect(keys).toHaveLength(1);
    expect(looks()).toBe(0);
  });

  it("waits under the same key where Stripe has too many requests", async () => {
    const { options, keys } = making([() => failed(429, "invalid_request_error"), made]);
    expect((await write(options)).id).toBe("cus_made");
    expect(keys).toEqual(["customer:1", "customer:1"]);
  });

  it("tells its failure in our words where that is asked for", async () => {
    await expect(writeOrRefuse(making([() => failed(500)]).options))
      .rejects.toMatchObject({ name: "CheckoutError", code: "stripe_unavailable" });
  });
});

describe("a read from Stripe", () => {
  it("waits where Stripe has too many requests", async () => {
    let asked = 0;
    const stripe = stripeAnswering(() => {
      asked += 1;
      return asked === 1 ? failed(429, "invalid_request_error") : made();
    });
    expect((await read(() => stripe.customers.retrieve("cus_made"))).id).toBe("cus_made");
    expect(asked).toBe(2);
  });

  it("tells its failure in our words", async () => {
    const stripe = stripeAnswering(() => failed(404, "invalid_request_error"));
    await expect(read(() => stripe.customers.retrieve("cus_1")))
      .rejects.toMatchObject({ name: "CheckoutError", code: "internal_error" });
  });
});
