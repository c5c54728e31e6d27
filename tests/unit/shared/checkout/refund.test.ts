import { describe, expect, it } from "vitest";
import type { FulfillmentPlan } from "../../../../shared/domain/plans.ts";
import { refund } from "../../../../shared/checkout/refund.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { subscription } from "../stripe/answers.ts";
import {
  changed,
  changeInvoice,
  changePlan,
  CUSTOMER,
  invoice,
  plan,
  SESSION,
} from "../stripe/plans.ts";
import {
  type Answer,
  answer,
  invalid,
  listOf,
  lost,
  missing,
  recordedStripe,
} from "../stripe/recorded.ts";
import { recordedCheckouts, recordedLog } from "../support/recorded-database.ts";
import { snapshot } from "../support/snapshots.ts";

const CARD = "GET /v1/payment_methods/pm_1NabcDEF";
const LIST = "GET /v1/subscriptions";
const VOID = "POST /v1/invoices/in_1NabcDEF/void";
const CANCEL = "DELETE /v1/subscriptions/sub_1NabcDEF";
const REFUND = "POST /v1/refunds";

const live = { ...subscription, status: "incomplete", latest_invoice: invoice };
const made = answer({ id: "re_1", object: "refund", status: "succeeded" });
const owned = answer({ id: "pm_1NabcDEF", customer: "cus_OabcDEF" });
const usual = {
  [CARD]: [owned],
  "GET /v1/refunds": [listOf()],
  [REFUND]: [made],
  [VOID]: [answer({ ...invoice, status: "void" })],
  [CANCEL]: [answer({ ...live, status: "canceled" })],
};

async function refunded(
  answers: Readonly<Record<string, readonly Answer[]>>,
  differs: Partial<FulfillmentPlan> = {},
) {
  const { stripe, seen, calls } = recordedStripe({ ...usual, ...answers });
  const { checkouts, called } = recordedCheckouts({
    record_refund: () => ({ outcome: "refunded", moved: true, snapshot }),
    record_release: () => ({ outcome: "released", snapshot }),
    record_stripe_customer: ({ p_stripe_customer_id }) => p_stripe_customer_id,
  });
  const { log, lines } = recordedLog();
  const outcome = await refund(
    { checkouts, stripe: stripeGateway(stripe), log },
    { ...plan, refundReason: "amount_mismatch", ...differs },
  ).then(() => "refunded", (error: unknown) => error);
  return { outcome, seen, calls: calls(), called, lines };
}

