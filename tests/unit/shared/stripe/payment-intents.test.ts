import { describe, expect, it } from "vitest";
import {
  type NewPaymentIntent,
  paymentIntents,
} from "../../../../shared/stripe/payment-intents.ts";
import { paymentIntent } from "./answers.ts";
import { answer, recordedStripe } from "./recorded.ts";

const SESSION = "0197f0c1-2345-4890-8bcd-1234567890ab";

describe("a new payment intent", () => {
  const CREATE = "POST /v1/payment_intents";
  const input = {
    sessionId: SESSION,
    organizationId: "0197f0c1-2345-4890-8bcd-1234567890cd",
    amount: 2_900,
    currency: "usd",
    applicationFeeAmount: 145,
    description: "Pro",
    stripeCustomerId: null,
    stripeTaxCalculationId: null,
    metadata: { campaign: "spring", organization_id: "theirs" },
    traceId: null,
  };
  const create = async (differs: Partial<NewPaymentIntent>, account: string | null) => {
    const { stripe, seen } = recordedStripe({ [CREATE]: [answer(paymentIntent)] });
    await paymentIntents(stripe).create({ ...input, ...differs }, account);
    return seen[0];
  };

  it("keeps the card for later periods, in the app and off every other site", async () => {
    const sent = await create({}, null);
    expect(sent?.parameters).toEqual({
      amount: "2900",
      currency: "usd",
      "automatic_payment_methods[enabled]": "true",
      "automatic_payment_methods[allow_redirects]": "never",
      setup_future_usage: "off_session",
      description: "Pro",
      "metadata[checkout_session_id]": SESSION,
      "metadata[organization_id]": input.organizationId,
      "metadata[app_campaign]": "spring",
      "metadata[app_organization_id]": "theirs",
    });
    expect(sent?.key).toMatch(new RegExp(`^intent:${SESSION}:`));
    expect(sent?.account).toBeNull();
  });

  it("names the trace that its session began in, which no key of the merchant's can be taken for", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const sent = await create({ traceId, metadata: { trace_id: "theirs" } }, null);
    expect(sent?.parameters).toMatchObject({
      "metadata[trace_id]": traceId,
      "metadata[app_trace_id]": "theirs",
    });
  });

  it("is made on the connected account, with the platform's fee", async () => {
    const sent = await create({}, "acct_1");
    expect(sent?.account).toBe("acct_1");
    expect(sent?.parameters).toMatchObject({ application_fee_amount: "145" });
  });

  it("has no fee where there is none, which Stripe would refuse", async () => {
    expect((await create({ applicationFeeAmount: 0 }, "acct_1"))?.parameters)
      .not.toHaveProperty("application_fee_amount");
  });
});
