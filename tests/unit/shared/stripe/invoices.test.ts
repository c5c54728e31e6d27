import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { invoices, type Payment } from "../../../../shared/stripe/invoices.ts";
import { stripeAnswering } from "./answers.ts";
import { invoice, SESSION } from "./plans.ts";
import {
  type Answer,
  answer,
  invalid,
  listOf,
  lost,
  recordedStripe,
  replayed,
} from "./recorded.ts";

const READ = "GET /v1/invoices/in_1NabcDEF";
const ALONG = { "expand[0]": "parent.subscription_details.subscription" };
const ATTACH = "POST /v1/invoices/in_1NabcDEF/attach_payment";
const NAME = "POST /v1/invoices/in_1NabcDEF";
const PAY = "POST /v1/invoices/in_1NabcDEF/pay";

const payment: Payment = {
  sessionId: SESSION,
  stripePaymentIntentId: "pi_3NabcDEF",
  stripeCustomerId: "cus_OabcDEF",
  amount: 2_900,
  currency: "usd",
};
const later: Payment = { ...payment, stripeCustomerId: null };
const open = answer(invoice);
const paid = answer({ ...invoice, status: "paid" });
const voided = answer({ ...invoice, status: "void" });
const PAYMENTS = "GET /v1/invoice_payments";
const collectedBy = (...intents: string[]) =>
  listOf(...intents.map((payment_intent) => ({
    object: "invoice_payment",
    status: "paid",
    payment: { type: "payment_intent", payment_intent },
  })));
const own = { [PAYMENTS]: [collectedBy("pi_3NabcDEF")] };
const outOfBand = { [NAME]: [open], [PAY]: [paid] };

/** An invoice as Stripe's client reads it. */
const readInvoice = (object: object) =>
  stripeAnswering(() => Response.json(object)).invoices.retrieve("in_1NabcDEF");

async function settle(
  answers: Readonly<Record<string, readonly Answer[]>>,
  by: Payment = payment,
  seenAs: object = {},
) {
  const { stripe, seen, calls } = recordedStripe({ [NAME]: [open], ...own, ...answers });
  const { outcome, subscription } = await invoices(stripe)
    .settle(await readInvoice({ ...invoice, ...seenAs }), by, "acct_1")
    .then((came) => ({ subscription: undefined, ...came }))
    .catch((error: unknown) => ({ outcome: error, subscription: undefined }));
  return { outcome, subscription, seen, calls: calls() };
}

const paidOf = (subscription: unknown) => ({
  ...invoice,
  status: "paid",
  parent: { type: "subscription_details", subscription_details: { subscription } },
});

describe("the subscription of an invoice that was just paid", () => {
  const active = {
    id: "sub_1NabcDEF",
    object: "subscription",
    status: "active",
    items: { object: "list", data: [], has_more: false },
    latest_invoice: "in_1NabcDEF",
  };

  it.each<[string, Payment, string]>([
    ["attaching", payment, ATTACH],
    ["paying out of band", later, PAY],
  ])("is answered by %s, with that invoice as its latest", async (_what, by, call) => {
    const answers = { [call]: [answer(paidOf(active))] };
    const { outcome, subscription, seen } = await settle(answers, by);
    expect(outcome).toBe("paid");
    expect(subscription).toMatchObject({
      id: "sub_1NabcDEF",
      status: "active",
      latest_invoice: { id: "in_1NabcDEF", status: "paid" },
    });
    expect(seen.find((one) => one.call === call)?.parameters).toMatchObject(ALONG);
  });

  it.each<[string, Answer]>([
    ["is a replay", replayed(answer(paidOf(active)))],
    ["has only its id", answer(paidOf("sub_1NabcDEF"))],
    [
      "has ten of its items",
      answer(paidOf({ ...active, items: { ...active.items, has_more: true } })),
    ],
    ["has a later invoice", answer(paidOf({ ...active, latest_invoice: "in_later" }))],
  ])("is not taken from an answer that %s", async (_what, paidAnswer) => {
    const { outcome, subscription } = await settle({ [PAY]: [paidAnswer] }, later);
    expect({ outcome, subscription }).toEqual({ outcome: "paid", subscription: undefined });
  });
});

