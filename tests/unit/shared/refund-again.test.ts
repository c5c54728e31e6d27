import { expect, it } from "vitest";
import { paymentIntents } from "../../../shared/stripe/payment-intents.ts";
import { answer, listOf, recordedStripe } from "./stripe/recorded.ts";
const SESSION = "0197f0c1-2345-4890-8bcd-1234567890ab";
it("a refund made again after one failed has a key of its own: Stripe would answer with the failed one", async () => {
  const payment = {
    sessionId: SESSION,
    stripePaymentIntentId: "pi_1",
    stripeAccountId: null,
    applicationFeeAmount: 0,
  };
  const sent = async (...list: object[]) => {
    const { stripe, seen } = recordedStripe({
      "GET /v1/refunds": [listOf(...list)],
      "POST /v1/refunds": [answer({ id: "re_new" })],
    });
    await paymentIntents(stripe).refund(payment);
    return seen[1]?.key;
  };
  expect(await sent({ id: "re_old", status: "failed", metadata: { checkout_session_id: SESSION } }))
    .not.toBe(await sent());
});
