import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { customerWith, idOf, refusalOf, useBench } from "./simulator.ts";
import { amounts, WEEK, weeklyOn } from "./weekly.ts";

const bench = useBench();
const { subscribe, priced, halfOf, invoicesOf } = weeklyOn(bench);

describe("a customer's balance", () => {
  it("keeps the credit that is left over for the next invoices", async () => {
    const given = await subscribe();
    await halfOf(given);
    const changed = await bench.stripe.subscriptions.update(given.subscription.id, {
      items: [{ id: given.item, price: await priced(1000) }],
      proration_behavior: "always_invoice",
      proration_date: (given.subscription.items.data[0]?.current_period_start ?? 0) + WEEK / 2,
      expand: ["latest_invoice"],
    });
    expect(changed.latest_invoice).toMatchObject({
      total: -3000,
      amount_due: 0,
      status: "paid",
      starting_balance: 0,
      ending_balance: -3000,
    });
    await bench.advance(WEEK / 2 + 3700);
    await bench.advance(WEEK);
    await bench.advance(WEEK);
    await bench.advance(WEEK);
    const invoices = await invoicesOf(given);
    expect(invoices.slice(0, 4).map((one) => one.amount_paid).toReversed()).toEqual([
      0,
      0,
      0,
      1000,
    ]);
    const customer = await bench.stripe.customers.retrieve(given.customer);
    expect(customer).toMatchObject({ balance: 0 });
    const { data } = await bench.stripe.customers.listBalanceTransactions(given.customer);
    expect(data.map((one) => one.ending_balance).toReversed()).toEqual([-3000, -2000, -1000, 0]);
    expect(new Set(data.map((one) => one.type))).toEqual(new Set(["applied_to_invoice"]));
  });

  it("that somebody sets is taken by the next invoice, and given back when that is void", async () => {
    const { customer, method } = await customerWith(bench.stripe);
    const set = { amount: -1500, currency: "usd", description: "sorry" };
    await bench.stripe.customers.createBalanceTransaction(customer, set);
    const price = await priced(2000);
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price }],
      payment_behavior: "default_incomplete",
      expand: ["latest_invoice"],
    });
    expect(subscription.latest_invoice).toMatchObject({ total: 2000, amount_due: 500 });
    await bench.stripe.invoices.voidInvoice(idOf(subscription.latest_invoice));
    const { data } = await bench.stripe.customers.listBalanceTransactions(customer);
    expect(data.map((one) => [one.type, one.ending_balance])).toEqual([
      ["unapplied_from_invoice", -1500],
      ["applied_to_invoice", 0],
      ["adjustment", -1500],
    ]);
  });

  it("takes what is too little to charge, until it is enough", async () => {
    const given = await subscribe({}, 30);
    expect((await invoicesOf(given))[0]).toMatchObject({
      total: 30,
      amount_due: 0,
      status: "paid",
      ending_balance: 30,
    });
    await bench.advance(WEEK + 3700);
    expect((await invoicesOf(given))[0]).toMatchObject({ total: 30, amount_paid: 60 });
  });
});

describe("an invoice item", () => {
  it("is on the next invoice of its subscription, also a negative one, and once only", async () => {
    const given = await subscribe();
    const { customer, subscription } = given;
    const add = (amount: number) =>
      bench.stripe.invoiceItems.create({
        customer,
        subscription: subscription.id,
        amount,
        currency: "usd",
        description: "by hand",
      });
    await add(500);
    await add(-2000);
    const preview = await bench.stripe.invoices.createPreview({ subscription: subscription.id });
    expect(amounts(preview)).toEqual([500, -2000, 7000]);
    await bench.advance(WEEK + 3700);
    const [invoice] = await invoicesOf(given);
    expect(amounts(invoice)).toEqual([500, -2000, 7000]);
    expect(invoice?.amount_paid).toBe(5500);
    const { data } = await bench.stripe.invoiceItems.list({ customer });
    expect(data.map((one) => one.invoice)).toEqual([invoice?.id, invoice?.id]);
    await bench.advance(WEEK);
    expect(amounts((await invoicesOf(given))[0])).toEqual([7000]);
  });

  it.each<[string, Partial<Stripe.InvoiceItemCreateParams>]>([
    ["no amount", { currency: "usd" }],
    ["no currency", { amount: 5 }],
    ["no such subscription", { amount: 5, currency: "usd", subscription: "sub_none" }],
  ])("is refused with %s", async (_name, more) => {
    const { customer } = await customerWith(bench.stripe);
    const create = bench.stripe.invoiceItems.create({ customer, ...more });
    expect((await refusalOf(create)).statusCode).toBe(400);
  });
});