describe("an invoice that is not to be paid", () => {
  it.each<[string, object, Partial<Payment>]>([
    ["one cent more", { amount_due: 2_901 }, {}],
    ["one cent less", { amount_due: 2_899 }, {}],
    ["nothing, though something was paid", { amount_due: 0 }, {}],
    ["something, though nothing was paid", {}, { amount: 0, stripePaymentIntentId: null }],
    ["another currency", { currency: "jpy" }, {}],
    ["another amount, and paid already", { amount_due: 2_901, status: "paid" }, {}],
  ])("is over %s: a mismatch, and nothing is sent", async (_what, seenAs, by) => {
    const { outcome, calls } = await settle({}, { ...payment, ...by }, seenAs);
    expect({ outcome, calls }).toEqual({ outcome: "mismatch", calls: [] });
  });

  it.each(["void", "uncollectible"])("is %s already, and nothing is sent", async (status) => {
    const { outcome, calls } = await settle({}, payment, { status });
    expect({ outcome, calls }).toEqual({ outcome: "void", calls: [] });
  });

  const named = { metadata: { payment_intent_id: "pi_3NabcDEF" } };
  it.each<[string, string, string[], object]>([
    ["its own payment", "paid", ["pi_3NabcDEF"], {}],
    ["its own payment, out of band", "paid", [], named],
    ["the customer, on its hosted page", "paid_otherwise", ["pi_other"], {}],
    ["the customer, after it was promised to the payment", "paid_otherwise", ["pi_other"], named],
    ["somebody, out of band", "paid_otherwise", [], {}],
    ["both", "paid_otherwise", ["pi_3NabcDEF", "pi_other"], named],
  ])("is paid already by %s: %s, and nothing is paid", async (_who, expected, intents, seenAs) => {
    const { outcome, calls } = await settle({ [PAYMENTS]: [collectedBy(...intents)] }, payment, {
      ...seenAs,
      status: "paid",
    });
    expect({ outcome, calls }).toEqual({ outcome: expected, calls: [PAYMENTS] });
  });

  it("is over nothing and paid already: nobody is asked by whom", async () => {
    const nothing = { ...payment, amount: 0, stripePaymentIntentId: null };
    const { outcome, calls } = await settle({}, nothing, { amount_due: 0, status: "paid" });
    expect({ outcome, calls }).toEqual({ outcome: "paid", calls: [] });
  });
});

