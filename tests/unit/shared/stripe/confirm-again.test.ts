import { describe, expect, it } from "vitest";
import { intents } from "../../../../shared/stripe/intents.ts";
import { answer, recordedStripe, refusal, replayed } from "./recorded.ts";

const ID = "pi_3NabcDEF";
const CONFIRM = `POST /v1/payment_intents/${ID}/confirm`;
const READ = `GET /v1/payment_intents/${ID}`;
const attempt = { sessionId: "0197f0c1-2345-4890-8bcd-1234567890ab", number: 3 };
const card = { paymentMethodId: "pm_this" };
const from = (address: string) => ({ ...card, from: { address, userAgent: "a browser" } });

const open = { id: ID, object: "payment_intent", status: "requires_payment_method" };
const declined = (paymentMethodId: string) => ({
  ...open,
  latest_charge: "ch_declined",
  last_payment_error: {
    type: "card_error",
    code: "card_declined",
    decline_code: "insufficient_funds",
    payment_method: { id: paymentMethodId, object: "payment_method" },
  },
});
const challenged = (paymentMethodId: string) => ({
  ...open,
  status: "requires_action",
  payment_method: paymentMethodId,
});
/** What Stripe says of a key under which it was sent other parameters before. */
const mismatch = refusal(400, { type: "idempotency_error", message: "Keys for idempotent …" });
const broken = refusal(500, { type: "api_error" });

const confirm = (
  answers: Parameters<typeof recordedStripe>[0],
  given: Parameters<ReturnType<typeof intents>["confirm"]>[2] = card,
) => {
  const { stripe, seen, calls } = recordedStripe(answers);
  const confirmation = intents(stripe).confirm(ID, attempt, given, null);
  return { confirmation, seen, calls };
};

const keyOf = async (given: Parameters<typeof confirm>[1]) => {
  const { confirmation, seen } = confirm({ [CONFIRM]: [answer({ ...open })] }, given);
  await confirmation;
  return seen[0]?.key;
};

describe("an attempt that is retried", () => {
  it("has one key, whatever network and page it comes from", async () => {
    const keys = await Promise.all([
      keyOf(card),
      keyOf(from("203.0.113.1")),
      keyOf(from("2001:db8::1")),
      keyOf({ ...card, returnUrl: "https://shop.example/done" }),
    ]);
    expect(new Set(keys).size).toBe(1);
    expect(await keyOf({ paymentMethodId: "pm_other" })).not.toBe(keys[0]);
  });

  it("from another network is not attempted again where the first was declined", async () => {
    const { confirmation, calls } = confirm(
      { [CONFIRM]: [mismatch], [READ]: [answer(declined("pm_this"))] },
      from("203.0.113.1"),
    );
    expect(await confirmation).toMatchObject({
      refusal: { code: "card_declined", declineCode: "insufficient_funds" },
    });
    expect(calls()).toEqual([CONFIRM, READ]);
  });

  it("from another network is attempted where the first left no trace on the intent", async () => {
    const { confirmation, seen } = confirm(
      {
        [CONFIRM]: [mismatch, answer({ ...open, status: "succeeded" })],
        [READ]: [answer(declined("pm_other"))],
      },
      from("203.0.113.1"),
    );
    expect(await confirmation).toMatchObject({ intent: { status: "succeeded" } });
    expect(seen.at(-1)?.key).toBe(`${seen[0]?.key}:2`);
  });
});

describe("an attempt whose answer Stripe replays", () => {
  it("is told as the intent is by now, and not as it was then", async () => {
    const { confirmation, calls } = confirm({
      [CONFIRM]: [replayed(answer(challenged("pm_this")))],
      [READ]: [answer({ ...open, status: "succeeded", payment_method: "pm_this" })],
    });
    expect(await confirmation).toMatchObject({ intent: { status: "succeeded" } });
    expect(calls()).toEqual([CONFIRM, READ]);
  });

  it("is told as refused where the bank has refused the card since", async () => {
    const { confirmation } = confirm({
      [CONFIRM]: [replayed(answer(challenged("pm_this")))],
      [READ]: [answer(declined("pm_this"))],
    });
    expect(await confirmation).toMatchObject({
      intent: { status: "requires_payment_method" },
      refusal: { declineCode: "insufficient_funds" },
    });
  });
});

describe("a card of which Stripe's answer is unclear", () => {
  it("is not told that it waits for the bank where another card does", async () => {
    const { confirmation } = confirm({
      [CONFIRM]: [broken],
      [READ]: [answer(challenged("pm_other"))],
    });
    await expect(confirmation).rejects.toMatchObject({ code: "stripe_unavailable" });
  });

  it("waits for the bank where the intent says that it does", async () => {
    const { confirmation, calls } = confirm({
      [CONFIRM]: [broken],
      [READ]: [answer(challenged("pm_this"))],
    });
    expect(await confirmation).toMatchObject({ intent: { status: "requires_action" } });
    expect(calls()).toEqual([CONFIRM, READ]);
  });

  it("is not told another card's decline", async () => {
    const { confirmation } = confirm({
      [CONFIRM]: [broken],
      [READ]: [answer(declined("pm_other"))],
    });
    const { intent, refusal: told, failure } = await confirmation;
    expect(intent).toMatchObject({ last_payment_error: null, latest_charge: null });
    expect(told).toBeUndefined();
    expect(failure).toMatchObject({ code: "stripe_unavailable" });
  });
});