describe("what a refunded session leaves at Stripe", () => {
  it("is nothing that could charge: its invoice is closed, then its subscription, then it is paid back", async () => {
    const { outcome, calls, seen, called } = await refunded({ [LIST]: [listOf(live)] });
    expect(outcome).toBe("refunded");
    expect(calls).toEqual([CARD, LIST, VOID, CANCEL, "GET /v1/refunds", REFUND]);
    expect(seen[3]).toMatchObject({ parameters: { prorate: "false", invoice_now: "false" } });
    expect(called.map(({ args }) => args)).toMatchObject([{
      p_session_id: SESSION,
      p_stripe_refund_id: "re_1",
      p_status: "succeeded",
    }]);
  });

  const BALANCE = "/v1/customers/cus_OabcDEF/balance_transactions";
  it.each<[string, number, number, string | undefined]>([
    ["credit that it has used", -500, 0, "-500"],
    ["a part of a credit", -5_000, -2_100, "-2900"],
    ["a debt that it has collected", 500, 0, "500"],
    ["a debt that its own credit has settled", 500, -200, "500"],
    ["what it was too small to collect", 0, 30, "-30"],
    ["nothing of a balance that it left alone", 500, 500, undefined],
    ["nothing of the credit that it has made", 0, -1_800, undefined],
  ])("is %s, put back", async (_what, starting_balance, ending_balance, amount) => {
    const latest_invoice = { ...invoice, status: "paid", starting_balance, ending_balance };
    const { seen } = await refunded({
      [LIST]: [listOf({ ...live, status: "active", latest_invoice })],
      "GET /v1/invoice_payments": [listOf()],
      [`GET ${BALANCE}`]: [listOf()],
      [`POST ${BALANCE}`]: [answer({ id: "cbtxn_1", object: "customer_balance_transaction" })],
    });
    expect(seen.find(({ call }) => call === `POST ${BALANCE}`)?.parameters["amount"]).toBe(amount);
  });

  it("is no invoice that its customer could pay, though it was given up", async () => {
    const latest_invoice = { ...invoice, status: "uncollectible" };
    const { calls } = await refunded({ [LIST]: [listOf({ ...live, latest_invoice })] });
    expect(calls).toEqual([CARD, LIST, VOID, CANCEL, "GET /v1/refunds", REFUND]);
  });

  it.each<[string, object[], string[]]>([
    ["whatever has ended", [{ ...live, status: "canceled", latest_invoice: null }], []],
    ["but not the open invoice of what has ended", [{ ...live, status: "incomplete_expired" }], [
      VOID,
    ]],
    ["another session's", [{ ...live, metadata: { checkout_session_id: CUSTOMER } }], []],
    ["what has the label and is older", [{ ...live, created: live.created - 86_400 }], []],
    ["what has the label and is another customer's", [{ ...live, customer: "cus_other" }], []],
  ])("is left: %s", async (_what, data, touched) => {
    const { calls } = await refunded({ [LIST]: [listOf(...data)] });
    expect(calls).toEqual([CARD, LIST, ...touched, "GET /v1/refunds", REFUND]);
  });

  it("is looked for with the owner of the card, whoever the row names by now", async () => {
    const owner = answer({ id: "pm_1NabcDEF", customer: "cus_owner" });
    const { seen } = await refunded({ [CARD]: [owner], [LIST]: [listOf()] });
    expect(seen[1]?.parameters).toMatchObject({ customer: "cus_owner" });
  });

  it("is looked for with a customer whose making nobody heard the answer of, who is kept for the next payment", async () => {
    const { seen, called } = await refunded({
      [CARD]: [answer({ id: "pm_1NabcDEF", customer: null })],
      "GET /v1/customers": [listOf({
        id: "cus_left",
        object: "customer",
        metadata: { customer_id: CUSTOMER },
      })],
      [LIST]: [listOf()],
    }, { customer: { ...plan.customer, stripeCustomerId: null } });
    expect(seen[2]?.parameters).toMatchObject({ customer: "cus_left" });
    expect(called.at(0)?.args).toEqual({
      p_customer_id: CUSTOMER,
      p_stripe_customer_id: "cus_left",
      p_replaces: false,
    });
  });

  it("is looked for also where Stripe does not tell of the card", async () => {
    const { seen } = await refunded({ [CARD]: [missing("id")], [LIST]: [listOf()] });
    expect(seen[1]?.parameters).toMatchObject({ customer: "cus_OabcDEF" });
  });

  it.each([
    ["the customer was deleted at Stripe", { [LIST]: [missing("customer")] }, {}],
    ["there was no customer yet", {
      [CARD]: [answer({ id: "pm_1NabcDEF", customer: null })],
      "GET /v1/customers": [listOf()],
    }, { customer: { ...plan.customer, stripeCustomerId: null } }],
  ])("is nothing where %s", async (_when, answers, differs) => {
    const { outcome, calls } = await refunded(answers, differs);
    expect(outcome).toBe("refunded");
    expect(calls).not.toContain(CANCEL);
  });

  it("is not paid back while it is unclear whether something stays behind", async () => {
    const open = { "GET /v1/invoices/in_1NabcDEF": [answer(invoice)] };
    for (
      const answers of [
        { [LIST]: [lost] },
        { [LIST]: [listOf(live)], [VOID]: [lost], ...open },
        {
          [LIST]: [listOf(live)],
          [CANCEL]: [lost],
          "GET /v1/subscriptions/sub_1NabcDEF": [answer(live)],
        },
      ]
    ) {
      const { outcome, calls } = await refunded(answers);
      expect(outcome).toBeInstanceOf(Error);
      expect(calls).not.toContain(REFUND);
    }
  });

  it("of a card that was only set up is released, and no refund made", async () => {
    const { calls, called } = await refunded({ [LIST]: [listOf(live)] }, { intentKind: "setup" });
    expect(calls).toEqual([CARD, LIST, VOID, CANCEL]);
    expect(called.map(({ name }) => name)).toEqual(["record_release"]);
  });
});

/** What has paid an invoice. */
const payment = (payment_intent: string) => ({
  id: `inpay_${payment_intent}`,
  status: "paid",
  payment: { type: "payment_intent", payment_intent },
});

it("what the customer pays while it is being closed goes back as well", async () => {
  const { outcome, calls, seen } = await refunded({
    [LIST]: [listOf(live)],
    [VOID]: [invalid({})],
    "GET /v1/invoices/in_1NabcDEF": [answer({ ...invoice, status: "paid" })],
    "GET /v1/invoice_payments": [listOf(payment("pi_beside"))],
    "GET /v1/payment_intents/pi_beside": [answer({ id: "pi_beside", latest_charge: null })],
  });
  expect(outcome).toBe("refunded");
  expect(calls).toContain(CANCEL);
  expect(
    seen.filter(({ call }) => call === REFUND).map(({ parameters }) =>
      parameters["payment_intent"]
    ),
  )
    .toEqual(["pi_beside", "pi_3NabcDEF"]);
});

