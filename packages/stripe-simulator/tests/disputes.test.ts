import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { idOf, refusalOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();

async function paid(method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  const intent = await bench.stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    confirm: true,
    payment_method: method,
    return_url: RETURN_URL,
    ...more,
  });
  return { intent: intent.id, charge: idOf(intent.latest_charge) };
}

async function disputeOf(charge: string): Promise<Stripe.Dispute> {
  const { data } = await bench.stripe.disputes.list({ charge });
  const [dispute] = data;
  if (dispute === undefined) throw new Error(`${charge} is not disputed`);
  return dispute;
}

async function told(id: string): Promise<string[]> {
  await bench.idle();
  return bench.received.map(({ event }) => event)
    .filter((event) => JSON.stringify(event.data.object).includes(`"${id}"`))
    .map((event) => event.type)
    .filter((type) => type.startsWith("charge.dispute."));
}

describe("a card that disputes what it paid", () => {
  it.each([
    ["pm_card_createDispute", "needs_response", "fraudulent", 1],
    ["pm_card_createDisputeProductNotReceived", "needs_response", "product_not_received", 1],
    ["pm_card_createDisputeInquiry", "warning_needs_response", "fraudulent", 0],
  ])("%s opens a dispute that is %s", async (method, status, reason, withdrawals) => {
    const { intent, charge } = await paid(method);
    const dispute = await disputeOf(charge);
    expect(dispute).toMatchObject({ status, reason, amount: 2000, payment_intent: intent });
    expect(dispute.balance_transactions.map((one) => one.amount)).toEqual(
      Array.from({ length: withdrawals }, () => -2000),
    );
    expect(await bench.stripe.charges.retrieve(charge)).toMatchObject({
      disputed: true,
      paid: true,
      refunded: false,
    });
    expect(await told(dispute.id)).toEqual(
      withdrawals === 0
        ? ["charge.dispute.created"]
        : ["charge.dispute.created", "charge.dispute.funds_withdrawn"],
    );
  });

  it("cannot be refunded besides", async () => {
    const { charge } = await paid("pm_card_createDispute");
    expect((await refusalOf(bench.stripe.refunds.create({ charge }))).code).toBe("charge_disputed");
  });

  it("asks only, and is answered by a full refund", async () => {
    const { charge } = await paid("pm_card_createDisputeInquiry");
    await bench.stripe.refunds.create({ charge, amount: 500 });
    expect((await disputeOf(charge)).status).toBe("warning_needs_response");
    await bench.stripe.refunds.create({ charge });
    expect((await disputeOf(charge)).status).toBe("warning_closed");
  });
});

describe("the bank, as the admin port plays it", () => {
  it.each([
    ["win", "won", ["charge.dispute.closed", "charge.dispute.funds_reinstated"]],
    ["lose", "lost", ["charge.dispute.closed"]],
  ])("can open a dispute of any payment, and let it %s", async (outcome, status, events) => {
    const { intent, charge } = await paid("pm_card_visa");
    await bench.admin("POST", `/disputes/${intent}/open`, { reason: "duplicate", amount: 700 });
    await expect(bench.admin("POST", `/disputes/${charge}/open`)).rejects.toThrow("pending");
    await bench.admin("POST", `/disputes/${charge}/${outcome}`);
    const dispute = await disputeOf(charge);
    expect(dispute).toMatchObject({ status, reason: "duplicate", amount: 700 });
    expect(await told(dispute.id)).toEqual([
      "charge.dispute.created",
      "charge.dispute.funds_withdrawn",
      ...events,
    ]);
  });

  it("can go on from an inquiry to a chargeback", async () => {
    const { charge } = await paid("pm_card_visa");
    await bench.admin("POST", `/disputes/${charge}/open`, { inquiry: true });
    await bench.admin("POST", `/disputes/${charge}/escalate`);
    const dispute = await disputeOf(charge);
    expect(dispute.status).toBe("needs_response");
    expect(await told(dispute.id)).toEqual([
      "charge.dispute.created",
      "charge.dispute.updated",
      "charge.dispute.funds_withdrawn",
    ]);
  });

  it("hears no appeal when a bank debit is disputed", async () => {
    const { intent, charge } = await paid("pm_usBankAccount_success", {
      mandate_data: { customer_acceptance: { type: "offline", offline: {} } },
    });
    await expect(bench.admin("POST", `/disputes/${charge}/open`)).rejects.toThrow("pending");
    await bench.admin("POST", `/debits/${intent}/settle`);
    await bench.admin("POST", `/disputes/${charge}/open`);
    const dispute = await disputeOf(charge);
    expect(dispute.status).toBe("lost");
    expect(await told(dispute.id)).toContain("charge.dispute.closed");
  });
});

describe("a refund of a part", () => {
  it("leaves the charge unrefunded until all of it has gone back, and each is told", async () => {
    const { charge } = await paid("pm_card_visa");
    await bench.stripe.refunds.create({ charge, amount: 500 });
    await bench.stripe.refunds.create({ charge, amount: 300 });
    const part = await bench.stripe.charges.retrieve(charge, { expand: ["refunds"] });
    expect(part).toMatchObject({ amount_refunded: 800, refunded: false, paid: true });
    expect(part.refunds?.data.map((one) => one.amount)).toEqual([300, 500]);
    await bench.stripe.refunds.create({ charge });
    await bench.idle();
    const refunds = bench.received.map(({ event }) => event).filter((event) =>
      event.type === "charge.refunded" && event.data.object.id === charge
    );
    expect(refunds.map((event) => event.data.previous_attributes)).toEqual([
      { amount_refunded: 0 },
      { amount_refunded: 500 },
      { amount_refunded: 800, refunded: false },
    ]);
  });
});
