import { describe, expect, it } from "vitest";
import type { ChangePlan } from "../../../../shared/domain/plans.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import {
  carryOut,
  changeSubscription,
  completeChange,
} from "../../../../shared/checkout/change.ts";
import {
  changed,
  changeInvoice,
  changePlan,
  invoice,
  SESSION,
  withAddOn,
} from "../stripe/plans.ts";
import { type Answer, answer, invalid, listOf, recordedStripe } from "../stripe/recorded.ts";
import { recordedCheckouts, recordedLog } from "../support/recorded-database.ts";
import { snapshot } from "../support/snapshots.ts";

const READ = "GET /v1/subscriptions/sub_1NabcDEF";
const CHANGE = "POST /v1/subscriptions/sub_1NabcDEF";
const PREVIEW = "POST /v1/invoices/create_preview";
const PAY = "POST /v1/invoices/in_change/attach_payment";
const NAME = "POST /v1/invoices/in_change";
const CLOSE = "POST /v1/invoices/in_change/void";

const paid = { ...changeInvoice(), status: "paid" };
const usual = {
  [READ]: [answer(withAddOn()), answer(changed(paid))],
  [PREVIEW]: [answer({ ...invoice, amount_due: 1_450 })],
  [CHANGE]: [answer(changed(changeInvoice()))],
  [NAME]: [answer(paid)],
  [PAY]: [answer(paid)],
};

function ports(
  answers: Readonly<Record<string, readonly Answer[]>>,
  database: Parameters<typeof recordedCheckouts>[0] = {},
) {
  const { stripe, seen, calls } = recordedStripe({ ...usual, ...answers });
  const { checkouts, called, names } = recordedCheckouts({
    complete_checkout: () => ({ outcome: "succeeded", snapshot }),
    ...database,
  });
  const { log, lines } = recordedLog();
  return {
    ports: { checkouts, stripe: stripeGateway(stripe), log },
    seen,
    calls,
    called,
    names,
    lines,
  };
}

async function change(
  answers: Readonly<Record<string, readonly Answer[]>> = {},
  differs: Partial<ChangePlan> = {},
) {
  const all = ports(answers);
  const plan = { ...changePlan, ...differs };
  const made = await changeSubscription(all.ports, plan, "cus_OabcDEF");
  const outcome = made.outcome === "paid" ? await completeChange(all.ports, plan) : made;
  return { ...all, outcome, calls: all.calls() };
}

