import { describe, expect, it } from "vitest";
import { paymentIntents } from "../../../../shared/stripe/payment-intents.ts";
import { answer, listOf, recordedStripe } from "./recorded.ts";

const SESSION = "0197f0c1-2345-4890-8bcd-1234567890ab";
const ID = "pi_3NabcDEF";

describe("a refund", () => {
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
  };
  const refund = async (list: object[], differs: object = {}) => {
    const { stripe, seen, calls } = recordedStripe({
      [LIST]: [listOf(...list)],
      [CREATE]: [answer(made)],
    });
    const { id } = await paymentIntents(stripe).refund({ ...payment, ...differs });
    return { id, seen, calls };
  };

  it.each(["succeeded", "pending", "requires_action"])(
    "is made once: an earlier one %s",
    async (status) => {
      const { id, calls } = await refund([{ ...earlier, status }]);
      expect(id).toBe("re_old");
      expect(calls()).toEqual([LIST]);
    },
  );

  it.each(["failed", "canceled"])("is made again where an earlier one %s", async (status) => {
    expect((await refund([{ ...earlier, status }])).id).toBe("re_new");
  });

  it("takes no merchant's own refund for the session's", async () => {
    expect((await refund([{ ...earlier, metadata: {} }])).id).toBe("re_new");
  });

  it("gives the platform's fee back too, on the connected account", async () => {
    const { seen } = await refund([], { stripeAccountId: "acct_1", applicationFeeAmount: 145 });
    expect(seen.map(({ account }) => account)).toEqual(["acct_1", "acct_1"]);
    expect(seen[1]?.parameters).toMatchObject({
      refund_application_fee: "true",
      payment_intent: ID,
    });
    expect((await refund([])).seen[1]?.parameters).not.toHaveProperty("refund_application_fee");
  });
});
