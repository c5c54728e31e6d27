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
  withAddOn,
} from "./plans.ts";
import { answer, listOf, recordedStripe } from "./recorded.ts";

const READ = "GET /v1/subscriptions/sub_1NabcDEF";
const CHANGE = "POST /v1/subscriptions/sub_1NabcDEF";
const PREVIEW = "POST /v1/invoices/create_preview";
const LIST = "GET /v1/invoices";

/** What a later run makes of a change that stands, with these invoices of the subscription. */
async function again(data: object[], differs: Partial<ChangePlan> = {}) {
  const { stripe, seen, calls } = recordedStripe({
    [READ]: [answer(changed(data[0] ?? null))],
    [LIST]: [listOf(...data)],
  });
  const applied = await subscriptionChanges(stripe, previews(stripe))
    .apply({ ...changePlan, ...differs });
  const found = applied.outcome === "applied" ? applied.invoice?.id ?? null : undefined;
  return { found, seen, calls: calls() };
}

const renewal = { ...changeInvoice(), id: "in_renewal", billing_reason: "subscription_cycle" };
const others = { ...changeInvoice(CUSTOMER), id: "in_other" };
/** As it is where Stripe takes the metadata's snapshot before the change's own are in it. */
const unmarked = { ...changeInvoice(), parent: invoice.parent };

/** A change whose subscription has another's mark by now, beside an invoice that may be its own. */
const followed = (paidBy: string, status = "paid") => {
  const { stripe, calls } = recordedStripe({
    [READ]: [answer(withAddOn({}, { metadata: { price_change_session_id: CUSTOMER } }))],
    [LIST]: [
      listOf(others, { ...unmarked, status, metadata: { payment_intent_id: paidBy } }),
    ],
    [PREVIEW]: [answer({ ...invoice, amount_due: 1_450 })],
    [CHANGE]: [answer(changed(changeInvoice()))],
  });
  return { changes: subscriptionChanges(stripe, previews(stripe)), calls };
};

describe("a change that was made before", () => {
  it("is not made again, whatever it would cost by now", async () => {
    const { found, seen, calls } = await again([changeInvoice()]);
    expect(found).toBe("in_change");
    expect(calls).toEqual([READ, LIST]);
    expect(seen[1]?.parameters).toMatchObject({
      subscription: "sub_1NabcDEF",
      "created[gte]": String(PRORATED),
    });
  });

  it.each<[string, object[]]>([
    ["a renewal's is the latest", [renewal, changeInvoice()]],
    ["another change's is the latest", [others, changeInvoice()]],
    ["another change's was first", [changeInvoice(), others]],
    ["one alike stands before it", [{ ...unmarked, id: "in_alike" }, changeInvoice()]],
    ["one alike stands behind it", [changeInvoice(), { ...unmarked, id: "in_alike" }]],
    ["only its amount tells it", [renewal, unmarked]],
    ["its amount and its payment tell it", [{
      ...unmarked,
      metadata: { payment_intent_id: "pi_3NabcDEF" },
    }]],
  ])("has its own invoice where %s", async (_where, data) => {
    expect((await again(data)).found).toBe("in_change");
  });

  it.each<[string, object[]]>([
    ["there is none", []],
    ["a renewal's is alike", [renewal]],
    ["the first one is alike", [{ ...invoice, amount_due: 1_450 }]],
    ["one of another amount is paid", [{ ...unmarked, amount_due: 1_451, status: "paid" }]],
    ["one of another currency is paid", [{ ...unmarked, currency: "eur", status: "paid" }]],
    ["one that another payment paid is there", [{
      ...unmarked,
      metadata: { payment_intent_id: "pi_other" },
    }]],
  ])("has no invoice where %s", async (_where, data) => {
    expect((await again(data)).found).toBeNull();
  });

  it("has the one that is open, also where it is for another amount: nobody is to pay it", async () => {
    const { found } = await again([{ ...unmarked, amount_due: 1_451, status: "open" }]);
    expect(found).toBe("in_change");
  });

  it("that billed nothing has none, and nobody looks", async () => {
    const { found, calls } = await again([changeInvoice()], { paid: 0 });
    expect({ found, calls }).toEqual({ found: null, calls: [READ] });
  });

  it("with nothing due and a new period has one", async () => {
    const free = { ...changeInvoice(), amount_due: 0 };
    expect((await again([free], { paid: 0, restarts: true })).found).toBe("in_change");
  });

  describe("and that another has followed, whose mark stands on the subscription", () => {
    it("is known by the invoice that its payment has paid, and not made again", async () => {
      const { changes, calls } = followed("pi_3NabcDEF");
      expect(await changes.apply(changePlan)).toMatchObject({
        outcome: "applied",
        invoice: { id: "in_change" },
      });
      expect(calls()).toEqual([READ, LIST]);
    });

    it.each<[string, string, string]>([
      ["another payment paid", "pi_other", "paid"],
      ["is not paid", "pi_3NabcDEF", "open"],
      ["nobody is named on", "", "paid"],
    ])("is not known by an invoice that %s", async (_what, paidBy, status) => {
      const { changes, calls } = followed(paidBy, status);
      await changes.apply(changePlan);
      expect(calls()).toEqual([READ, LIST, PREVIEW, CHANGE]);
    });
  });
});
