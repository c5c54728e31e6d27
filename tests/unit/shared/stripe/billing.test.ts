import { describe, expect, it } from "vitest";
import { billing } from "../../../../shared/stripe/billing.ts";
import { charge, succeededIntent } from "./answers.ts";
import { invoice } from "./plans.ts";
import { answer, recordedStripe } from "./recorded.ts";

const READ = "GET /v1/invoices/in_1NabcDEF";
const intent = (id: string) => `GET /v1/payment_intents/${id}`;
const refunded = (amount_refunded: number) =>
  answer({ ...succeededIntent, latest_charge: { ...charge, amount_refunded } });

const paidBy = (payment_intent: string, differs: object = {}) => ({
  id: `inpay_${payment_intent}`,
  object: "invoice_payment",
  is_default: false,
  payment: { type: "payment_intent", payment_intent },
  status: "paid",
  ...differs,
});
const named = { payment_intent_id: "pi_named" };

const read = async (differs: object, payments: object[] = []) => {
  const { stripe, calls } = recordedStripe({
    [READ]: [answer({ ...invoice, payments: { object: "list", data: payments }, ...differs })],
    [intent("pi_named")]: [refunded(700)],
    [intent("pi_1")]: [refunded(100)],
  });
  const { paymentIntentId, amountRefunded } = await billing(stripe).invoice("in_1NabcDEF", null);
  return { paymentIntentId, amountRefunded, calls: calls() };
};

describe("what pays an invoice", () => {
  it.each<[string, object, object[], string | null, number]>([
    ["an attached payment", { status: "paid" }, [paidBy("pi_1")], "pi_1", 100],
    [
      "a payment made before it, which its metadata name",
      {
        status: "paid",
        metadata: named,
      },
      [],
      "pi_named",
      700,
    ],
    [
      "an attached payment that its metadata name as well, once",
      { status: "paid", metadata: named },
      [paidBy("pi_named")],
      "pi_named",
      700,
    ],
    [
      "another payment than its metadata name, and that alone",
      { status: "paid", metadata: named },
      [paidBy("pi_1")],
      "pi_1",
      100,
    ],
    ["nothing while it is open, whoever is named", { metadata: named }, [], null, 0],
    [
      "the intent that it waits for, while it is open",
      {},
      [
        paidBy("pi_1", { is_default: true, status: "open" }),
      ],
      "pi_1",
      0,
    ],
    [
      "the named payment, although its own intent was given up for it",
      {
        status: "paid",
        metadata: named,
      },
      [paidBy("pi_1", { is_default: true, status: "canceled" })],
      "pi_named",
      700,
    ],
    [
      "nobody where what is named is no intent",
      {
        status: "paid",
        metadata: { payment_intent_id: "in_1/../x" },
      },
      [],
      null,
      0,
    ],
    [
      "nobody where nothing was due",
      {
        status: "paid",
        metadata: { payment_intent_id: "" },
      },
      [],
      null,
      0,
    ],
  ])("is %s", async (_what, differs, payments, paymentIntentId, amountRefunded) => {
    expect(await read(differs, payments)).toMatchObject({ paymentIntentId, amountRefunded });
  });
});
