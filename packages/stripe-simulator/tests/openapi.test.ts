import { beforeAll, describe, expect, it } from "vitest";
import { isObject } from "../src/core/json.ts";
import type { ApiExchange, Exchange } from "../src/index.ts";
import { validateExchanges } from "../src/openapi/index.ts";
import { useBench } from "./simulator.ts";

const bench = useBench();
let customer: ApiExchange;

function isApi(exchange: Exchange): exchange is ApiExchange {
  return exchange.kind === "api";
}

beforeAll(async () => {
  await bench.stripe.customers.create({ email: "a@example.com", metadata: { a: "1" } });
  await bench.idle();
  const exchanges = await bench.exchanges();
  const found = exchanges.filter(isApi).find((one) => one.path === "/v1/customers");
  if (found === undefined) throw new Error("the call was not recorded");
  customer = found;
});

const changed = (change: (exchange: ApiExchange) => Partial<ApiExchange>): Exchange[] => [
  { ...customer, ...change(customer) },
];

describe("the check against Stripe's description", () => {
  it("fails when there is nothing to check", () => {
    expect(() => validateExchanges([])).toThrow("no exchange");
  });

  it("finds nothing wrong with a right call", () => {
    expect(validateExchanges([customer])).toEqual([]);
  });

  it.each<[string, (exchange: ApiExchange) => Partial<ApiExchange>, string, string]>([
    ["an unknown parameter", () => ({ params: { color: "red" } }), "request", "color"],
    ["a parameter of another type", () => ({ params: { balance: "lots" } }), "request", "integer"],
    [
      "an unknown parameter inside a hash",
      () => ({ params: { invoice_settings: { color: "red" } } }),
      "request",
      "color",
    ],
    [
      "an unknown field",
      ({ response }) => ({ response: { ...Object(response), color: "red" } }),
      "response",
      "color",
    ],
    [
      "a missing field",
      ({ response }) => ({ response: { ...Object(response), created: undefined } }),
      "response",
      "created",
    ],
    [
      "a field of another type",
      ({ response }) => ({ response: { ...Object(response), livemode: "no" } }),
      "response",
      "boolean",
    ],
    [
      "an unknown field of an expanded object",
      ({ response }) => ({
        response: {
          ...Object(response),
          default_source: { object: "card", id: "card_1", color: "red" },
        },
      }),
      "response",
      "color",
    ],
    ["an endpoint of no kind", () => ({ path: "/v1/unicorns" }), "request", "no such endpoint"],
    [
      "an error that is none",
      () => ({ status: 400, response: { error: { message: "no type" } } }),
      "response",
      "type",
    ],
  ])("finds %s", (_name, change, where, message) => {
    const violations = validateExchanges(changed(change));
    expect(violations.filter((one) => one.in === where).map((one) => one.message).join())
      .toContain(message);
  });

  it("refuses what has gone from the API since the description was written", () => {
    const violations = validateExchanges([{
      ...customer,
      path: "/v1/payment_intents",
      status: 0,
      params: { amount: "900", currency: "usd", payment_method_types: ["card"] },
    }]);
    expect(violations.map((one) => one.message).join()).toContain("payment_method_types");
  });

  it("looks into delivered events", async () => {
    const delivered = (await bench.exchanges()).find((one) => one.kind === "webhook");
    if (delivered?.kind !== "webhook") throw new Error("no delivery was recorded");
    expect(validateExchanges([delivered])).toEqual([]);
    const data = { object: { object: "customer", id: 1 } };
    const event = isObject(delivered.event) ? { ...delivered.event, data } : {};
    const violations = validateExchanges([{ ...delivered, event }]);
    expect(violations).toContainEqual(
      expect.objectContaining({ in: "webhook", of: "customer.created", at: "/id" }),
    );
  });
});
