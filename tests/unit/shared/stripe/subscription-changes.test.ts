import { describe, expect, it } from "vitest";
import type { ChangePlan } from "../../../../shared/domain/plans.ts";
import { previews } from "../../../../shared/stripe/previews.ts";
import { subscriptionChanges } from "../../../../shared/stripe/subscription-changes.ts";
import {
  changed,
  changeInvoice,
  changePlan,
  CUSTOMER,
  invoice,
  PRORATED,
  SESSION,
  withAddOn,
} from "./plans.ts";
import {
  type Answer,
  answer,
  invalid,
  listOf,
  lost,
  mismatch,
  missing,
  recordedStripe,
} from "./recorded.ts";

const READ = "GET /v1/subscriptions/sub_1NabcDEF";
const CHANGE = "POST /v1/subscriptions/sub_1NabcDEF";
const PREVIEW = "POST /v1/invoices/create_preview";
const LIST = "GET /v1/invoices";

const due = (amount_due: number) => answer({ ...invoice, amount_due });
const before = answer(withAddOn());
const after = answer(changed(changeInvoice()));
const usual = { [READ]: [before], [PREVIEW]: [due(1_450)], [CHANGE]: [after] };

async function apply(
  answers: Readonly<Record<string, readonly Answer[]>>,
  differs: Partial<ChangePlan> = {},
) {
  const { stripe, seen, calls } = recordedStripe(answers);
  const outcome: unknown = await subscriptionChanges(stripe, previews(stripe))
    .apply({ ...changePlan, ...differs }).catch((error: unknown) => error);
  return { outcome, seen, calls: calls(), last: seen.at(-1) };
}

const SUPERSEDED = { outcome: "superseded" };

describe("a change that is carried out", () => {
  it("is previewed once more as of the same instant, then made by the same parameters", async () => {
    const { outcome, seen, calls } = await apply(usual, { stripeAccountId: "acct_1" });
    expect(outcome).toMatchObject({ outcome: "applied", invoice: { id: "in_change" } });
    expect(calls).toEqual([READ, PREVIEW, CHANGE]);
    expect(seen.map(({ account }) => account)).toEqual(["acct_1", "acct_1", "acct_1"]);
    expect(seen[1]?.parameters).toEqual({
      subscription: "sub_1NabcDEF",
      "subscription_details[items][0][id]": "si_OabcDEF",
      "subscription_details[items][0][price]": "price_dear",
      "subscription_details[items][0][quantity]": "1",
      "subscription_details[proration_behavior]": "always_invoice",
      "subscription_details[proration_date]": String(PRORATED),
    });
    expect(seen[2]).toMatchObject({ key: `change:${SESSION}` });
    expect(seen[2]?.parameters).toEqual({
      "items[0][id]": "si_OabcDEF",
      "items[0][price]": "price_dear",
      "items[0][quantity]": "1",
      "metadata[price_change_session_id]": SESSION,
      payment_behavior: "default_incomplete",
      default_payment_method: "pm_1NabcDEF",
      proration_date: String(PRORATED),
      proration_behavior: "always_invoice",
      "expand[0]": "latest_invoice",
    });
  });

  it("begins a new period where the rhythm is another, which is previewed so too", async () => {
    const { seen } = await apply(usual, { restarts: true });
    expect(seen[1]?.parameters).toMatchObject({
      "subscription_details[billing_cycle_anchor][type]": "now",
    });
    expect(seen[2]?.parameters).toMatchObject({
      "billing_cycle_anchor[type]": "now",
      proration_behavior: "always_invoice",
    });
  });

  it("with nothing due leaves credit and charge to the next invoice", async () => {
    const free = { paid: 0, stripePaymentIntentId: null, stripePaymentMethodId: null };
    const { outcome, last } = await apply({ ...usual, [PREVIEW]: [due(0)] }, free);
    expect(outcome).toEqual({ outcome: "applied", invoice: null });
    expect(last?.parameters).toMatchObject({ proration_behavior: "create_prorations" });
    expect(last?.parameters).not.toHaveProperty("default_payment_method");
  });

  it("in a trial prorates nothing, and asks for no preview", async () => {
    const trialing = answer(withAddOn({}, { status: "trialing" }));
    const { outcome, calls, last } = await apply({ ...usual, [READ]: [trialing] }, {
      trialing: true,
      proratedAt: null,
      paid: 0,
    });
    expect(outcome).toEqual({ outcome: "applied", invoice: null });
    expect(calls).toEqual([READ, CHANGE]);
    expect(last?.parameters).toMatchObject({ proration_behavior: "none" });
    expect(last?.parameters).not.toHaveProperty("proration_date");
  });
});