describe("what Stripe does not let us end", () => {
  it.each<[string, Readonly<Record<string, readonly Answer[]>>]>([
    ["a key that may not close invoices", {
      [VOID]: [() => Response.json({ error: { type: "invalid_request_error" } }, { status: 403 })],
    }],
    ["a subscription that it refuses to cancel", {
      [CANCEL]: [invalid({})],
      "GET /v1/subscriptions/sub_1NabcDEF": [answer(live)],
    }],
  ])("keeps nobody's money: %s", async (_what, answers) => {
    const { outcome, calls } = await refunded({ [LIST]: [listOf(live)], ...answers });
    expect(outcome).toBe("refunded");
    expect(calls).toContain(REFUND);
  });

  const partlyPaid = invalid({});
  it.each(["open", "uncollectible"])(
    "charges nobody again: a bill that stays %s, since a part of it is paid, keeps no subscription",
    async (status) => {
      const latest_invoice = { ...invoice, status };
      const { outcome, calls, lines } = await refunded({
        [LIST]: [listOf({ ...live, latest_invoice }, { ...live, id: "sub_2", latest_invoice })],
        [VOID]: [partlyPaid],
        "GET /v1/invoices/in_1NabcDEF": [answer(latest_invoice)],
        "DELETE /v1/subscriptions/sub_2": [answer({ ...live, status: "canceled" })],
      });
      expect(outcome).toBe("refunded");
      expect(calls).toContain(CANCEL);
      expect(calls).toContain("DELETE /v1/subscriptions/sub_2");
      expect(lines[0]).toMatch(/an invoice can still be paid.*in_1NabcDEF/);
    },
  );

  it("is not what it has collected and does not give back: nothing charges again, and the rest goes back", async () => {
    const latest_invoice = {
      ...invoice,
      status: "paid",
      starting_balance: -500,
      ending_balance: 0,
    };
    const balance = "/v1/customers/cus_OabcDEF/balance_transactions";
    const { outcome, calls, seen } = await refunded({
      [LIST]: [listOf({ ...live, status: "active", latest_invoice })],
      "GET /v1/invoice_payments": [listOf(payment("pi_disputed"), payment("pi_beside"))],
      "GET /v1/payment_intents/pi_disputed": [answer({ id: "pi_disputed", latest_charge: null })],
      "GET /v1/payment_intents/pi_beside": [answer({ id: "pi_beside", latest_charge: null })],
      [REFUND]: [invalid({ code: "charge_disputed" }), made],
      [`GET ${balance}`]: [listOf()],
      [`POST ${balance}`]: [answer({ id: "cbtxn_1", object: "customer_balance_transaction" })],
    });
    expect(outcome).toBe("refunded");
    expect(calls).toContain(CANCEL);
    const refunds = seen.filter(({ call }) => call === REFUND);
    expect(refunds.map(({ parameters }) => parameters["payment_intent"]))
      .toEqual(["pi_disputed", "pi_beside", "pi_3NabcDEF"]);
    expect(calls).toContain(`POST ${balance}`);
  });
});

describe("a refunded change", () => {
  const READ = "GET /v1/subscriptions/sub_1NabcDEF";
  const REVERT = "POST /v1/subscriptions/sub_1NabcDEF";
  const CLOSE = "POST /v1/invoices/in_change/void";
  const change = {
    [READ]: [answer(changed(changeInvoice()))],
    "GET /v1/invoices": [listOf(changeInvoice())],
    [REVERT]: [answer(subscription)],
    [CLOSE]: [answer({ ...changeInvoice(), status: "void" })],
  };

  it("is taken back and its invoice closed, and no subscription is ended for it", async () => {
    const { outcome, calls } = await refunded(change, { change: changePlan });
    expect(outcome).toBe("refunded");
    // Its invoice first: after a crash in between, the change still tells which it is.
    expect(calls).toEqual([
      READ,
      "GET /v1/invoices",
      CLOSE,
      READ,
      REVERT,
      "GET /v1/refunds",
      REFUND,
    ]);
  });

  it.each([
    ["the old price was archived since", invalid({ param: "items[0][price]" })],
    ["the item is gone", missing("items[0][id]")],
  ])("is paid back although Stripe does not take it back: %s", async (_why, reply) => {
    const { outcome, calls } = await refunded({ ...change, [REVERT]: [reply] }, {
      change: changePlan,
    });
    expect(outcome).toBe("refunded");
    expect(calls).toContain(CLOSE);
    expect(calls).toContain(REFUND);
  });

  it("is taken back although Stripe does not void its invoice", async () => {
    const { outcome, calls } = await refunded({
      ...change,
      [CLOSE]: [invalid({})],
      "GET /v1/invoices/in_change": [answer(changeInvoice())],
    }, { change: changePlan });
    expect(outcome).toBe("refunded");
    expect(calls).toContain(REVERT);
  });

  it("of a subscription that is another's by now touches nothing", async () => {
    const { calls } = await refunded({ [READ]: [answer(subscription)] }, { change: changePlan });
    expect(calls).toEqual([READ, READ, "GET /v1/refunds", REFUND]);
  });
});
