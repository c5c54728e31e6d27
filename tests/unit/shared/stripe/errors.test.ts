import { describe, expect, it } from "vitest";
import { CheckoutError } from "../../../../shared/runtime/errors.ts";
import { AccountGone, asCheckoutError, StripeRefusal } from "../../../../shared/stripe/errors.ts";
import { stripeAnswering } from "./answers.ts";

/** What a call comes to where Stripe answers so. */
function failure(status: number, error: object): Promise<unknown> {
  const stripe = stripeAnswering(() =>
    Response.json({ error }, { status, headers: { "request-id": "req_NabcDEF" } })
  );
  return stripe.paymentIntents.retrieve("pi_3NabcDEF").then(() => "no failure", asCheckoutError);
}

describe("Stripe's failure", () => {
  it.each<[string, number, object, string]>([
    ["a fault at Stripe", 500, { type: "api_error" }, "stripe_unavailable"],
    ["a fault of its gateway", 502, { type: "api_error" }, "stripe_unavailable"],
    ["an outage", 503, { type: "api_error" }, "stripe_unavailable"],
    [
      "too many requests",
      429,
      { type: "invalid_request_error", code: "rate_limit" },
      "stripe_unavailable",
    ],
    [
      "an object in use",
      409,
      { type: "invalid_request_error", code: "lock_timeout" },
      "stripe_unavailable",
    ],
    [
      "a key in use",
      409,
      { type: "idempotency_error", code: "idempotency_key_in_use" },
      "stripe_unavailable",
    ],
    [
      "an account that is gone",
      403,
      { type: "invalid_request_error", code: "account_invalid" },
      "merchant_account_unavailable",
    ],
    ["an account that may not charge", 400, {
      type: "invalid_request_error",
      code: "charges_not_enabled",
    }, "merchant_account_unavailable"],
    [
      "too small an amount",
      400,
      { type: "invalid_request_error", code: "amount_too_small" },
      "amount_too_small",
    ],
    ["a wrong key of ours", 401, { type: "invalid_request_error" }, "internal_error"],
    [
      "an object that is missing",
      404,
      { type: "invalid_request_error", code: "resource_missing" },
      "internal_error",
    ],
    [
      "a parameter of ours",
      400,
      { type: "invalid_request_error", code: "parameter_unknown" },
      "internal_error",
    ],
    ["a key used otherwise", 400, { type: "idempotency_error" }, "stripe_unavailable"],
    ["an expired coupon", 400, {
      type: "invalid_request_error",
      code: "coupon_expired",
    }, "coupon_expired"],
    ...["stripe_tax_inactive", "taxes_calculation_failed", "failed_tax_calculation"].map((code) =>
      [code, 400, { type: "invalid_request_error", code }, "tax_unavailable"] satisfies [
        string,
        number,
        object,
        string,
      ]
    ),
  ])("is told in our words: %s", async (_what, status, error, code) => {
    const told = await failure(status, {
      ...error,
      message: "No such payment_intent: 'pi_3NabcDEF'",
    });
    expect(told).toBeInstanceOf(CheckoutError);
    expect(told).toMatchObject({ code, details: undefined });
    expect(String(told)).not.toContain("pi_3NabcDEF");
    // What an operator finds it at Stripe by.
    expect(told instanceof CheckoutError ? String(told.cause) : "").toContain("req_NabcDEF");
  });

  it.each<[string, number, object, boolean]>([
    ["the authorization was taken back", 403, { code: "account_invalid" }, true],
    ["a restricted key lacks a permission", 403, {}, false],
    ["the account may not charge", 400, { code: "charges_not_enabled" }, false],
  ])("means that the account is gone only where %s", async (_what, status, error, isGone) => {
    const told = await failure(status, { type: "invalid_request_error", ...error });
    expect(told).toMatchObject({ code: "merchant_account_unavailable" });
    expect(told instanceof AccountGone).toBe(isGone);
  });

  it.each<[string, number, object, boolean]>([
    ["no to the request", 400, { type: "invalid_request_error" }, true],
    ["no such object", 404, { type: "invalid_request_error", code: "resource_missing" }, true],
    ["no to the card", 402, { type: "card_error", code: "card_declined" }, true],
    ["no to our key", 401, { type: "invalid_request_error" }, false],
    ["no to the account", 400, { type: "invalid_request_error", code: "account_invalid" }, false],
    ["nothing yet", 503, { type: "api_error" }, false],
  ])("is a refusal of what was asked, and no trouble of ours, or not: %s", async (...row) => {
    const [_what, status, error, isRefusal] = row;
    expect(await failure(status, error) instanceof StripeRefusal).toBe(isRefusal);
  });

  it("has no code and no parameter where Stripe names none", async () => {
    expect(await failure(400, { type: "invalid_request_error" }))
      .toMatchObject({ stripeCode: "", param: "" });
  });

  it.each([
    "You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, invoice item or active subscription mode checkout session with currency usd.",
    "The currency of the selected prices (usd) does not match the customer currency (gbp).",
    "The price specified only supports `usd`. This doesn't match the expected currency: `aud`.",
    "The price specified only supports `usd`. This doesn't match the invoice's currency: `eur`.",
  ])("is known by its words where a customer has another currency: %s", async (message) => {
    const told = await failure(400, { type: "invalid_request_error", message });
    expect(told).toMatchObject({ code: "currency_conflict", isFinal: true });
  });

  it.each([
    "The price specified is inactive. This field only accepts active prices.",
    "The currency of the charge is not supported by this payment method.",
  ])("is no conflict of currencies in other words: %s", async (message) => {
    const told = await failure(400, { type: "invalid_request_error", message });
    expect(told).toMatchObject({ code: "internal_error", isFinal: false });
  });

  it("leaves Stripe's words and request id to the log", async () => {
    const told = await failure(404, {
      type: "invalid_request_error",
      code: "resource_missing",
      message: "No such payment_intent",
    });
    const cause = told instanceof CheckoutError ? String(told.cause) : "";
    expect(cause).toContain("resource_missing 404 req_NabcDEF No such payment_intent");
  });

  it.each([
    "customer_details[address][postal_code]",
    "customer_details[tax_ids][0][value]",
    "address[line1]",
    "value",
    "tax_id_data[0][value]",
    "email",
    "name",
    "mandate_data[customer_acceptance][online][ip_address]",
    "metadata[note]",
  ])("leaves to the log only what it is about, where that is a person: %s", async (param) => {
    const told = await failure(400, {
      type: "invalid_request_error",
      code: "tax_id_invalid",
      param,
      message: "Invalid value: Privatstrasse 5, DE123456789",
    });
    const cause = told instanceof CheckoutError ? String(told.cause) : "";
    expect(cause).toContain(`tax_id_invalid 400 req_NabcDEF on ${param}`);
    expect(cause).not.toMatch(/Privatstrasse|DE123456789/);
  });

  it("is an outage where no answer came", async () => {
    const stripe = stripeAnswering(() => {
      throw new TypeError("fetch failed");
    });
    const told = await stripe.paymentIntents.retrieve("pi_3NabcDEF").catch(asCheckoutError);
    expect(told).toMatchObject({ code: "stripe_unavailable" });
  });
});

describe("what is no failure of Stripe's", () => {
  it.each([
    ["our own error", new CheckoutError("session_closed")],
    ["a bug", new TypeError("x is undefined")],
    [
      "an error that only looks like one",
      Object.assign(new Error("x"), { type: "StripeCardError", statusCode: 402 }),
    ],
  ])("is handed on as it is: %s", (_what, error) => {
    expect(asCheckoutError(error)).toBe(error);
  });

  it.each([["a text", "StripeError"], ["an object", { statusCode: 503 }], [
    "undefined",
    undefined,
  ]])(
    "becomes none of Stripe's: %s",
    (_what, thrown) => {
      const told = asCheckoutError(thrown);
      expect(told).not.toBeInstanceOf(CheckoutError);
      expect(told.message).toBe("something that is no error was thrown");
    },
  );
});
