import { describe, expect, it } from "vitest";
import { refunds } from "../../../../shared/stripe/refunds.ts";
import { StripeRefusal } from "../../../../shared/stripe/errors.ts";
import { answer, listOf, lost, recordedStripe, refusal } from "./recorded.ts";

const SESSION = "0197f0c1-2345-4890-8bcd-1234567890ab";
const ID = "pi_3NabcDEF";
const LIST = "GET /v1/refunds";
const CREATE = "POST /v1/refunds";

const made = { id: "re_new", object: "refund", status: "succeeded" };
const earlier = {
  id: "re_old",
  object: "refund",
  status: "succeeded",
  metadata: { checkout_session_id: SESSION },
};
const payment = {
  sessionId: SESSION,
  stripePaymentIntentId: ID,
  stripeAccountId: null,
  applicationFeeAmount: 0,
  mayRefund: true,
};
const ensure = async (list: object[], differs: object = {}) => {
  const { stripe, seen, calls } = recordedStripe({
    [LIST]: [listOf(...list)],
    [CREATE]: [answer(made)],
  });
  const refund = await refunds(stripe).ensure({ ...payment, ...differs });
  return { refund, seen, calls };
};

const keyAfter = async (...list: object[]) => (await ensure(list)).seen[1]?.key;

describe("a refund", () => {
  it.each(["succeeded", "pending", "requires_action"])(
    "is made once: an earlier one %s",
    async (status) => {
      const { refund, calls } = await ensure([{ ...earlier, status }]);
      expect(refund).toEqual({ id: "re_old", status, failures: 0 });
      expect(calls()).toEqual([LIST]);
    },
  );

  it.each(["failed", "canceled"])("is made again where an earlier one %s", async (status) => {
    const { refund } = await ensure([{ ...earlier, status }]);
    expect(refund).toEqual({ id: "re_new", status: "succeeded", failures: 1 });
  });

  it("that failed is only looked at while its wait is not over", async () => {
    const { refund, calls } = await ensure([{ ...earlier, status: "failed" }], {
      mayRefund: false,
    });
    expect(refund).toEqual({ id: "re_old", status: "failed", failures: 1 });
    expect(calls()).toEqual([LIST]);
  });

  it("made again has a key of its own: Stripe would answer with the one that failed", async () => {
    const failed = { ...earlier, status: "failed" };
    const keys = [await keyAfter(), await keyAfter(failed), await keyAfter(failed, failed)];
    expect(new Set(keys).size).toBe(3);
  });

  it("takes no merchant's own refund of a part for the session's", async () => {
    const part = { ...earlier, metadata: {}, charge: { id: "ch_1", refunded: false } };
    expect((await ensure([part])).refund.id).toBe("re_new");
  });

  it.each<[string, string, boolean]>([
    ["is given back again", "re_new", false],
    ["is given back already", "re_old", true],
  ])("beside one by hand that failed: what that gave back %s", async (_what, id, refunded) => {
    const charge = { id: "ch_1", refunded };
    const byHand = { id: "re_hand", status: "failed", metadata: {}, charge };
    const { refund } = await ensure([byHand, { ...earlier, charge }]);
    expect(refund).toEqual({ id, status: "succeeded", failures: 1 });
  });

  it("of the whole by hand is taken as given back", async () => {
    const byHand = { ...earlier, metadata: {}, charge: { id: "ch_1", refunded: true } };
    expect((await ensure([byHand], { mayRefund: false })).refund.id).toBe("re_old");
  });

  it("by hand that comes in between is taken as given back", async () => {
    const { stripe } = recordedStripe({
      [LIST]: [listOf(), listOf({ id: "re_hand", status: "succeeded", metadata: {} })],
      [CREATE]: [
        refusal(400, { type: "invalid_request_error", code: "charge_already_refunded" }),
      ],
    });
    expect((await refunds(stripe).ensure(payment)).id).toBe("re_hand");
  });

  it("is looked for among its own payment's alone, with what became of their charge", async () => {
    expect((await ensure([])).seen[0]?.parameters)
      .toEqual({ payment_intent: ID, limit: "100", "expand[0]": "data.charge" });
  });

  it("says whose it is, and gives back the whole", async () => {
    expect((await ensure([])).seen[1]?.parameters).toEqual({
      payment_intent: ID,
      reason: "requested_by_customer",
      "metadata[checkout_session_id]": SESSION,
    });
  });

  it.each([
    ["has no status, as those of long ago", { ...earlier, status: null }, "re_old", "succeeded"],
    ["names no session", { ...earlier, metadata: null }, "re_new", "succeeded"],
    ["has no charge", { ...earlier, metadata: {}, charge: null }, "re_new", "succeeded"],
  ])("is told from one that %s", async (_what, other, id, status) => {
    expect((await ensure([other])).refund).toMatchObject({ id, status });
  });

  it.each([
    ["whose account owes too much", "balance_insufficient"],
    ["for a reason that is not known here", undefined],
  ])(
    "that Stripe refuses, %s, leaves the money owed, whatever else was given back",
    async (...row) => {
      const [, code] = row;
      const failed = { ...earlier, status: "failed" };
      const byHand = { id: "re_hand", status: "succeeded", metadata: {}, charge: "ch_1" };
      const { stripe } = recordedStripe({
        [LIST]: [listOf(failed), listOf(failed, byHand)],
        [CREATE]: [refusal(400, { type: "invalid_request_error", code })],
      });
      expect(await refunds(stripe).ensure(payment)).toEqual({
        id: "re_old",
        status: "failed",
        failures: 1,
        refusal: expect.any(StripeRefusal) as unknown,
      });
    },
  );

  it("is no answer where nobody refused it: our key was wrong", async () => {
    const { stripe } = recordedStripe({
      [LIST]: [listOf()],
      [CREATE]: [refusal(401, { type: "invalid_request_error" })],
    });
    await expect(refunds(stripe).ensure(payment)).rejects.toMatchObject({ code: "internal_error" });
  });

  it("whose answer was lost is found, and not made twice", async () => {
    const { stripe, calls } = recordedStripe({
      [LIST]: [listOf(), listOf({ ...earlier, id: "re_first" })],
      [CREATE]: [lost],
    });
    expect((await refunds(stripe).ensure(payment)).id).toBe("re_first");
    expect(calls().at(-1)).toBe(LIST);
  });

  it("gives the platform's fee back too, on the connected account", async () => {
    const { seen } = await ensure([], { stripeAccountId: "acct_1", applicationFeeAmount: 145 });
    expect(seen.map(({ account }) => account)).toEqual(["acct_1", "acct_1"]);
    expect(seen[1]?.parameters).toMatchObject({
      refund_application_fee: "true",
      payment_intent: ID,
    });
    expect((await ensure([])).seen[1]?.parameters).not.toHaveProperty("refund_application_fee");
  });
});

