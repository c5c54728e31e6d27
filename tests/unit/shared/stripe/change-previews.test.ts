import { describe, expect, it } from "vitest";
import type { ChangeToPreview } from "../../../../shared/stripe/change-previews.ts";
import { previews } from "../../../../shared/stripe/previews.ts";
import { subscriptionChanges } from "../../../../shared/stripe/subscription-changes.ts";
import { CREATED } from "./answers.ts";
import { invoice, PRORATED, withAddOn } from "./plans.ts";
import { answer, invalid, recordedStripe } from "./recorded.ts";

const READ = "GET /v1/subscriptions/sub_1NabcDEF";
const PREVIEW = "POST /v1/invoices/create_preview";

const change: ChangeToPreview = {
  stripeSubscriptionId: "sub_1NabcDEF",
  fromStripePriceId: "price_1NabcDEF",
  toStripePriceId: "price_dear",
  interval: "month",
  intervalCount: 1,
  stripeAccountId: "acct_1",
};
/** Half a period of 29.00 given back for one of 58.00, with 2.76 of tax, of which a balance pays 1.00. */
const prorated = {
  ...invoice,
  amount_due: 1_626,
  created: PRORATED + 40,
  lines: {
    ...invoice.lines,
    data: [
      { amount: -1_450, discount_amounts: [] },
      { amount: 2_900, discount_amounts: [] },
    ],
  },
  parent: {
    type: "subscription_details",
    subscription_details: {
      metadata: {},
      subscription: "sub_1NabcDEF",
      subscription_proration_date: PRORATED,
    },
  },
  total: 1_726,
  total_taxes: [{ amount: 276, tax_behavior: "exclusive" }],
};

async function preview(
  subscription: object,
  differs: Partial<ChangeToPreview> = {},
  reply = answer(prorated),
) {
  const { stripe, seen, calls } = recordedStripe({
    [READ]: [answer(subscription)],
    [PREVIEW]: [reply],
  });
  const outcome = await subscriptionChanges(stripe, previews(stripe))
    .preview({ ...change, ...differs }).catch((error: unknown) => error);
  return { outcome, seen, calls: calls() };
}

describe("what a change would cost", () => {
  it("is Stripe's preview, frozen as of Stripe's own instant", async () => {
    const { outcome, seen } = await preview(withAddOn({ quantity: 3 }));
    expect(outcome).toEqual({
      itemId: "si_OabcDEF",
      stripePriceId: "price_1NabcDEF",
      quantity: 3,
      trialing: false,
      restarts: false,
      proratedAt: PRORATED,
      credited: 1_450,
      charged: 2_900,
      discountAmount: 0,
      taxAmount: 276,
      amountDue: 1_626,
      total: 1_726,
    });
    expect(seen.map(({ account }) => account)).toEqual(["acct_1", "acct_1"]);
    expect(seen[1]?.parameters).not.toHaveProperty("subscription_details[proration_date]");
  });

  it("is as of when the preview was made where Stripe names no instant", async () => {
    const { outcome } = await preview(withAddOn(), {}, answer({ ...prorated, parent: null }));
    expect(outcome).toMatchObject({ proratedAt: PRORATED + 40 });
  });

  it("is asked for the item that has the price, wherever it stands", async () => {
    const { seen } = await preview(withAddOn({ quantity: 3 }));
    expect(seen[1]?.parameters).toMatchObject({
      "subscription_details[items][0][id]": "si_OabcDEF",
      "subscription_details[items][0][quantity]": "3",
      "subscription_details[items][0][price]": "price_dear",
    });
  });

  it.each([
    ["goes on in the same rhythm", { interval: "month", intervalCount: 1 }, false],
    ["begins anew by the year", { interval: "year", intervalCount: 1 }, true],
    ["begins anew by the quarter", { interval: "month", intervalCount: 3 }, true],
  ])("counts a period that %s", async (_how, rhythm, restarts) => {
    const { outcome, seen } = await preview(withAddOn(), rhythm);
    expect(outcome).toMatchObject({ restarts });
    expect("subscription_details[billing_cycle_anchor][type]" in (seen[1]?.parameters ?? {}))
      .toBe(restarts);
  });

  it("is nothing in a trial, of which Stripe is not asked", async () => {
    const trialing = withAddOn({}, { status: "trialing", trial_end: CREATED + 864_000 });
    const { outcome, calls } = await preview(trialing, { interval: "year" });
    expect(calls).toEqual([READ]);
    expect(outcome).toMatchObject({
      trialing: true,
      restarts: false,
      proratedAt: null,
      charged: 0,
      credited: 0,
      amountDue: 0,
      total: 0,
    });
  });
});

