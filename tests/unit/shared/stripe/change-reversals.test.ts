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
    .then(({ invoice, refusal }) => refusal ?? invoice?.id ?? null, (error: unknown) => error);
  return { outcome, seen, calls: calls() };
}

describe("a change that is taken back", () => {
  it("leaves the price as it was, nothing credited or charged, and names its invoice", async () => {
    const { outcome, seen, calls } = await revert({ [READ]: [answer(made)], [CHANGE]: [restored] });
    expect(outcome).toBe("in_change");
    expect(calls).toEqual([READ, LIST, CHANGE]);
    expect(seen[2]?.key).toBe(`revert:${SESSION}`);
    expect(seen[2]?.parameters).toEqual({
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
    expect(outcome).toBe("in_change");
  });

  it("names its invoice, and the refusal, where Stripe does not take it back", async () => {
    const { stripe } = recordedStripe({
      [READ]: [answer(made)],
      [LIST]: [listOf(changeInvoice())],
      [CHANGE]: [invalid({ param: "items[0][price]" })],
    });
    expect(await subscriptionChanges(stripe, previews(stripe)).revert(changePlan)).toMatchObject({
      invoice: { id: "in_change" },
      refusal: { param: "items[0][price]" },
    });
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
    expect({ outcome, calls }).toEqual({ outcome: null, calls: [READ] });
  });

  it("of a subscription that has ended only names the invoice", async () => {
    const { outcome, calls } = await revert({ [READ]: [answer({ ...made, status: "canceled" })] });
    expect({ outcome, calls }).toEqual({ outcome: "in_change", calls: [READ, LIST] });
  });
});
