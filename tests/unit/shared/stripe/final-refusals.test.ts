import { describe, expect, it } from "vitest";
import { StripeRefusal } from "../../../../shared/stripe/errors.ts";
import { read } from "../../../../shared/stripe/write.ts";
import { recordedStripe, refusal } from "./recorded.ts";

/** What Stripe's answer to a call comes out as. */
async function thrown(status: number, error: object): Promise<unknown> {
  const { stripe } = recordedStripe({ "GET /v1/customers/cus_1": [refusal(status, error)] });
  try {
    return await read(() => stripe.customers.retrieve("cus_1"));
  } catch (caught) {
    return caught;
  }
}

describe("a refusal for which money is given back at once", () => {
  it.each([
    ["an archived price", 400, { type: "invalid_request_error", param: "items[0][price]" }],
    ["an object that is gone", 404, { type: "invalid_request_error", code: "resource_missing" }],
    ["a card that a bank will never take", 402, {
      type: "card_error",
      code: "card_declined",
      decline_code: "stolen_card",
    }],
    ["a currency that the customer's others forbid", 400, {
      type: "invalid_request_error",
      message: "You cannot combine currencies on a single customer.",
    }],
    ...[400, 403].map((status) =>
      ["a subscription that the platform has not made", status, {
        type: "invalid_request_error",
        message:
          "You can't make any changes on a subscription that was not created by your application.",
      }] satisfies [string, number, object]
    ),
    ["a card that cannot be kept", 400, {
      type: "invalid_request_error",
      param: "default_payment_method",
    }],
  ])("is %s", async (_what, status, error) => {
    const told = await thrown(status, error);
    expect(told).toBeInstanceOf(StripeRefusal);
    expect(told).toHaveProperty("isFinal", true);
  });
});

describe("a refusal that is for somebody to mend, or passes by itself, and is asked again until a deadline,", () => {
  it.each<[string, number, object]>([
    ["a bank without an answer", 402, {
      type: "card_error",
      code: "card_declined",
      decline_code: "issuer_not_available",
    }],
    ["a card that could not be processed just now", 402, {
      type: "card_error",
      code: "processing_error",
    }],
    ["an account that is restricted", 400, {
      type: "invalid_request_error",
      code: "account_invalid",
    }],
    ["a parameter that Stripe does not know", 400, {
      type: "invalid_request_error",
      code: "parameter_unknown",
    }],
    ...["parameters_exclusive", "parameter_invalid_integer"].map((code) =>
      [code, 400, { type: "invalid_request_error", code, param: "items" }] satisfies [
        string,
        number,
        object,
      ]
    ),
    ...["stripe_tax_inactive", "taxes_calculation_failed", "failed_tax_calculation"].map((code) =>
      [code, 400, { type: "invalid_request_error", code, param: "automatic_tax" }] satisfies [
        string,
        number,
        object,
      ]
    ),
    ["something that is not known here", 400, { type: "invalid_request_error" }],
    ["a key that lacks the permission", 403, { type: "invalid_request_error" }],
    ["a conflict", 409, { type: "invalid_request_error" }],
    ["a limit", 429, { type: "invalid_request_error" }],
  ])("is %s", async (_what, status, error) => {
    const told = await thrown(status, error);
    expect(told instanceof StripeRefusal && told.isFinal).toBe(false);
  });
});
