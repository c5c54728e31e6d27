import { describe, expect, it } from "vitest";
import { paidApart, paymentsOf, statusOf, toldOf, waiting } from "./first-invoice.ts";
import { DAY, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

const payApart = (invoice: string) =>
  bench.stripe.invoices.pay(invoice, { paid_out_of_band: true, expand: ["payments"] });

describe("an invoice that is paid outside of Stripe", () => {
  it("is paid in full without any charge, and activates its subscription", async () => {
    const given = await waiting(bench);
    const invoice = await payApart(given.invoice);
    expect(invoice).toMatchObject({
      status: "paid",
      amount_due: 2000,
      amount_paid: 2000,
      amount_remaining: 0,
      amount_overpaid: 0,
      auto_advance: false,
    });
    expect(await statusOf(bench, given)).toBe("active");
    const { data } = await bench.stripe.charges.list({ customer: given.customer });
    expect(data).toEqual([]);
  });

  it("cannot be paid by its own intent any more", async () => {
    const { invoice, intent } = await waiting(bench);
    await payApart(invoice);
    const { own, attached } = await paymentsOf(bench, invoice);
    expect(own).toMatchObject({ status: "canceled", amount_paid: null });
    expect(own?.status_transitions.canceled_at).not.toBeNull();
    expect(attached).toEqual([]);
    expect(await bench.stripe.paymentIntents.retrieve(intent)).toMatchObject({
      status: "canceled",
      cancellation_reason: "automatic",
    });
    const late = bench.stripe.paymentIntents.confirm(intent, {
      payment_method: "pm_card_visa",
      return_url: "https://merchant.example/",
    });
    expect((await refusalOf(late)).code).toBe("payment_intent_unexpected_state");
  });

  it("is told of as paid, not as a payment that succeeded", async () => {
    const { invoice } = await waiting(bench);
    await payApart(invoice);
    const types = await toldOf(bench, invoice);
    expect(types).toContain("invoice.paid");
    expect(types).not.toContain("invoice.payment_succeeded");
    expect(types).not.toContain("invoice_payment.paid");
  });

  it("takes metadata before and after", async () => {
    const { invoice } = await waiting(bench);
    await bench.stripe.invoices.update(invoice, { metadata: { payment: "pi_1" } });
    await payApart(invoice);
    const after = await bench.stripe.invoices.update(invoice, { metadata: { more: "yes" } });
    expect(after.metadata).toEqual({ payment: "pi_1", more: "yes" });
  });

  it("renews with the card on file when its period ends", async () => {
    const given = await waiting(bench);
    await payApart(given.invoice);
    await bench.advance(32 * DAY);
    const { data } = await bench.stripe.charges.list({ customer: given.customer });
    expect(data.map((charge) => charge.amount)).toEqual([2000]);
  });
});

describe("paying outside of Stripe is refused", () => {
  it("for an invoice that is paid", async () => {
    const { invoice } = await waiting(bench);
    await payApart(invoice);
    expect((await refusalOf(payApart(invoice))).message).toBe("Invoice is already paid");
  });

  it("for an invoice that is void", async () => {
    const { invoice } = await waiting(bench);
    await bench.stripe.invoices.voidInvoice(invoice);
    expect((await refusalOf(payApart(invoice))).message).toContain("Voided invoices");
  });

  it("while a payment of the invoice is on its way", async () => {
    const { invoice, customer } = await waiting(bench);
    const intent = await paidApart(bench, customer, {
      payment_method: "pm_usBankAccount_success",
      mandate_data: { customer_acceptance: { type: "offline", offline: {} } },
    });
    expect(intent.status).toBe("processing");
    await bench.stripe.invoices.attachPayment(invoice, { payment_intent: intent.id });
    expect((await refusalOf(payApart(invoice))).message).toContain("overpayment");
    const byCard = bench.stripe.invoices.pay(invoice);
    expect((await refusalOf(byCard)).message).toContain("processing");
  });
});