describe("a subscription that is not as it was previewed", () => {
  it.each<[string, Readonly<Record<string, readonly Answer[]>>, Partial<ChangePlan>]>([
    ["one cent dearer", { ...usual, [PREVIEW]: [due(1_451)] }, {}],
    ["one cent cheaper", { ...usual, [PREVIEW]: [due(1_449)] }, {}],
    ["not to be had at that instant", { ...usual, [PREVIEW]: [invalid()] }, {}],
    ["no longer free", { ...usual, [PREVIEW]: [due(1)] }, { paid: 0 }],
    ["of more seats", { ...usual, [READ]: [answer(withAddOn({ quantity: 2 }))] }, {}],
    ["of another price", { ...usual, [READ]: [answer(withAddOn({ price: "price_x" }))] }, {}],
    ["of another item", { ...usual, [READ]: [answer(withAddOn({ id: "si_other" }))] }, {}],
    ["of the new price", { ...usual, [READ]: [answer(withAddOn({ price: "price_dear" }))] }, {}],
    ["out of its trial", usual, { trialing: true, proratedAt: null, paid: 0 }],
    ...["trialing", "past_due", "unpaid", "incomplete", "canceled"].map((status) =>
      [
        status,
        { ...usual, [READ]: [answer(withAddOn({}, { status }))] },
        {},
      ] satisfies [string, Readonly<Record<string, readonly Answer[]>>, Partial<ChangePlan>]
    ),
    ["gone", { ...usual, [READ]: [missing("id")] }, {}],
    [
      "not paid for, with a bank debit on its way",
      { ...usual, [READ]: [answer(withAddOn({}, { latest_invoice: invoice }))] },
      {},
    ],
  ])("is left alone: it is %s", async (_what, answers, differs) => {
    const { outcome, calls } = await apply(answers, differs);
    expect(outcome).toEqual(SUPERSEDED);
    expect(calls).not.toContain(CHANGE);
  });

  it("is not told from one that Stripe does not speak of just now", async () => {
    for (const answers of [{ ...usual, [PREVIEW]: [lost] }, { ...usual, [READ]: [lost] }]) {
      const { outcome, calls } = await apply(answers);
      expect(outcome).toMatchObject({ code: "stripe_unavailable" });
      expect(calls).not.toContain(CHANGE);
    }
  });
});

describe("a change that another run makes", () => {
  it.each([
    ["Stripe's answer was lost", lost],
    ["its key has other parameters", mismatch],
    ["Stripe refuses it", invalid()],
  ])("just now is found where %s", async (_when, reply) => {
    const { outcome } = await apply({ ...usual, [READ]: [before, after], [CHANGE]: [reply] });
    expect(outcome).toMatchObject({ outcome: "applied", invoice: { id: "in_change" } });
  });

  it.each([["comes to nothing", due(0)], ["is refused", invalid()]])(
    "between the look and the preview is found where the preview %s therefore",
    async (_what, reply) => {
      const { outcome } = await apply({
        ...usual,
        [READ]: [before, after],
        [PREVIEW]: [reply],
        [LIST]: [listOf(changeInvoice())],
      });
      expect(outcome).toMatchObject({ outcome: "applied", invoice: { id: "in_change" } });
    },
  );

  it("is never made under another key where its key has other parameters", async () => {
    const { outcome, calls } = await apply({ ...usual, [CHANGE]: [mismatch, after] });
    expect(outcome).toMatchObject({ code: "stripe_unavailable" });
    expect(calls.filter((call) => call === CHANGE)).toHaveLength(1);
  });
});

it("an invoice that the subscription had before is not taken for the change's", async () => {
  const earlier = { ...changeInvoice(CUSTOMER), status: "paid" };
  const { outcome } = await apply({
    ...usual,
    [READ]: [answer(withAddOn({}, { latest_invoice: earlier }))],
    [CHANGE]: [answer(changed(earlier))],
  });
  expect(outcome).toEqual({ outcome: "applied", invoice: null });
});
