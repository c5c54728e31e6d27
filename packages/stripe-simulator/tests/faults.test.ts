import { Stripe } from "stripe";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createRandom } from "../src/core/random.ts";
import { clientFor, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();
const CUSTOMERS = { method: "POST", path: "/v1/customers" };

afterEach(async () => {
  await bench.admin("DELETE", "/faults");
});

async function countOf(email: string): Promise<number> {
  return (await bench.stripe.customers.list({ email })).data.length;
}

function eventsAbout(id: string): string[] {
  return bench.received.filter(({ event }) =>
    "id" in event.data.object && event.data.object.id === id
  ).map(({ event }) => event.id);
}

async function strikes(): Promise<boolean[]> {
  await bench.admin("DELETE", "/faults");
  await bench.admin("POST", "/faults/seed", { seed: 7 });
  await bench.fault({
    kind: "error_before",
    path: "/v1/coupons",
    probability: 0.5,
    count: null,
  });
  const outcomes: boolean[] = [];
  for (let round = 0; round < 12; round += 1) {
    outcomes.push(await bench.stripe.coupons.list().then(() => false, () => true));
  }
  return outcomes;
}

describe("a fault of a request", () => {
  it("429 strikes before the effect, once, and only what it names", async () => {
    await bench.fault({ kind: "rate_limit", ...CUSTOMERS });
    await bench.stripe.products.create({ name: "Unharmed" });
    const refusal = await refusalOf(bench.stripe.customers.create({ email: "r@example.com" }));
    expect(refusal).toMatchObject({ statusCode: 429, type: "StripeRateLimitError" });
    expect(await countOf("r@example.com")).toBe(0);
    await bench.stripe.customers.create({ email: "r@example.com" });
  });

  it("500 before the effect leaves the key free, so a retry does the work", async () => {
    await bench.fault({ kind: "error_before", ...CUSTOMERS });
    const idempotencyKey = "before-1";
    const create = () =>
      bench.stripe.customers.create({ email: "b@example.com" }, { idempotencyKey });
    expect((await refusalOf(create())).statusCode).toBe(500);
    expect(await countOf("b@example.com")).toBe(0);
    await create();
    expect(await countOf("b@example.com")).toBe(1);
  });

  it("500 after the effect is what the key says ever after, and the work is done", async () => {
    await bench.fault({ kind: "error_after", ...CUSTOMERS });
    const idempotencyKey = "after-1";
    const create = () =>
      bench.stripe.customers.create({ email: "a@example.com" }, { idempotencyKey });
    expect((await refusalOf(create())).statusCode).toBe(500);
    const replay = await refusalOf(create());
    expect(replay.headers?.["idempotent-replayed"]).toBe("true");
    expect(await countOf("a@example.com")).toBe(1);
  });

  it.each(
    [
      ["cut_before", 0],
      ["cut_after", 1],
    ] as const,
  )("%s ends the connection with the work done %d times", async (kind, times) => {
    // The stripe package tries a cut connection once more by itself.
    await bench.fault({ kind, ...CUSTOMERS, count: 2 });
    const email = `${kind}@example.com`;
    const idempotencyKey = `key-${kind}`;
    const create = () => bench.stripe.customers.create({ email }, { idempotencyKey });
    expect(await refusalOf(create())).toBeInstanceOf(Stripe.errors.StripeConnectionError);
    expect(await countOf(email)).toBe(times);
    await create();
    expect(await countOf(email)).toBe(1);
  });

  it("of either kind is healed by the package's own retries", async () => {
    const { simulator } = bench;
    const patient = clientFor(simulator, simulator.secretKey, 3);
    await bench.fault({ kind: "rate_limit", ...CUSTOMERS });
    await bench.fault({ kind: "cut_after", ...CUSTOMERS, skip: 1 });
    const made = await patient.customers.create({ email: "patient@example.com" });
    expect(made.email).toBe("patient@example.com");
    expect(await countOf("patient@example.com")).toBe(1);
  });

  it("latency waits before or after the effect", async () => {
    for (const phase of ["before", "after"] as const) {
      await bench.fault({ kind: "latency", ...CUSTOMERS, ms: 80, phase });
      const began = Date.now();
      await bench.stripe.customers.create();
      expect(Date.now() - began).toBeGreaterThanOrEqual(75);
    }
  });

  it("a latency ends once it is cleared", async () => {
    for (const phase of ["before", "after"] as const) {
      await bench.fault({ kind: "latency", ...CUSTOMERS, ms: 600_000, phase });
      const made = bench.stripe.customers.create();
      await vi.waitFor(async () => {
        expect(await bench.admin("GET", "/faults")).toMatchObject({ 0: { struck: 1 } });
      }, { timeout: 60_000 });
      await bench.admin("DELETE", "/faults");
      expect((await made).object).toBe("customer");
    }
  });

  it("passes the first matches when it is to skip them", async () => {
    await bench.fault({ kind: "error_before", method: "GET", path: "/v1/customers/*", skip: 2 });
    const { id } = await bench.stripe.customers.create();
    await bench.stripe.customers.retrieve(id);
    await bench.stripe.customers.retrieve(id);
    expect((await refusalOf(bench.stripe.customers.retrieve(id))).statusCode).toBe(500);
    await bench.stripe.customers.retrieve(id);
  });

  it("by chance strikes the same calls for the same seed", async () => {
    const [first, second] = [await strikes(), await strikes()];
    const random = createRandom(7);
    expect(first).toEqual(second);
    expect(first).toEqual(first.map(() => random() < 0.5));
  });

  it.each([
    ["no kind", {}],
    ["an unknown kind", { kind: "earthquake" }],
    ["an unknown word", { kind: "latency", color: "red" }],
    ["a chance above one", { kind: "latency", probability: 2 }],
  ])("with %s is refused by the admin port", async (_name, body) => {
    await expect(bench.admin("POST", "/faults", body)).rejects.toThrow("/faults");
  });
});

describe("a fault of a delivery", () => {
  it("drop: the event never comes, is listed as undelivered, and can be sent again", async () => {
    await bench.fault({ kind: "webhook_drop", type: "customer.*" });
    const { id } = await bench.stripe.customers.create();
    await bench.idle();
    expect(eventsAbout(id)).toEqual([]);
    const missed = await bench.stripe.events.list({ delivery_success: false });
    expect(missed.data.map((event) => event.data.object)).toMatchObject([{ id }]);
    await bench.admin("POST", `/events/${missed.data[0]?.id}/resend`);
    await bench.idle();
    expect(eventsAbout(id)).toHaveLength(1);
  });

  it("duplicate: the same event comes as often as told", async () => {
    await bench.fault({ kind: "webhook_duplicate", type: "customer.created", copies: 2 });
    const { id } = await bench.stripe.customers.create();
    await bench.idle();
    const events = eventsAbout(id);
    expect(events).toHaveLength(3);
    expect(new Set(events).size).toBe(1);
  });

  it("delay: the event comes late, and the simulator is not idle before", async () => {
    await bench.fault({ kind: "webhook_delay", type: "customer.created", ms: 120 });
    const began = Date.now();
    const { id } = await bench.stripe.customers.create();
    await bench.idle();
    expect(Date.now() - began).toBeGreaterThanOrEqual(115);
    expect(eventsAbout(id)).toHaveLength(1);
  });

  it("reorder: the next event overtakes it", async () => {
    await bench.fault({ kind: "webhook_reorder", type: "customer.created", ms: 2000 });
    const before = bench.received.length;
    const { id } = await bench.stripe.customers.create();
    await bench.stripe.customers.update(id, { name: "Overtaker" });
    await bench.idle();
    const types = bench.received.slice(before).map(({ event }) => event.type);
    expect(types).toEqual(["customer.updated", "customer.created"]);
  });

  it("early: the event is there before the call returns", async () => {
    await bench.fault({ kind: "webhook_early", ...CUSTOMERS });
    const { id } = await bench.stripe.customers.create();
    expect(eventsAbout(id)).toHaveLength(1);
  });
});
