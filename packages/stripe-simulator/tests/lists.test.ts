import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { paidApart, waiting } from "./first-invoice.ts";
import { customerWith, idOf, priceOf, useBench } from "./simulator.ts";

const bench = useBench();

/** A subscription of twelve items, which its first invoice has a line for each of. */
async function many(): Promise<Stripe.Subscription> {
  const { customer, method } = await customerWith(bench.stripe);
  const items: Stripe.SubscriptionCreateParams.Item[] = [];
  for (let index = 0; index < 12; index += 1) {
    items.push({ price: (await priceOf(bench.stripe, { unit_amount: 100 + index })).id });
  }
  return bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items,
    expand: ["latest_invoice"],
  });
}

async function idsOf(list: AsyncIterable<{ id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const one of list) ids.push(one.id);
  return ids;
}

const shown = (list: { data: { id: string }[] } | undefined) =>
  (list?.data ?? []).map((one) => one.id);

describe("a list inside of an object holds ten entries, and its address the rest", () => {
  it("of a subscription's items", async () => {
    const { id, items } = await many();
    expect(items).toMatchObject({ has_more: true });
    const all = await idsOf(bench.stripe.subscriptionItems.list({ subscription: id, limit: 5 }));
    expect(all).toHaveLength(12);
    expect(shown(items)).toEqual(all.slice(0, 10));
  });

  it("of an invoice's lines, in the answer, in lists of invoices and in events", async () => {
    const { latest_invoice } = await many();
    const id = idOf(latest_invoice);
    const all = await idsOf(bench.stripe.invoices.listLineItems(id, { limit: 7 }));
    expect(all).toHaveLength(12);
    const read = await bench.stripe.invoices.retrieve(id);
    const listed = (await bench.stripe.invoices.list({ customer: idOf(read.customer) })).data[0];
    await bench.idle();
    const told = bench.received.map(({ event }) => event)
      .find((event) => event.type === "invoice.paid" && event.data.object.id === id);
    const inEvent = told?.type === "invoice.paid" ? told.data.object : undefined;
    for (const invoice of [read, listed, inEvent]) {
      expect(invoice?.lines.has_more).toBe(true);
      expect(shown(invoice?.lines)).toEqual(all.slice(0, 10));
    }
    expect(read.total).toBe(12 * 100 + 66);
  });

  it("of an invoice's payments", async () => {
    const { invoice, customer } = await waiting(bench);
    for (let index = 0; index < 11; index += 1) {
      const intent = await bench.stripe.paymentIntents.create({
        amount: 2000,
        currency: "usd",
        customer,
      });
      await bench.stripe.invoices.attachPayment(invoice, { payment_intent: intent.id });
      await bench.stripe.paymentIntents.cancel(intent.id);
    }
    const { payments } = await bench.stripe.invoices.retrieve(invoice, { expand: ["payments"] });
    const all = await idsOf(bench.stripe.invoicePayments.list({ invoice }));
    expect(all).toHaveLength(12);
    expect(payments?.has_more).toBe(true);
    expect(shown(payments)).toEqual(all.slice(0, 10));
  });

  it("of a charge's refunds", async () => {
    const { customer } = await customerWith(bench.stripe);
    const intent = await paidApart(bench, customer);
    for (let index = 0; index < 11; index += 1) {
      await bench.stripe.refunds.create({ payment_intent: intent.id, amount: 10 });
    }
    const charge = idOf(intent.latest_charge);
    const { refunds } = await bench.stripe.charges.retrieve(charge, { expand: ["refunds"] });
    expect(refunds?.has_more).toBe(true);
    expect(refunds?.data).toHaveLength(10);
    expect(await idsOf(bench.stripe.refunds.list({ charge }))).toHaveLength(11);
  });

  it("and says that there is no more where there is none", async () => {
    const { subscription } = await waiting(bench);
    expect(subscription.items).toMatchObject({ has_more: false });
    expect(subscription.items.data).toHaveLength(1);
  });
});
