import { describe, expect, it } from "vitest";
import { previews } from "../../../../shared/stripe/previews.ts";
import { subscriptionChanges } from "../../../../shared/stripe/subscription-changes.ts";
import { changed, changeInvoice, changePlan, CUSTOMER, SESSION, withAddOn } from "./plans.ts";
import { type Answer, answer, invalid, listOf, lost, missing, recordedStripe } from "./recorded.ts";

const READ = "GET /v1/subscriptions/sub_1NabcDEF";
const LIST = "GET /v1/invoices";
const CHANGE = "POST /v1/subscriptions/sub_1NabcDEF";

const made = changed(changeInvoice());
const restored = answer(withAddOn());

async function revert(answers: Readonly<Record<string, readonly Answer[]>>) {
  const { stripe, seen, calls } = recordedStripe({ [LIST]: [listOf(changeInvoice())], ...answers });
  const outcome = await subscriptionChanges(stripe, previews(stripe)).revert(changePlan)
    .catch((error: unknown) => error);
  return { outcome, seen, calls: calls() };
}

describe("a change that is taken back", () => {
  it("leaves the price as it was, nothing credited or charged", async () => {
    const { outcome, seen, calls } = await revert({ [READ]: [answer(made)], [CHANGE]: [restored] });
    expect(outcome).toBeUndefined();
    expect(calls).toEqual([READ, CHANGE]);
    expect(seen[1]?.key).toBe(`revert:${SESSION}`);
    expect(seen[1]?.parameters).toEqual({
      "items[0][id]": "si_OabcDEF",
      "items[0][price]": "price_1NabcDEF",
      "items[0][quantity]": "1",
      proration_behavior: "none",
      payment_behavior: "default_incomplete",
      "metadata[price_change_session_id]": "",
    });
  });

  it("is taken back by one of two runs", async () => {
    const { outcome } = await revert({ [READ]: [answer(made), restored], [CHANGE]: [lost] });
    expect(outcome).toBeUndefined();
  });

  it("tells why, where Stripe does not take it back", async () => {
    const { outcome } = await revert({
      [READ]: [answer(made)],
      [CHANGE]: [invalid({ param: "items[0][price]" })],
    });
    expect(outcome).toMatchObject({ param: "items[0][price]" });
  });

  it("is not taken for taken back where Stripe does not say so", async () => {
    const { outcome } = await revert({ [READ]: [answer(made)], [CHANGE]: [lost] });
    expect(outcome).toMatchObject({ code: "stripe_unavailable" });
  });

  it.each<[string, Answer]>([
    ["no session's", restored],
    [
      "another session's",
      answer({
        ...made,
        metadata: { price_change_session_id: CUSTOMER },
      }),
    ],
    ["gone with its subscription", missing("id")],
  ])("is this session's, and never %s", async (_whose, read) => {
    const { outcome, calls } = await revert({ [READ]: [read], [CHANGE]: [restored] });
    expect({ outcome, calls }).toEqual({ outcome: undefined, calls: [READ] });
  });

  it("stays in a subscription that has ended", async () => {
    const { outcome, calls } = await revert({ [READ]: [answer({ ...made, status: "canceled" })] });
    expect({ outcome, calls }).toEqual({ outcome: undefined, calls: [READ] });
  });
});

async function invoiceAt(read: Answer) {
  const { stripe } = recordedStripe({ [READ]: [read], [LIST]: [listOf(changeInvoice())] });
  const found = await subscriptionChanges(stripe, previews(stripe)).madeInvoice(changePlan);
  return found?.id ?? null;
}

describe("the invoice of a change that was made", () => {
  it("is known also where the subscription has ended", async () => {
    expect(await invoiceAt(answer(made))).toBe("in_change");
    expect(await invoiceAt(answer({ ...made, status: "canceled" }))).toBe("in_change");
  });

  it.each<[string, Answer]>([
    ["was not made", restored],
    ["went with its subscription", missing("id")],
  ])("is none where the change %s", async (_what, read) => {
    expect(await invoiceAt(read)).toBeNull();
  });
});