describe("a paid change", () => {
  it("is made, its invoice paid by the payment, and written down as it is then", async () => {
    const { outcome, calls, called } = await change();
    expect(outcome).toMatchObject({ outcome: "succeeded" });
    expect(calls).toEqual([READ, PREVIEW, CHANGE, NAME, PAY, READ]);
    expect(called).toMatchObject([{
      args: { p_session_id: SESSION, p_subscription: { seenRevision: 3, status: "active" } },
    }]);
  });

  it.each<[string, object]>([
    ["one cent more", { amount_due: 1_451 }],
    ["one cent less", { amount_due: 1_449 }],
    ["another currency", { currency: "eur" }],
  ])(
    "is refused, its invoice closed and not paid, where that is over %s",
    async (_what, differs) => {
      const { outcome, calls, names, lines } = await change({
        [CHANGE]: [answer(changed({ ...changeInvoice(), ...differs }))],
        [CLOSE]: [answer({ ...changeInvoice(), status: "void" })],
      });
      expect(outcome).toEqual({ outcome: "refused", reason: "amount_mismatch" });
      expect(calls).toEqual([READ, PREVIEW, CHANGE, CLOSE]);
      expect(names()).toEqual([]);
      expect(lines.join()).toContain("the invoice of a change is not what was paid");
    },
  );

  it("is refused although Stripe does not void that invoice, which is told", async () => {
    const other = { ...changeInvoice(), amount_due: 1_451 };
    const { outcome, lines } = await change({
      [CHANGE]: [answer(changed(other))],
      [CLOSE]: [invalid({})],
      "GET /v1/invoices/in_change": [answer(other)],
    });
    expect(outcome).toEqual({ outcome: "refused", reason: "amount_mismatch" });
    expect(lines.join()).toContain("an invoice can still be paid");
  });

  it("is refused where its customer pays that invoice meanwhile, which goes back", async () => {
    const other = { ...changeInvoice(), amount_due: 1_451 };
    const { outcome, seen } = await change({
      [CHANGE]: [answer(changed(other))],
      [CLOSE]: [invalid({})],
      "GET /v1/invoices/in_change": [answer({ ...other, status: "paid" })],
      "GET /v1/invoice_payments": [
        listOf({
          id: "inpay_1",
          status: "paid",
          payment: { type: "payment_intent", payment_intent: "pi_beside" },
        }),
      ],
      "GET /v1/refunds": [listOf()],
      "GET /v1/payment_intents/pi_beside": [answer({ id: "pi_beside", latest_charge: null })],
      "POST /v1/refunds": [answer({ id: "re_1", object: "refund", status: "succeeded" })],
    });
    expect(outcome).toEqual({ outcome: "refused", reason: "amount_mismatch" });
    expect(seen.at(-1)).toMatchObject({
      call: "POST /v1/refunds",
      parameters: { payment_intent: "pi_beside" },
    });
  });

  it("is refused where it made no invoice", async () => {
    const { outcome } = await change({ [CHANGE]: [answer(changed(null))] });
    expect(outcome).toEqual({ outcome: "refused", reason: "amount_mismatch" });
  });

  it("of a subscription that was changed otherwise is refused, and nothing made", async () => {
    const { outcome, calls } = await change({ [READ]: [answer(withAddOn({ quantity: 2 }))] });
    expect(outcome).toEqual({ outcome: "refused", reason: "subscription_changed" });
    expect(calls).not.toContain(CHANGE);
  });
});

describe("a change with nothing due", () => {
  const free: ChangePlan = {
    ...changePlan,
    paid: 0,
    stripePaymentIntentId: null,
    stripePaymentMethodId: null,
  };
  const nothing = { [PREVIEW]: [answer({ ...invoice, amount_due: 0 })] };

  it("is made, and pays nothing", async () => {
    const { ports: given, calls } = ports({ ...nothing, [CHANGE]: [answer(changed())] });
    expect(await carryOut(given, free)).toEqual(snapshot);
    expect(calls()).toEqual([READ, PREVIEW, CHANGE, READ]);
  });

  it("is made again from a fresh plan where our row was written meanwhile", async () => {
    const answers = [{ outcome: "stale" }, { outcome: "succeeded", snapshot }];
    const { ports: given, names } = ports({ ...nothing, [CHANGE]: [answer(changed())] }, {
      complete_checkout: () => answers.shift(),
      resume_change: () => free,
    });
    expect(await carryOut(given, free)).toEqual(snapshot);
    expect(names()).toEqual(["complete_checkout", "resume_change", "complete_checkout"]);
  });

  it("is taken back where something would be due, and its open invoice closed", async () => {
    const due = { ...changeInvoice(), amount_due: 900 };
    const { ports: given, calls, names } = ports({
      ...nothing,
      [READ]: [answer(withAddOn()), answer(changed(due))],
      [CHANGE]: [answer(changed(due)), answer(withAddOn())],
      "GET /v1/invoices": [listOf(due)],
      [CLOSE]: [answer({ ...due, status: "void" })],
    }, { fail_change: () => ({ ...snapshot, status: "failed" }) });
    expect(await carryOut(given, { ...free, restarts: true })).toMatchObject({ status: "failed" });
    expect(names()).toEqual(["fail_change"]);
    // The invoice goes first, whichever of those that look alike a later search would find.
    expect(calls().slice(0, 4)).toEqual([READ, PREVIEW, CHANGE, CLOSE]);
    expect(calls().at(-1)).toBe(CHANGE);
    expect(calls()).not.toContain(PAY);
  });
});
