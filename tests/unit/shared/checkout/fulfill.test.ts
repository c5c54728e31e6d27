import { describe, expect, it } from "vitest";
import type { FulfillmentPlan } from "../../../../shared/domain/plans.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { complete, startSubscription } from "../../../../shared/checkout/fulfill.ts";
import { CREATED, subscription } from "../stripe/answers.ts";
import { invoice, plan, SESSION } from "../stripe/plans.ts";
import { type Answer, answer, invalid, listOf, recordedStripe } from "../stripe/recorded.ts";
import { recordedCheckouts, recordedLog } from "../support/recorded-database.ts";
import { snapshot } from "../support/snapshots.ts";
import { soldPrice } from "../support/sold-session.ts";

const CREATE = "POST /v1/subscriptions";
const READ = "GET /v1/subscriptions/sub_1NabcDEF";
const ATTACH = "POST /v1/payment_methods/pm_1NabcDEF/attach";
const PAY = "POST /v1/invoices/in_1NabcDEF/attach_payment";
const OUT_OF_BAND = "POST /v1/invoices/in_1NabcDEF/pay";
const NAME = "POST /v1/invoices/in_1NabcDEF";
const PRICE = "GET /v1/prices/price_1NabcDEF";

const paid = { ...invoice, status: "paid", amount_paid: 2_900 };
const made = { ...subscription, status: "incomplete", latest_invoice: invoice };
const active = { ...subscription, latest_invoice: paid };
const usual = {
  [ATTACH]: [answer({ id: "pm_1NabcDEF" })],
  [CREATE]: [answer(made)],
  [PAY]: [answer(paid)],
  [NAME]: [answer(invoice)],
  [OUT_OF_BAND]: [answer(paid)],
  [READ]: [answer(active)],
};

async function start(
  answers: Readonly<Record<string, readonly Answer[]>> = {},
  { differs = {}, payer = "cus_OabcDEF", ownsCard = true, completed = [] }: {
    differs?: Partial<FulfillmentPlan>;
    payer?: string | null;
    ownsCard?: boolean;
    completed?: object[];
  } = {},
) {
  const { stripe, seen, calls } = recordedStripe({ ...usual, ...answers });
  const answered = [...completed];
  const { checkouts, called } = recordedCheckouts({
    complete_checkout: () => answered.shift() ?? { outcome: "succeeded", snapshot },
  });
  const gateway = stripeGateway(stripe, () => CREATED);
  const { log, lines } = recordedLog();
  const ports = { checkouts, stripe: gateway, log };
  const wanted = { ...plan, ...differs };
  const customer = { id: "cus_OabcDEF", ownsCard };
  const outcome: unknown = await startSubscription(ports, wanted, {
    customer,
    payer: { stripeCustomerId: payer },
  })
    .then((one) => one.outcome === "paid" ? complete(ports, wanted, one) : one)
    .catch((error: unknown) => error);
  return { outcome, seen, calls: calls(), called, gateway, lines };
}

const ownPayment = {
  "GET /v1/invoice_payments": [
    listOf({ status: "paid", payment: { type: "payment_intent", payment_intent: "pi_3NabcDEF" } }),
  ],
};

