import { describe, expect, it } from "vitest";
import { intents } from "../../../../shared/stripe/intents.ts";
import { answer, invalid, recordedStripe, refusal } from "./recorded.ts";

const attempt = { sessionId: "0197f0c1-2345-4890-8bcd-1234567890ab", number: 1 };
const card = { paymentMethodId: "pm_this" };
const from = { address: "203.0.113.1", userAgent: "a browser" };

/** Both kinds, the path of their calls, and what is read along with each. */
const kinds = [
  ["a payment intent", "pi_3NabcDEF", "payment_intents", "payment_intent", {
    "expand[0]": "latest_charge",
    "expand[1]": "payment_method",
  }],
  ["a set-up intent", "seti_1NabcDEF", "setup_intents", "setup_intent", {
    "expand[0]": "payment_method",
  }],
] as const;

describe.each(kinds)("%s", (_kind, id, path, object, along) => {
  const CONFIRM = `POST /v1/${path}/${id}/confirm`;
  const READ = `GET /v1/${path}/${id}`;
  const CANCEL = `POST /v1/${path}/${id}/cancel`;

  it("is confirmed with the customer's consent on record, and read with what its facts need", async () => {
    const { stripe, seen } = recordedStripe({ [CONFIRM]: [answer({ id, object })] });
    await intents(stripe).confirm(id, attempt, { ...card, from }, "acct_1");
    const consent = "mandate_data[customer_acceptance]";
    expect(seen).toEqual([{
      call: CONFIRM,
      account: "acct_1",
      key: expect.any(String) as unknown,
      parameters: {
        payment_method: "pm_this",
        use_stripe_sdk: "true",
        [`${consent}[type]`]: "online",
        [`${consent}[online][ip_address]`]: from.address,
        [`${consent}[online][user_agent]`]: from.userAgent,
        ...along,
      },
    }]);
  });

  it("names no consent of a browser that is not known", async () => {
    const { stripe, seen } = recordedStripe({ [CONFIRM]: [answer({ id, object })] });
    await intents(stripe).confirm(
      id,
      attempt,
      { ...card, returnUrl: "https://shop.example" },
      null,
    );
    expect(seen[0]?.parameters).toEqual({
      payment_method: "pm_this",
      return_url: "https://shop.example",
      ...along,
    });
  });

  it("that is in another state than a confirm suits is read, and told as it is", async () => {
    const { stripe, seen } = recordedStripe({
      [CONFIRM]: [invalid({ code: `${object}_unexpected_state` })],
      [READ]: [answer({ id, object, status: "succeeded" })],
    });
    const { intent } = await intents(stripe).confirm(id, attempt, card, null);
    expect(intent.status).toBe("succeeded");
    expect(seen[1]?.parameters).toEqual(along);
  });

  it("that is in another state than a cancel suits is read, and told as it is", async () => {
    const { stripe, seen } = recordedStripe({
      [CANCEL]: [invalid({ code: `${object}_unexpected_state` })],
      [READ]: [answer({ id, object, status: "succeeded" })],
    });
    expect((await intents(stripe).cancel(id, null)).status).toBe("succeeded");
    expect(seen[0]?.parameters).toEqual({ cancellation_reason: "abandoned" });
  });

  it.each([
    ["the method cannot be used", { param: "payment_method", code: "parameter_invalid_empty" }],
    ["the method is of a kind that is off", { code: "payment_method_unactivated" }],
    ["the mandate is refused", { code: `${object}_mandate_invalid` }],
  ])("is told as a method that cannot be used where %s", async (_what, error) => {
    const { stripe } = recordedStripe({
      [CONFIRM]: [invalid(error)],
      [READ]: [answer({ id, object, status: "requires_payment_method" })],
    });
    await expect(intents(stripe).confirm(id, attempt, card, null)).rejects.toMatchObject({
      code: "payment_method_invalid",
      cause: { message: expect.stringContaining(error.code) as unknown },
    });
  });

  it.each(["succeeded", "processing", "canceled"])(
    "is told as it is where the method cannot be used and it is %s by then",
    async (status) => {
      const { stripe } = recordedStripe({
        [CONFIRM]: [invalid({ param: "payment_method", code: "resource_missing" })],
        [READ]: [answer({ id, object, status })],
      });
      expect(await intents(stripe).confirm(id, attempt, card, null))
        .toEqual({ intent: expect.objectContaining({ id, status }) as unknown });
    },
  );

  it.each([
    ["a parameter of ours is wrong", invalid({ param: "return_url" }), "internal_error"],
    ["our key is wrong", refusal(401, { type: "invalid_request_error" }), "internal_error"],
    [
      "the account may not charge",
      invalid({ code: "charges_not_enabled" }),
      "merchant_account_unavailable",
    ],
  ])("is not told as the card's trouble where %s", async (_what, refused, code) => {
    const { stripe } = recordedStripe({ [CONFIRM]: [refused] });
    await expect(intents(stripe).confirm(id, attempt, card, null)).rejects.toMatchObject({ code });
  });

  it("whose answer is unclear is told as it is where it has moved on, its own news included", async () => {
    const moved = {
      id,
      object,
      status: "processing",
      payment_method: "pm_this",
      latest_charge: "ch_1",
    };
    const { stripe } = recordedStripe({
      [CONFIRM]: [refusal(500, { type: "api_error" })],
      [READ]: [answer(moved)],
    });
    const { intent } = await intents(stripe).confirm(id, attempt, card, null);
    expect(intent).toMatchObject(moved);
  });
});
