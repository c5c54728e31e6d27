import { describe, expect, it } from "vitest";
import { isObject } from "../src/core/json.ts";
import { RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();

/** What a page does: the publishable key among the parameters, the client secret as proof. */
async function browse(
  path: string,
  params: Record<string, string>,
  method = "POST",
): Promise<{ status: number; body: Record<string, unknown>; origin: string | null }> {
  const form = new URLSearchParams({ key: bench.simulator.publishableKey, ...params });
  const url = `${bench.simulator.url}${path}`;
  const response = method === "GET"
    ? await fetch(`${url}?${form}`)
    : await fetch(url, { method, body: form });
  const body: unknown = await response.json();
  return {
    status: response.status,
    body: isObject(body) ? body : {},
    origin: response.headers.get("access-control-allow-origin"),
  };
}

describe("a browser with the client secret", () => {
  it("confirms an intent with a card, and is shown only what is its own", async () => {
    const { id, client_secret } = await bench.stripe.paymentIntents.create({
      amount: 2000,
      currency: "usd",
      metadata: { secret: "of the merchant" },
    });
    const confirmed = await browse(`/v1/payment_intents/${id}/confirm`, {
      client_secret: client_secret ?? "",
      "payment_method_data[type]": "card",
      "payment_method_data[card][number]": "4242424242424242",
      "payment_method_data[card][exp_month]": "12",
      "payment_method_data[card][exp_year]": "2040",
      "payment_method_data[card][cvc]": "123",
      return_url: RETURN_URL,
    });
    expect(confirmed).toMatchObject({ status: 200, origin: "*", body: { status: "succeeded" } });
    for (const hidden of ["metadata", "customer", "latest_charge", "application_fee_amount"]) {
      expect(confirmed.body).not.toHaveProperty(hidden);
    }
    const secret = client_secret ?? "";
    const read = await browse(`/v1/payment_intents/${id}`, { client_secret: secret }, "GET");
    expect(read.body).toMatchObject({ id, status: "succeeded" });
  });

  it("sets a card up, and makes payment methods", async () => {
    const { id, client_secret } = await bench.stripe.setupIntents.create();
    const method = await browse("/v1/payment_methods", {
      type: "card",
      "card[number]": "5555555555554444",
      "card[exp_month]": "1",
      "card[exp_year]": "2041",
    });
    const confirmed = await browse(`/v1/setup_intents/${id}/confirm`, {
      client_secret: client_secret ?? "",
      payment_method: String(method.body["id"]),
      use_stripe_sdk: "true",
    });
    expect(confirmed).toMatchObject({ status: 200, body: { status: "succeeded" } });
  });

  it("may debit a bank without further consent: it is the consent", async () => {
    const { id, client_secret } = await bench.stripe.paymentIntents.create({
      amount: 2000,
      currency: "usd",
    });
    const confirmed = await browse(`/v1/payment_intents/${id}/confirm`, {
      client_secret: client_secret ?? "",
      payment_method: "pm_usBankAccount_success",
      return_url: RETURN_URL,
    });
    expect(confirmed.body).toMatchObject({ status: "processing" });
  });

  it("is asked by the browser first whether it may call", async () => {
    const response = await fetch(`${bench.simulator.url}/v1/payment_intents/pi_1/confirm`, {
      method: "OPTIONS",
      headers: { "access-control-request-headers": "authorization,stripe-version" },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toContain("stripe-version");
  });
});

describe("a browser without it", () => {
  it.each([
    ["none", undefined, 401],
    ["another intent's", "pi_other_secret_abc", 400],
    ["one that is nearly right", "nearly", 400],
  ])("with %s reads nothing and confirms nothing", async (_name, given, status) => {
    const { id, client_secret } = await bench.stripe.paymentIntents.create({
      amount: 2000,
      currency: "usd",
    });
    const secret = given === "nearly" ? `${client_secret}x` : given;
    const params: Record<string, string> = secret === undefined ? {} : { client_secret: secret };
    const read = await browse(`/v1/payment_intents/${id}`, params, "GET");
    const confirm = await browse(`/v1/payment_intents/${id}/confirm`, {
      ...params,
      payment_method: "pm_card_visa",
    });
    expect([read.status, confirm.status]).toEqual([status, status]);
    expect((await bench.stripe.paymentIntents.retrieve(id)).status).toBe("requires_payment_method");
  });
});