const INTENT = `GET /v1/payment_intents/${ID}`;

const giveBackOf = async (charge: object, ...list: object[]) => {
  const { stripe, seen, calls } = recordedStripe({
    [LIST]: [listOf(...list)],
    [INTENT]: [answer({ id: ID, object: "payment_intent", latest_charge: charge })],
    [CREATE]: [answer(made)],
  });
  const { sessionId, stripePaymentIntentId } = payment;
  await refunds(stripe).giveBack({ sessionId, stripePaymentIntentId, stripeAccountId: "acct_1" });
  return { calls: calls(), made: seen[2] };
};
const giveBack = (...list: object[]) => giveBackOf({ application_fee_amount: null }, ...list);

describe("what Stripe collected for an invoice of nobody's", () => {
  it("is given back whole, on the account that has it", async () => {
    const { calls, made: refund } = await giveBack();
    expect(calls).toEqual([LIST, INTENT, CREATE]);
    expect(refund?.account).toBe("acct_1");
    expect(refund?.parameters).toEqual({
      payment_intent: ID,
      reason: "requested_by_customer",
      "metadata[checkout_session_id]": SESSION,
    });
  });

  it.each<[string, number, boolean]>([["a share", 75, true], [
    "no share, which rounds to nothing",
    0,
    false,
  ]])(
    "is given back with the platform's share where that had %s",
    async (_what, fee, asked) => {
      const { made: refund } = await giveBackOf({ application_fee_amount: fee });
      expect("refund_application_fee" in (refund?.parameters ?? {})).toBe(asked);
    },
  );

  it("is given back once", async () => {
    expect((await giveBack(earlier)).calls).toEqual([LIST]);
  });

  it("is given back again where that failed, under another key", async () => {
    const again = await giveBack({ ...earlier, status: "failed" });
    expect(again.calls).toEqual([LIST, INTENT, CREATE]);
    expect(again.made?.key).not.toBe((await giveBack()).made?.key);
  });

  it("is given back although a part of it was, by hand", async () => {
    const part = { ...earlier, metadata: {}, charge: { id: "ch_1", refunded: false } };
    const first = await giveBack();
    expect((await giveBack(part)).made?.key).toBe(first.made?.key);
  });
});
