import { describe, expect, it } from "vitest";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { payingCustomer } from "../../../../shared/checkout/fulfill.ts";
import { CUSTOMER, plan } from "../stripe/plans.ts";
import { type Answer, answer, missing, recordedStripe } from "../stripe/recorded.ts";
import { recordedCheckouts, recordedLog } from "../support/recorded-database.ts";

describe("whose a paid session is", () => {
  const CARD = "GET /v1/payment_methods/pm_1NabcDEF";
  const owner = async (
    customer: string | null,
    stripeCustomerId: string | null,
    { card = answer({ id: "pm_1NabcDEF", customer }), cardOwner }: {
      card?: Answer;
      cardOwner?: string | null | undefined;
    } = {},
  ) => {
    const { stripe, calls } = recordedStripe({
      [CARD]: [card],
      "POST /v1/customers": [answer({ id: "cus_new", object: "customer", metadata: {} })],
    });
    const { checkouts, called } = recordedCheckouts({
      record_stripe_customer: ({ p_stripe_customer_id }) => p_stripe_customer_id,
    });
    const ports = { checkouts, stripe: stripeGateway(stripe), log: recordedLog().log };
    const paying = await payingCustomer(ports, {
      ...plan,
      customer: { ...plan.customer, stripeCustomerId },
    }, { cardOwner });
    return { paying, calls: calls(), recorded: called.map(({ args }) => args) };
  };

  it.each<[string, string | null, string | null, object, string[]]>([
    ["the card's owner's", "cus_owner", "cus_row", { id: "cus_owner", ownsCard: true }, []],
    ["the card's owner's, who is written down", "cus_owner", null, {
      id: "cus_owner",
      ownsCard: true,
    }, ["cus_owner"]],
    ["the known customer's", null, "cus_row", { id: "cus_row", ownsCard: false }, []],
    ["a new customer's", null, null, { id: "cus_new", ownsCard: false }, ["cus_new"]],
  ])("is %s", async (_whose, holder, row, expected, recorded) => {
    for (const cardOwner of [undefined, holder]) {
      const { paying, recorded: told, calls } = await owner(holder, row, { cardOwner });
      expect(paying).toEqual(expected);
      expect(told).toEqual(recorded.map((id) => ({
        p_customer_id: CUSTOMER,
        p_stripe_customer_id: id,
      })));
      // What was read along with the intent is not asked once more.
      expect(calls.includes(CARD)).toBe(cardOwner === undefined);
    }
  });

  it("is nobody's while Stripe does not tell of the card", async () => {
    await expect(owner(null, "cus_row", { card: missing("id") })).rejects.toMatchObject({
      stripeCode: "resource_missing",
    });
  });
});
