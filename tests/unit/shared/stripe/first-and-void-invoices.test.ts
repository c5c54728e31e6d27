import { describe, expect, it } from "vitest";
import { invoices } from "../../../../shared/stripe/invoices.ts";
import { subscriptions } from "../../../../shared/stripe/subscriptions.ts";
import { subscription } from "./answers.ts";
import { invoice } from "./plans.ts";
import {
  type Answer,
  answer,
  invalid,
  listOf,
  lost,
  recordedStripe,
  replayed,
} from "./recorded.ts";

const SUBSCRIPTION = "GET /v1/subscriptions/sub_1NabcDEF";
const LIST = "GET /v1/invoices";
const READ = "GET /v1/invoices/in_1NabcDEF";
const VOID = "POST /v1/invoices/in_1NabcDEF/void";

const renewal = { ...invoice, id: "in_renewal", billing_reason: "subscription_cycle" };

async function firstOf(latest: object | null, ...pages: Answer[]) {
  const { stripe, seen, calls } = recordedStripe({
    [SUBSCRIPTION]: [answer({ ...subscription, latest_invoice: latest })],
    [LIST]: pages,
  });
  const read = await subscriptions(stripe).retrieve("sub_1NabcDEF", "acct_1");
  const first = await invoices(stripe).firstOf(read, "acct_1");
  return { id: first?.id, asked: seen.slice(1), calls: calls().slice(1) };
}

async function close(answers: Readonly<Record<string, readonly Answer[]>>) {
  const { stripe, seen, calls } = recordedStripe(answers);
  const outcome = await invoices(stripe).void("in_1NabcDEF", "acct_1")
    .then(({ status }) => status, (error: unknown) => error);
  return { outcome, seen, calls: calls() };
}

describe("the invoice that a subscription was made with", () => {
  it("is the latest as long as there is no other", async () => {
    expect(await firstOf(invoice)).toMatchObject({ id: "in_1NabcDEF", calls: [] });
  });

  it("is none where Stripe made none", async () => {
    expect(await firstOf(null)).toMatchObject({ id: undefined, calls: [] });
  });

  it.each([
    ["first", [renewal, { ...renewal, id: "in_2" }, invoice]],
    ["in between", [renewal, invoice, { ...renewal, id: "in_2" }]],
    ["last", [invoice, renewal]],
  ])("is known by its reason, and by no place in the list: made %s", async (_where, data) => {
    const { id, asked } = await firstOf(renewal, listOf(...data));
    expect(id).toBe("in_1NabcDEF");
    expect(asked).toMatchObject([{
      account: "acct_1",
      parameters: { subscription: "sub_1NabcDEF" },
    }]);
  });

  it("is found behind the first page", async () => {
    const full = { object: "list", data: [renewal], has_more: true, url: "/v1/invoices" };
    expect((await firstOf(renewal, answer(full), listOf(invoice))).id).toBe("in_1NabcDEF");
  });
});

describe("an invoice that nobody is to pay", () => {
  const voided = { ...invoice, status: "void" };

  it("is voided", async () => {
    const { outcome, seen } = await close({ [VOID]: [answer(voided)] });
    expect(outcome).toBe("void");
    expect(seen).toMatchObject([{ call: VOID, key: "void:in_1NabcDEF", account: "acct_1" }]);
  });

  it.each(["void", "paid"])("stays as it is where it is %s, which is answered", async (status) => {
    const { outcome } = await close({
      [VOID]: [invalid()],
      [READ]: [answer({ ...invoice, status })],
    });
    expect(outcome).toBe(status);
  });

  it("is voided where a refusal of an earlier time is kept under the key", async () => {
    const { outcome, calls } = await close({
      [VOID]: [replayed(invalid()), answer(voided)],
      [READ]: [answer(invoice)],
    });
    expect({ outcome, calls }).toEqual({ outcome: "void", calls: [VOID, READ, VOID] });
  });

  it.each([
    ["refuses", "open", invalid(), { name: "CheckoutError", code: "internal_error" }],
    ["refuses", "uncollectible", invalid(), { name: "CheckoutError", code: "internal_error" }],
    ["does not answer", "open", lost, { name: "CheckoutError", code: "stripe_unavailable" }],
  ])(
    "is not taken for closed where Stripe %s and it stays %s",
    async (_what, status, reply, told) => {
      const { outcome } = await close({
        [VOID]: [reply],
        [READ]: [answer({ ...invoice, status })],
      });
      expect(outcome).toMatchObject(told);
    },
  );
});
