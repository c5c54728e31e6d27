import { describe, expect, it } from "vitest";
import { clientFor, idOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

/** So many keys, each as long as it may be, with the longest value. */
const keys = (count: number, key = 40, value = 500) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`${n + 10}`.padEnd(key, "k"), "v".repeat(value)]),
  );

interface Raw {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

function raw(path: string, init: Raw = {}): Promise<Response> {
  return fetch(`${bench.simulator.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${bench.simulator.secretKey}`, ...init.headers },
  });
}

describe("keys", () => {
  it.each([
    ["a wrong key", { authorization: "Bearer sk_test_wrong" }],
    ["no key", { authorization: "" }],
    ["the right key with another ending", { authorization: "Bearer sk_test_simulator_012345678" }],
  ])("%s is 401", async (_name, headers) => {
    const response = await raw("/v1/customers", { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });

  it("a publishable key opens nothing that is the server's", async () => {
    const browser = clientFor(bench.simulator, bench.simulator.publishableKey);
    const refusal = await refusalOf(browser.customers.list());
    expect(refusal).toMatchObject({ statusCode: 401, code: "secret_key_required" });
  });
});

describe("parameters", () => {
  it.each([
    ["unknown", "amount=900&currency=usd&color=red", "parameter_unknown", "color"],
    [
      "unknown inside",
      "amount=900&currency=usd&automatic_payment_methods[maybe]=1",
      "parameter_unknown",
      "automatic_payment_methods[maybe]",
    ],
    [
      "gone since 2026-09-30.endive",
      "amount=900&currency=usd&payment_method_types[]=card",
      "parameter_unknown",
      "payment_method_types",
    ],
    ["missing", "amount=900", "parameter_missing", "currency"],
    ["no number", "amount=lots&currency=usd", "parameter_invalid_integer", "amount"],
    ["empty", "amount=900&currency=", "parameter_invalid_empty", "currency"],
    [
      "named like a prototype",
      "amount=900&currency=usd&__proto__[x]=1",
      "parameter_unknown",
      "__proto__",
    ],
  ])("that are %s are refused", async (_name, body, code, param) => {
    const response = await raw("/v1/payment_intents", { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, param } });
  });

  it("metadata is merged key by key, and an empty value removes one", async () => {
    const made = await bench.stripe.customers.create({ metadata: { a: "1", b: "2" } });
    const changed = await bench.stripe.customers.update(made.id, { metadata: { b: "", c: "3" } });
    expect(changed.metadata).toEqual({ a: "1", c: "3" });
  });

  it("metadata has 50 keys at most, of 40 characters, with values of 500", async () => {
    const make = (metadata: Record<string, string>) => bench.stripe.customers.create({ metadata });
    const made = await make(keys(50));
    expect(Object.keys(made.metadata)).toHaveLength(50);
    for (const more of [keys(51), keys(1, 41), keys(1, 40, 501), { "a]b": "v" }]) {
      expect(await refusalOf(make(more))).toMatchObject({ statusCode: 400 });
    }
    const beyond = bench.stripe.customers.update(made.id, { metadata: { more: "v" } });
    expect(await refusalOf(beyond)).toMatchObject({ statusCode: 400 });
  });
});

describe("what is not there", () => {
  it("is 404 in the path and 400 in a parameter", async () => {
    const path = await refusalOf(bench.stripe.paymentIntents.retrieve("pi_nope"));
    expect(path).toMatchObject({ statusCode: 404, code: "resource_missing", param: "intent" });
    const parameter = bench.stripe.paymentIntents.create({
      amount: 900,
      currency: "usd",
      customer: "cus_nope",
    });
    expect(await refusalOf(parameter)).toMatchObject({
      statusCode: 400,
      code: "resource_missing",
      param: "customer",
      message: "No such customer: 'cus_nope'",
    });
  });

  it("an unknown URL is 404, another API version is refused", async () => {
    expect((await raw("/v1/unicorns")).status).toBe(404);
    const old = await raw("/v1/customers", { headers: { "stripe-version": "2020-08-27" } });
    expect(old.status).toBe(400);
  });
});

describe("lists", () => {
  it("come newest first, in pages that join without gap or repeat", async () => {
    const emails = Array.from({ length: 7 }, (_, index) => `page${index}@example.com`);
    for (const email of emails) await bench.stripe.customers.create({ email });
    const seen: (string | null)[] = [];
    for await (const customer of bench.stripe.customers.list({ limit: 3 })) {
      if (customer.email?.startsWith("page") === true) seen.push(customer.email);
    }
    expect(seen).toEqual(emails.toReversed());
    const first = await bench.stripe.customers.list({ limit: 2 });
    const next = await bench.stripe.customers.list({
      limit: 2,
      starting_after: first.data[1]?.id ?? "",
    });
    const back = await bench.stripe.customers.list({
      limit: 2,
      ending_before: next.data[0]?.id ?? "",
    });
    expect(back.data.map((one) => one.id)).toEqual(first.data.map((one) => one.id));
    expect((await refusalOf(bench.stripe.customers.list({ limit: 101 }))).param).toBe("limit");
  });
});

describe("expand", () => {
  it("opens related objects, in lists too, and refuses what cannot be opened", async () => {
    const customer = await bench.stripe.customers.create({ email: "open@example.com" });
    const params = { amount: 900, currency: "usd", customer: customer.id };
    const intent = await bench.stripe.paymentIntents.create({ ...params, expand: ["customer"] });
    expect(intent.customer).toMatchObject({ email: "open@example.com" });
    const listed = await bench.stripe.paymentIntents.list({
      customer: customer.id,
      expand: ["data.customer"],
    });
    expect(listed.data[0]?.customer).toMatchObject({ id: customer.id });
    const refused = bench.stripe.paymentIntents.retrieve(intent.id, { expand: ["amount"] });
    expect((await refusalOf(refused)).message).toContain("cannot be expanded");
  });
});

describe("catalogue", () => {
  it("prices are found by lookup key, which one price holds at a time", async () => {
    const price = await bench.stripe.prices.create({
      currency: "eur",
      unit_amount: 900,
      recurring: { interval: "year" },
      product_data: { name: "Yearly" },
      lookup_key: "yearly",
    });
    const found = await bench.stripe.prices.list({ lookup_keys: ["yearly"] });
    expect(found.data.map((one) => one.id)).toEqual([price.id]);
    const twin = { currency: "eur", unit_amount: 1, product: idOf(price.product) };
    const refusal = await refusalOf(bench.stripe.prices.create({ ...twin, lookup_key: "yearly" }));
    expect(refusal.param).toBe("lookup_key");
  });
});

describe("customers", () => {
  it("once deleted are shown as deleted and refused to every call", async () => {
    const customer = await bench.stripe.customers.create();
    await bench.stripe.customers.del(customer.id);
    const shown = await bench.stripe.customers.retrieve(customer.id);
    expect(shown).toEqual({ id: customer.id, object: "customer", deleted: true });
    const update = bench.stripe.customers.update(customer.id, { name: "Jenny" });
    expect((await refusalOf(update)).code).toBe("resource_missing");
  });
});
