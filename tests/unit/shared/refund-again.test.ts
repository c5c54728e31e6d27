import { expect, it } from "vitest";
import { paymentIntents } from "../../../shared/stripe/payment-intents.ts";
import { answer, listOf, recordedStripe, refusal } from "./stripe/recorded.ts";
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

it("a payment that somebody gave back by hand is taken as given back", async () => {
  const byHand = { id: "re_hand", status: "succeeded", metadata: {} };
  const { stripe } = recordedStripe({
    "GET /v1/refunds": [listOf(byHand)],
    "POST /v1/refunds": [
      refusal(400, { type: "invalid_request_error", code: "charge_already_refunded" }),
    ],
  });
  const refund = await paymentIntents(stripe).refund({
    sessionId: SESSION,
    stripePaymentIntentId: "pi_1",
    stripeAccountId: null,
    applicationFeeAmount: 0,
  });
  expect(refund.id).toBe("re_hand");
});
