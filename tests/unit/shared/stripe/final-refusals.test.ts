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

describe("a refusal for which money is given back", () => {
  it.each([
    ["an archived price", 400, { type: "invalid_request_error", param: "items[0][price]" }],
    ["an object that is gone", 404, { type: "invalid_request_error", code: "resource_missing" }],
    ["a card that a bank will never take", 402, {
      type: "card_error",
      code: "card_declined",
      decline_code: "stolen_card",
    }],
  ])("is %s", async (_what, status, error) => {
    expect(await thrown(status, error)).toBeInstanceOf(StripeRefusal);
  });
});

describe("a refusal that passes, and gives no money back,", () => {
  it.each([
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
    ["a key that lacks the permission", 403, { type: "invalid_request_error" }],
    ["a conflict", 409, { type: "invalid_request_error" }],
    ["a limit", 429, { type: "invalid_request_error" }],
  ])("is %s", async (_what, status, error) => {
    expect(await thrown(status, error)).not.toBeInstanceOf(StripeRefusal);
  });
});
