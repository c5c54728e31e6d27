import { describe, expect, it } from "vitest";
import type { PresentedCard } from "../../../../shared/stripe/confirmation.ts";
import { intents } from "../../../../shared/stripe/intents.ts";
import { declinedIntent, paymentIntent, succeededIntent } from "./answers.ts";
import { answer, recordedStripe, refusal } from "./recorded.ts";

const SESSION = "0197f0c1-2345-4890-8bcd-1234567890ab";
const ID = "pi_3NabcDEF";
const READ = `GET /v1/payment_intents/${ID}`;
const CONFIRM = `POST /v1/payment_intents/${ID}/confirm`;
const CANCEL = `POST /v1/payment_intents/${ID}/cancel`;

describe("an attempt", () => {
  const attempt = { sessionId: SESSION, number: 3 };
  const card = { paymentMethodId: "pm_1NabcDEF" };
  const confirm = async (
    answers: Parameters<typeof recordedStripe>[0],
    given: PresentedCard = card,
  ) => {
    const { stripe, seen, calls } = recordedStripe(answers);
    const confirmation = await intents(stripe).confirm(ID, attempt, given, "acct_1");
    return { ...confirmation, seen, calls };
  };

  it("is confirmed under a key of its attempt, on the session's account, with its charge", async () => {
    const { intent, seen } = await confirm({ [CONFIRM]: [answer(succeededIntent)] });
    expect(intent.status).toBe("succeeded");
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      account: "acct_1",
      parameters: {
        payment_method: "pm_1NabcDEF",
        use_stripe_sdk: "true",
        "expand[0]": "latest_charge",
      },
    });
    expect(seen[0]?.key).toMatch(new RegExp(`^confirm:${SESSION}:3:`));
  });

  it("is sent back to the page that asks for it", async () => {
    const returnUrl = "https://shop.example/done";
    const { seen } = await confirm({ [CONFIRM]: [answer(succeededIntent)] }, {
      ...card,
      returnUrl,
    });
    expect(seen[0]?.parameters).toMatchObject({ return_url: returnUrl });
    expect(seen[0]?.parameters).not.toHaveProperty("use_stripe_sdk");
  });

  it("that is declined is no error: the intent is read, the refusal told", async () => {
    const { intent, refusal: told } = await confirm({
      [CONFIRM]: [refusal(402, {
        type: "card_error",
        code: "card_declined",
        decline_code: "insufficient_funds",
        message: "Your card has insufficient funds.",
      })],
      [READ]: [answer(declinedIntent)],
    });
    expect(intent.status).toBe("requires_payment_method");
    expect(told).toMatchObject({ code: "card_declined", declineCode: "insufficient_funds" });
  });

  it("finds the intent paid already where another was first", async () => {
    const { intent, refusal: told } = await confirm({
      [CONFIRM]: [
        refusal(400, { type: "invalid_request_error", code: "payment_intent_unexpected_state" }),
      ],
      [READ]: [answer(succeededIntent)],
    });
    expect(intent.status).toBe("succeeded");
    expect(told).toBeUndefined();
  });

  it("is not made again where Stripe's answer was lost and the intent has moved", async () => {
    const { intent, calls } = await confirm({
      [CONFIRM]: [refusal(500, { type: "api_error" })],
      [READ]: [answer(succeededIntent)],
    });
    expect(intent.status).toBe("succeeded");
    expect(calls()).toEqual([CONFIRM, READ]);
  });

  it.each([
    ["does not exist", { code: "resource_missing", param: "payment_method" }],
    ["belongs to another customer", { code: "payment_method_customer_mismatch" }],
    ["cannot be used again", { code: "payment_method_unexpected_state" }],
  ])("is the caller's mistake where it %s", async (_what, error) => {
    const answers = {
      [CONFIRM]: [refusal(400, { type: "invalid_request_error", ...error })],
      [READ]: [answer({ ...succeededIntent, status: "requires_payment_method" })],
    };
    await expect(confirm(answers)).rejects.toMatchObject({ code: "payment_method_invalid" });
  });

  it("is nobody's mistake where the account has no such intent", async () => {
    const missing = { type: "invalid_request_error", code: "resource_missing", param: "intent" };
    await expect(confirm({ [CONFIRM]: [refusal(404, missing)] }))
      .rejects.toMatchObject({ code: "internal_error" });
  });
});

describe("canceling", () => {
  it("leaves an intent that no card can pay any more", async () => {
    const { stripe } = recordedStripe({
      [CANCEL]: [answer({ ...paymentIntent, status: "canceled" })],
    });
    expect((await intents(stripe).cancel(ID, null)).status).toBe("canceled");
  });

  it("reads an intent that was paid first: the money counts", async () => {
    const { stripe } = recordedStripe({
      [CANCEL]: [
        refusal(400, { type: "invalid_request_error", code: "payment_intent_unexpected_state" }),
      ],
      [READ]: [answer(succeededIntent)],
    });
    expect((await intents(stripe).cancel(ID, null)).status).toBe("succeeded");
  });

  it("is asked under the same key at one revision of the session, and under another later", async () => {
    const canceled = answer({ ...paymentIntent, status: "canceled" });
    const { stripe, seen } = recordedStripe({ [CANCEL]: [canceled, canceled, canceled] });
    for (const revision of [4, 4, 6]) await intents(stripe).cancel(ID, null, revision);
    const [first, again, later] = seen.map(({ key }) => key);
    expect(again).toBe(first);
    // Stripe keeps the refusal of an intent that was processing: it would be answered with it for a day.
    expect(later).not.toBe(first);
  });
});