describe("a change of a subscription that Stripe has otherwise than our row", () => {
  it.each<[string, object, Partial<ChangeToPreview>, string]>([
    ["canceled", withAddOn({}, { status: "canceled" }), {}, "subscription_ended"],
    ["never begun", withAddOn({}, { status: "incomplete_expired" }), {}, "subscription_ended"],
    ["past due", withAddOn({}, { status: "past_due" }), {}, "payment_overdue"],
    ["unpaid", withAddOn({}, { status: "unpaid" }), {}, "payment_overdue"],
    ["incomplete", withAddOn({}, { status: "incomplete" }), {}, "payment_overdue"],
    ...["draft", "open", "uncollectible"].map((status) =>
      [
        `active, and its last bill ${status}`,
        withAddOn({}, { latest_invoice: { id: "in_2", status } }),
        {},
        "payment_overdue",
      ] satisfies [string, object, Partial<ChangeToPreview>, string]
    ),
    ["changed by hand", withAddOn({ price: "price_other" }), {}, "subscription_changed"],
    ["changed already", withAddOn({ price: "price_dear" }), {}, "already_on_price"],
    [
      "with the price as an add-on",
      withAddOn(),
      { toStripePriceId: "price_addon" },
      "already_on_price",
    ],
  ])("is refused before anything is asked: %s", async (_what, subscription, differs, code) => {
    const { outcome, calls } = await preview(subscription, differs);
    expect(outcome).toMatchObject({ name: "CheckoutError", code });
    expect(calls).toEqual([READ]);
  });

  const PERIOD_END = CREATED + 2_592_000;

  it.each<[string, object, Partial<ChangeToPreview>]>([
    ["is not collected for", { pause_collection: { behavior: "void", resumes_at: null } }, {}],
    ["is paused itself", { status: "paused" }, {}],
    ["is on a schedule", { schedule: "sub_sched_1NabcDEF" }, {}],
    ["waits for the payment of an update", { pending_update: { expires_at: CREATED + 9 } }, {}],
    ["is billed by mail", { collection_method: "send_invoice" }, {}],
    ["is the merchant's own, on a connected account", { application: null }, {}],
    ["ends within what is paid for", { cancel_at: PERIOD_END - 1 }, {}],
    ["ends at a date, before a period that begins anew", { cancel_at: PERIOD_END }, {
      interval: "year",
    }],
  ])("is refused before anything is asked where it %s", async (_how, state, differs) => {
    const { outcome, calls } = await preview(withAddOn({}, state), differs);
    expect(outcome).toMatchObject({ name: "CheckoutError", code: "change_unavailable" });
    expect(calls).toEqual([READ]);
  });

  it.each<[string, object, Partial<ChangeToPreview>]>([
    ["with the period, by its date", { cancel_at: PERIOD_END }, {}],
    ["after the period", { cancel_at: PERIOD_END + 1 }, {}],
    ["with whatever period it has", { cancel_at: PERIOD_END, cancel_at_period_end: true }, {
      interval: "year",
    }],
  ])("is not refused where it ends %s", async (_when, state, differs) => {
    const { outcome } = await preview(withAddOn({}, state), differs);
    expect(outcome).toMatchObject({ total: 1_726 });
  });

  it.each(["paid", "void"])("is not refused where its last bill is %s", async (status) => {
    const { outcome } = await preview(withAddOn({}, { latest_invoice: { id: "in_2", status } }));
    expect(outcome).toMatchObject({ total: 1_726 });
  });

  it("is refused where Stripe refuses its preview", async () => {
    const { outcome } = await preview(withAddOn(), {}, invalid({ param: "currency" }));
    expect(outcome).toMatchObject({ name: "CheckoutError", param: "currency" });
  });
});