describe("a paid session's subscription", () => {
  it("is made, its first invoice paid by the payment, and written down as it is then", async () => {
    const { outcome, calls, called } = await start();
    expect(outcome).toMatchObject({ outcome: "succeeded" });
    expect(calls).toEqual([CREATE, NAME, PAY, READ]);
    expect(called).toMatchObject([{
      name: "complete_checkout",
      args: {
        p_session_id: SESSION,
        p_subscription: {
          id: "sub_1NabcDEF",
          status: "active",
          seenNews: 0,
          invoice: { id: "in_1NabcDEF", status: "paid", paymentIntentId: "pi_3NabcDEF" },
        },
      },
    }]);
  });

  it("has the card attached first where it is not the customer's yet", async () => {
    const { calls } = await start({}, { ownsCard: false, payer: null });
    expect(calls).toEqual([ATTACH, CREATE, NAME, OUT_OF_BAND, READ]);
  });

  it("is not paid again, nor made again, by whoever comes second", async () => {
    const { outcome, calls } = await start({ [CREATE]: [answer(active)], ...ownPayment });
    expect(outcome).toMatchObject({ outcome: "succeeded" });
    expect(calls).toEqual([CREATE, "GET /v1/invoice_payments", READ]);
  });

  it("is paid by its first invoice also where it has renewed since", async () => {
    const renewal = { ...paid, id: "in_2", billing_reason: "subscription_cycle" };
    const { outcome, calls } = await start({
      "GET /v1/subscriptions": [listOf({ ...active, latest_invoice: renewal })],
      "GET /v1/invoices": [listOf(renewal, paid)],
      ...ownPayment,
    }, { differs: { keysMayBeGone: true } });
    expect(outcome).toMatchObject({ outcome: "succeeded" });
    expect(calls).toEqual([
      "GET /v1/subscriptions",
      "GET /v1/invoices",
      "GET /v1/invoice_payments",
      READ,
    ]);
  });

  it("of which a card was set up names no payment, and pays nothing", async () => {
    const nothing = { ...paid, amount_due: 0, total: 0 };
    const { outcome, calls, called } = await start({
      [CREATE]: [answer({ ...subscription, status: "trialing", latest_invoice: nothing })],
      [READ]: [answer({ ...subscription, status: "trialing", latest_invoice: nothing })],
    }, { differs: { intentKind: "setup", trialDays: 14, totalAmount: 0 } });
    expect(outcome).toMatchObject({ outcome: "succeeded" });
    expect(calls).toEqual([CREATE, READ]);
    expect(called[0]?.args["p_subscription"]).toMatchObject({ invoice: { paymentIntentId: null } });
  });

  it("is read once more for each news that came meanwhile", async () => {
    const { outcome, calls, called } = await start({}, {
      differs: { news: 2 },
      completed: [{ outcome: "news", news: 3 }, { outcome: "news", news: 5 }],
    });
    expect(outcome).toMatchObject({ outcome: "succeeded" });
    expect(calls).toEqual([CREATE, NAME, PAY, READ, READ, READ]);
    expect(called.map(({ args }) => args["p_subscription"]))
      .toMatchObject([{ seenNews: 2 }, { seenNews: 3 }, { seenNews: 5 }]);
  });

  it("is never written down while it is incomplete", async () => {
    const { outcome, called } = await start({ [READ]: [answer(made)] });
    expect(outcome).toMatchObject({ code: "stripe_unavailable" });
    expect(called).toEqual([]);
  });
});

describe("a subscription whose first invoice is not what was paid", () => {
  it.each<[string, object]>([
    ["over one cent more", { amount_due: 2_901 }],
    ["over one cent less", { amount_due: 2_899 }],
    ["in another currency", { currency: "eur" }],
    ["over nothing, and paid", { amount_due: 0, status: "paid" }],
  ])("is not fulfilled: it is %s", async (_what, differs) => {
    const { outcome, calls, called, lines } = await start({
      [CREATE]: [answer({ ...made, latest_invoice: { ...invoice, ...differs } })],
    });
    expect(outcome).toEqual({ outcome: "refused", reason: "amount_mismatch" });
    expect(calls).toEqual([CREATE]);
    expect(called).toEqual([]);
    expect(lines.join()).toContain("the first invoice is not what was paid");
  });

  it("is not fulfilled either where there is no such invoice at all", async () => {
    const { outcome, called } = await start({
      [CREATE]: [answer({ ...subscription, latest_invoice: null })],
      [READ]: [answer({ ...subscription, latest_invoice: null })],
    });
    expect(outcome).toEqual({ outcome: "refused", reason: "amount_mismatch" });
    expect(called).toEqual([]);
  });

  it("is the price's fault, which is asked about again for the next session", async () => {
    const dearer = { ...invoice, amount_due: 3_500 };
    const answers = {
      [PRICE]: [answer(soldPrice), answer({ ...soldPrice, unit_amount: 3_500 })],
      [CREATE]: [answer({ ...made, latest_invoice: dearer })],
    };
    const { stripe, calls } = recordedStripe({ ...usual, ...answers });
    const gateway = stripeGateway(stripe, () => CREATED);
    await gateway.prices.retrieve("price_1NabcDEF", null);
    await startSubscription(
      { checkouts: recordedCheckouts({}).checkouts, stripe: gateway, log: recordedLog().log },
      plan,
      {
        customer: { id: "cus_OabcDEF", ownsCard: true },
        payer: { stripeCustomerId: "cus_OabcDEF" },
      },
    );
    expect(await gateway.prices.retrieve("price_1NabcDEF", null))
      .toMatchObject({ unitAmount: 3_500 });
    expect(calls()).toEqual([PRICE, CREATE, PRICE]);
  });

  it("or was voided is refused", async () => {
    const voided = { ...invoice, status: "void" };
    const { outcome } = await start({ [CREATE]: [answer({ ...made, latest_invoice: voided })] });
    expect(outcome).toEqual({ outcome: "refused", reason: "fulfillment_refused" });
  });

  it("is not told from one that Stripe does not take the payment for just now", async () => {
    const { outcome, called } = await start({
      [NAME]: [answer(invoice)],
      [OUT_OF_BAND]: [invalid()],
      "GET /v1/invoices/in_1NabcDEF": [answer(invoice)],
    }, { payer: null });
    expect(outcome).toBeInstanceOf(Error);
    expect(called).toEqual([]);
  });
});
