import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { paidApart, paymentsOf, statusOf, toldOf, waiting } from "./first-invoice.ts";
import { customerWith, DAY, idOf, refusalOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();

const attach = (invoice: string, payment_intent: string) =>
  bench.stripe.invoices.attachPayment(invoice, { payment_intent, expand: ["payments"] });

/** A debit that arrives in four days. */
const DEBIT: Partial<Stripe.PaymentIntentCreateParams> = {
  payment_method: "pm_usBankAccount_success",
  mandate_data: { customer_acceptance: { type: "offline", offline: {} } },
};

describe("a payment that has succeeded", () => {
  it("pays an invoice at once when it is attached, and activates its subscription", async () => {
    const given = await waiting(bench);
    const intent = await paidApart(bench, given.customer);
    const invoice = await attach(given.invoice, intent.id);
    expect(invoice).toMatchObject({ status: "paid", amount_paid: 2000, amount_remaining: 0 });
    expect(await statusOf(bench, given)).toBe("active");
    const { attached } = await paymentsOf(bench, given.invoice);
    expect(attached).toMatchObject([{
      status: "paid",
      amount_paid: 2000,
      amount_requested: 2000,
      payment: { type: "payment_intent", payment_intent: intent.id },
    }]);
    const { data } = await bench.stripe.charges.list({ customer: given.customer });
    expect(data).toHaveLength(1);
  });

  it("closes the invoice's own way to be paid", async () => {
    const { invoice, customer, intent } = await waiting(bench);
    await attach(invoice, (await paidApart(bench, customer)).id);
    expect((await paymentsOf(bench, invoice)).own?.status).toBe("canceled");
    expect((await bench.stripe.paymentIntents.retrieve(intent)).status).toBe("canceled");
  });

  it("is told of as a payment of the invoice", async () => {
    const { invoice, customer } = await waiting(bench);
    await attach(invoice, (await paidApart(bench, customer)).id);
    expect(await toldOf(bench, invoice)).toEqual(
      expect.arrayContaining(["invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]),
    );
  });

  it("is found by the invoice it pays", async () => {
    const { invoice, customer } = await waiting(bench);
    const intent = await paidApart(bench, customer);
    await attach(invoice, intent.id);
    const { data } = await bench.stripe.invoicePayments.list({
      payment: { type: "payment_intent", payment_intent: intent.id },
    });
    expect(data.map((one) => idOf(one.invoice))).toEqual([invoice]);
  });
});

describe("a payment that is still to be made", () => {
  it("pays the invoice once it succeeds", async () => {
    const given = await waiting(bench);
    const intent = await paidApart(bench, given.customer, DEBIT);
    const invoice = await attach(given.invoice, intent.id);
    expect(invoice).toMatchObject({ status: "open", amount_paid: 0 });
    expect((await paymentsOf(bench, given.invoice)).attached[0]?.status).toBe("open");
    await bench.admin("POST", `/debits/${intent.id}/settle`);
    expect((await bench.stripe.invoices.retrieve(given.invoice)).status).toBe("paid");
    expect(await statusOf(bench, given)).toBe("active");
  });

  it("keeps its invoice from being voided, until it is canceled", async () => {
    const { invoice, customer } = await waiting(bench);
    const intent = await bench.stripe.paymentIntents.create({
      amount: 2000,
      currency: "usd",
      customer,
    });
    await attach(invoice, intent.id);
    await refusalOf(bench.stripe.invoices.voidInvoice(invoice));
    await bench.stripe.paymentIntents.cancel(intent.id);
    expect((await paymentsOf(bench, invoice)).attached[0]?.status).toBe("canceled");
    expect((await bench.stripe.invoices.voidInvoice(invoice)).status).toBe("void");
  });

  it("that succeeds after the invoice has been paid otherwise is credited to the customer", async () => {
    const { invoice, customer, intent } = await waiting(bench);
    const debit = await paidApart(bench, customer, DEBIT);
    await attach(invoice, debit.id);
    await bench.stripe.paymentIntents.confirm(intent, {
      payment_method: "pm_card_visa",
      return_url: RETURN_URL,
    });
    await bench.advance(5 * DAY);
    expect(await bench.stripe.invoices.retrieve(invoice)).toMatchObject({
      status: "paid",
      amount_paid: 2000,
      amount_overpaid: 2000,
    });
    const owner = await bench.stripe.customers.retrieve(customer);
    expect(owner).toMatchObject({ balance: -2000 });
    const { data } = await bench.stripe.customers.listBalanceTransactions(customer);
    expect(data[0]?.type).toBe("invoice_overpaid");
  });
});

describe("attaching a payment is refused", () => {
  it.each([1, 1999, 2001, 4000])("of %i for an invoice of 2000", async (amount) => {
    const { invoice, customer } = await waiting(bench);
    const intent = await bench.stripe.paymentIntents.create({ amount, currency: "usd", customer })
      .catch(() => paidApart(bench, customer, { amount: 60 }));
    const refusal = await refusalOf(attach(invoice, intent.id));
    expect(refusal.message).toBe(
      "For charge_automatically subscription invoices, you are only allowed to attach a payment with an amount that matches the invoice total.",
    );
    expect(refusal.statusCode).toBe(400);
    expect((await bench.stripe.invoices.retrieve(invoice)).status).toBe("open");
  });

  it.each<[string, (customer: string) => Promise<Stripe.PaymentIntent>, string]>([
    ["of nobody's", () => paidApart(bench, undefined), "customer"],
    [
      "of another customer",
      async () => paidApart(bench, (await customerWith(bench.stripe)).customer),
      "customer",
    ],
    [
      "in another currency",
      (customer) => paidApart(bench, customer, { currency: "eur" }),
      "currency",
    ],
    ["that is canceled", async (customer) => {
      const { id } = await bench.stripe.paymentIntents.create({
        amount: 2000,
        currency: "usd",
        customer,
      });
      return bench.stripe.paymentIntents.cancel(id);
    }, "canceled"],
  ])("%s", async (_name, made, word) => {
    const { invoice, customer } = await waiting(bench);
    const refusal = await refusalOf(attach(invoice, (await made(customer)).id));
    expect(refusal).toMatchObject({ statusCode: 400, param: "payment_intent" });
    expect(refusal.message).toContain(word);
  });

  it("when it does not exist", async () => {
    const { invoice } = await waiting(bench);
    expect(await refusalOf(attach(invoice, "pi_none"))).toMatchObject({
      statusCode: 400,
      code: "resource_missing",
      param: "payment_intent",
    });
  });

  it("to a second invoice", async () => {
    const first = await waiting(bench);
    const intent = await paidApart(bench, first.customer);
    await attach(first.invoice, intent.id);
    const second = await waiting(bench, {
      customer: first.customer,
      default_payment_method: first.method,
    });
    expect((await refusalOf(attach(second.invoice, intent.id))).code).toBe(
      "resource_already_exists",
    );
    expect(await statusOf(bench, second)).toBe("incomplete");
  });

  it("when it is another invoice's own", async () => {
    const [first, second] = await Promise.all([waiting(bench), waiting(bench)]);
    expect((await refusalOf(attach(first.invoice, second.intent))).code).toBe(
      "resource_already_exists",
    );
  });

  it.each(["paid", "void"])("to an invoice that is %s", async (status) => {
    const { invoice, customer } = await waiting(bench);
    if (status === "paid") await bench.stripe.invoices.pay(invoice);
    else await bench.stripe.invoices.voidInvoice(invoice);
    const intent = await paidApart(bench, customer);
    expect((await refusalOf(attach(invoice, intent.id))).message).toContain(status);
  });

  it("is kept under its key, and carried out under another", async () => {
    const { invoice, customer } = await waiting(bench);
    const small = await paidApart(bench, customer, { amount: 500 });
    const tried = () =>
      bench.stripe.invoices.attachPayment(
        invoice,
        { payment_intent: small.id },
        { idempotencyKey: `attach-${invoice}` },
      );
    await refusalOf(tried());
    expect((await refusalOf(tried())).headers?.["idempotent-replayed"]).toBe("true");
  });
});

describe("an invoice's own payment intent", () => {
  it("cannot be canceled apart from the invoice", async () => {
    const { intent } = await waiting(bench);
    expect((await refusalOf(bench.stripe.paymentIntents.cancel(intent))).message).toBe(
      "You cannot cancel PaymentIntents created by invoices. Try voiding the invoice instead.",
    );
  });

  it("is canceled when the invoice is voided", async () => {
    const { intent, invoice } = await waiting(bench);
    await bench.stripe.invoices.voidInvoice(invoice);
    expect(await bench.stripe.paymentIntents.retrieve(intent)).toMatchObject({
      status: "canceled",
      cancellation_reason: "void_invoice",
    });
  });
});
