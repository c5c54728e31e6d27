import { describe, expect, it } from "vitest";
import { refunds } from "../../../../shared/stripe/refunds.ts";
import { SESSION } from "./plans.ts";
import { type Answer, invalid, listOf, missing, recordedStripe } from "./recorded.ts";

const ID = "pi_3NabcDEF";
const DISPUTES = "GET /v1/disputes";

const dispute = (status: string, amount: number, id = `du_${status}`) => ({
  id,
  object: "dispute",
  amount,
  charge: { id: "ch_1", object: "charge", amount_captured: 2_900, amount_refunded: 0 },
  status,
});

const lostOf = async (...data: object[]) => {
  const { stripe, seen } = recordedStripe({ [DISPUTES]: [listOf(...data)] });
  return { lost: await refunds(stripe).lost(ID, "acct_1"), seen };
};

const ensure = async (reason: Answer, ...data: object[]) => {
  const { stripe } = recordedStripe({
    "GET /v1/refunds": [listOf()],
    "POST /v1/refunds": [reason],
    [DISPUTES]: [listOf(...data)],
  });
  return refunds(stripe).ensure({
    sessionId: SESSION,
    stripePaymentIntentId: ID,
    stripeAccountId: null,
    applicationFeeAmount: 0,
    mayRefund: true,
  });
};

describe("what disputes have taken of a payment", () => {
  it("is asked by the payment, on its account", async () => {
    const { seen } = await lostOf();
    expect(seen).toMatchObject([{
      call: DISPUTES,
      account: "acct_1",
      parameters: { payment_intent: ID },
    }]);
  });

  it.each([
    ["nothing where there is none", [], 0],
    ["a lost one's amount", [dispute("lost", 2_900)], 2_900],
    ["a part of the payment, where only that was disputed", [dispute("lost", 400)], 400],
    ["all that were lost", [dispute("lost", 400, "du_1"), dispute("lost", 500, "du_2")], 900],
    ["no other's, wherever they stand", [
      dispute("won", 100),
      dispute("lost", 400),
      dispute("needs_response", 200),
    ], 400],
    ...["needs_response", "under_review", "won", "prevented", "warning_closed"].map((status) =>
      [`nothing while it is ${status}`, [dispute(status, 2_900)], 0] satisfies [
        string,
        object[],
        number,
      ]
    ),
  ])("is %s", async (_what, data, amount) => {
    expect((await lostOf(...data)).lost).toBe(amount);
  });

  it("is not nothing where Stripe does not say", async () => {
    const { stripe } = recordedStripe({ [DISPUTES]: [invalid()] });
    await expect(refunds(stripe).lost(ID, null)).rejects.toMatchObject({ name: "CheckoutError" });
  });
});

describe("a payment that cannot be refunded because it is disputed", () => {
  const disputed = invalid({ code: "charge_disputed" });

  it("has gone back where the dispute took all of it", async () => {
    expect(await ensure(disputed, dispute("lost", 2_900)))
      .toEqual({ id: "du_lost", status: "succeeded", failures: 0 });
  });

  it.each(["needs_response", "under_review"])("waits while the dispute is %s", async (status) => {
    expect(await ensure(disputed, dispute("lost", 100), dispute(status, 2_800)))
      .toEqual({ id: `du_${status}`, status: "pending", failures: 0 });
  });

  it.each([
    ["the dispute took a part of it", disputed, [dispute("lost", 2_899)]],
    ["the dispute was won", disputed, [dispute("won", 2_900)]],
    ["there is no dispute", disputed, []],
    ["Stripe refuses for another reason", missing("payment_intent"), [dispute("lost", 2_900)]],
  ])("stays owed, and it is told why, where %s", async (_when, reason, data) => {
    const { refusal: told, id } = await ensure(reason, ...data);
    expect(told).toMatchObject({ name: "CheckoutError" });
    expect(id).toBeUndefined();
  });

  it("has gone back where refunds gave what the dispute left", async () => {
    const partly = dispute("lost", 2_000);
    const charge = { ...partly.charge, amount_refunded: 900 };
    expect(await ensure(disputed, { ...partly, charge })).toMatchObject({ status: "succeeded" });
  });
});