describe("an open invoice over what was paid", () => {
  it("is paid by an intent of its own customer", async () => {
    const { outcome, seen } = await settle({ [ATTACH]: [paid] });
    expect(outcome).toBe("paid");
    // Named first, and no longer collected by Stripe itself.
    expect(seen.map(({ call }) => call)).toEqual([NAME, ATTACH]);
    expect(seen[1]).toEqual({
      call: ATTACH,
      account: "acct_1",
      key: `attach-payment:${SESSION}:in_1NabcDEF`,
      parameters: { payment_intent: "pi_3NabcDEF", ...ALONG },
    });
  });

  it("is the customer's also where they are read whole", async () => {
    const whole = { customer: { id: "cus_OabcDEF", object: "customer" } };
    expect((await settle({ [ATTACH]: [paid] }, payment, whole)).calls).toEqual([NAME, ATTACH]);
  });

  it.each<[string, Payment, object]>([
    ["nobody's", later, {}],
    ["another customer's", { ...payment, stripeCustomerId: "cus_other" }, {}],
    ["a customer's, and the invoice nobody's", payment, { customer: null }],
    ["nobody's, as is the invoice", later, { customer: null }],
  ])("is paid out of band where the intent is %s", async (_whose, by, seenAs) => {
    const { outcome, seen } = await settle(outOfBand, by, seenAs);
    expect(outcome).toBe("paid");
    expect(seen.map(({ call, parameters }) => [call, parameters])).toEqual([
      // Named before it is paid: a crash in between leaves no payment without its intent.
      [NAME, { "metadata[payment_intent_id]": "pi_3NabcDEF", auto_advance: "false" }],
      [PAY, { paid_out_of_band: "true", ...ALONG }],
    ]);
    expect(seen.map(({ key }) => key)).toEqual([
      `paid-by:${SESSION}:in_1NabcDEF`,
      `pay:${SESSION}:in_1NabcDEF`,
    ]);
  });

  it.each([
    ["refuses to attach the intent", invalid()],
    ["attaches it without taking it for enough", open],
  ])("is paid out of band where Stripe %s", async (_what, attached) => {
    const { outcome, calls } = await settle({ [ATTACH]: [attached], [READ]: [open], ...outOfBand });
    expect(outcome).toBe("paid");
    expect(calls.filter((call) => call !== READ)).toEqual([NAME, ATTACH, PAY]);
  });

  it.each([["refuses", invalid({ code: "resource_already_exists" })], ["gets lost", lost]])(
    "is paid where the answer to attaching %s and it is paid all the same",
    async (_what, attached) => {
      const { outcome, calls } = await settle({ [ATTACH]: [attached], [READ]: [paid] });
      expect(outcome).toBe("paid");
      expect(calls).not.toContain(PAY);
    },
  );

  it("is paid where another run paid it just before", async () => {
    const named = answer({ ...invoice, metadata: { payment_intent_id: "pi_3NabcDEF" } });
    const { outcome } = await settle(
      { [NAME]: [named], [PAY]: [invalid()], [READ]: [paid] },
      later,
    );
    expect(outcome).toBe("paid");
  });

  it("is paid where another run attached the payment between two looks", async () => {
    const { outcome } = await settle({
      [ATTACH]: [invalid()],
      [NAME]: [invalid({ param: "auto_advance" })],
      [READ]: [open, paid],
    });
    expect(outcome).toBe("paid");
  });

  it.each<[string, Payment]>([["attached", payment], ["paid out of band", later]])(
    "is paid otherwise where its customer paid it in another way before the payment was %s",
    async (_how, by) => {
      const { outcome } = await settle({
        [ATTACH]: [invalid()],
        [PAY]: [invalid()],
        [READ]: [paid],
        [PAYMENTS]: [collectedBy("pi_other")],
      }, by);
      expect(outcome).toBe("paid_otherwise");
    },
  );

  it("is void where somebody voids it meanwhile", async () => {
    const { outcome } = await settle({
      [ATTACH]: [invalid()],
      [NAME]: [invalid()],
      [PAY]: [invalid()],
      [READ]: [voided],
    });
    expect(outcome).toBe("void");
  });

  it("is neither where Stripe refuses and it stays open: it is tried again", async () => {
    const { outcome } = await settle({ [NAME]: [open], [PAY]: [invalid()], [READ]: [open] }, later);
    expect(outcome).toMatchObject({ name: "CheckoutError" });
  });

  it("is not paid out of band while it is unclear whether the intent was attached", async () => {
    const { outcome, calls } = await settle({ [ATTACH]: [lost], [READ]: [open] });
    expect(outcome).toMatchObject({ code: "stripe_unavailable" });
    expect(calls).not.toContain(PAY);
  });
});

/** What may come of a write: carried out or refused, and what others do to the invoice meanwhile. */
const events = fc.constantFrom("done", "refused", "refused, paid", "refused, void", "lost, done");

it("whatever comes of each call, no card is tried, and what is said of the invoice is so", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(events, { maxLength: 8 }),
    fc.constantFrom("cus_OabcDEF", "cus_other", null),
    async (script, stripeCustomerId) => {
      const state = { status: "open", metadata: {} };
      const left = [...script];
      const write = (done: object): Answer => () => {
        const event = left.shift() ?? "done";
        const end = event.split(", ")[1];
        if (end === "paid" || end === "void") state.status = end;
        if (event.startsWith("refused") || state.status === "void") {
          return invalid()();
        }
        Object.assign(state, done);
        return event === "done" ? answer({ ...invoice, ...state })() : lost();
      };
      const { outcome, seen, calls } = await settle({
        [ATTACH]: [write({ status: "paid" })],
        [NAME]: [write({ metadata: { payment_intent_id: "pi_3NabcDEF" } })],
        [PAY]: [write({ status: "paid" })],
        [READ]: [() => answer({ ...invoice, ...state })()],
      }, { ...payment, stripeCustomerId });
      expect(outcome instanceof Error ? "open" : outcome).toBe(state.status);
      const pays = seen.filter(({ call }) => call === PAY);
      expect(pays.every(({ parameters }) => parameters["paid_out_of_band"] === "true")).toBe(true);
      expect(JSON.stringify(seen)).not.toMatch(/payment_method|"source"/);
      const firstPay = calls.indexOf(PAY);
      expect(firstPay < 0 || calls.slice(0, firstPay).includes(NAME)).toBe(true);
      expect(calls.includes(ATTACH) && stripeCustomerId !== "cus_OabcDEF").toBe(false);
    },
  ));
});
