import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { waiting } from "./first-invoice.ts";
import { customerWith, DAY, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

const previewOf = (params: Stripe.InvoiceCreatePreviewParams) =>
  bench.stripe.invoices.createPreview(params);

async function itemsOf(
  unit_amount = 2000,
  currency = "usd",
): Promise<{ items: { price: string }[] }> {
  const { id } = await priceOf(bench.stripe, { unit_amount, currency });
  return { items: [{ price: id }] };
}

describe("the preview of a subscription that does not exist yet", () => {
  it("is what its first invoice will be", async () => {
    const { customer, method } = await customerWith(bench.stripe);
    const { id: coupon } = await bench.stripe.coupons.create({ percent_off: 25 });
    await bench.stripe.customers.createBalanceTransaction(customer, {
      amount: -700,
      currency: "usd",
    });
    await bench.stripe.invoiceItems.create({ customer, amount: 333, currency: "usd" });
    const { items } = await itemsOf();
    const preview = await previewOf({
      customer,
      subscription_details: { items },
      discounts: [{ coupon }],
    });
    const { latest_invoice: first } = await bench.stripe.subscriptions.create({
      customer,
      items,
      discounts: [{ coupon }],
      default_payment_method: method,
      payment_behavior: "default_incomplete",
      expand: ["latest_invoice"],
    });
    expect(preview).toMatchObject({ starting_balance: -700, ending_balance: null });
    expect(first).toMatchObject({
      total: preview.total,
      amount_due: preview.amount_due,
      starting_balance: -700,
      ending_balance: 0,
    });
    expect(preview.amount_due).toBe(Math.round(2333 * 0.75) - 700);
  });

  it("takes no balance and nothing that waits where there is no customer", async () => {
    const preview = await previewOf({
      customer_details: { address: { country: "US" } },
      subscription_details: await itemsOf(),
    });
    expect(preview).toMatchObject({ total: 2000, amount_due: 2000, starting_balance: 0 });
    expect(preview.lines.data).toHaveLength(1);
  });

  it("owes a balance that the customer has yet to pay", async () => {
    const { customer } = await customerWith(bench.stripe);
    await bench.stripe.customers.createBalanceTransaction(customer, {
      amount: 450,
      currency: "usd",
    });
    const preview = await previewOf({ customer, subscription_details: await itemsOf() });
    expect(preview).toMatchObject({ total: 2000, amount_due: 2450 });
  });

  it("costs nothing while there is a trial", async () => {
    const trial_end = (await bench.now()) + 7 * DAY;
    const preview = await previewOf({ subscription_details: { ...await itemsOf(), trial_end } });
    expect(preview).toMatchObject({ total: 0, amount_due: 0 });
    expect(preview.lines.data[0]?.period.end).toBe(trial_end);
  });

  it("says otherwise of the customer than the customer does", async () => {
    const { customer } = await customerWith(bench.stripe);
    await bench.stripe.customers.update(customer, {
      address: { country: "DE", postal_code: "10115" },
    });
    const taxed = { automatic_tax: { enabled: true }, subscription_details: await itemsOf() };
    const own = await previewOf({ customer, ...taxed });
    const other = await previewOf({
      customer,
      customer_details: { address: { country: "FR", postal_code: "75001" } },
      ...taxed,
    });
    expect([own.total, other.total]).toEqual([2380, 2400]);
  });

  it("keeps nothing", async () => {
    const { customer } = await customerWith(bench.stripe);
    await bench.stripe.invoiceItems.create({ customer, amount: 333, currency: "usd" });
    await previewOf({ customer, subscription_details: await itemsOf() });
    const [pending, invoices, subscriptions] = await Promise.all([
      bench.stripe.invoiceItems.list({ customer, pending: true }),
      bench.stripe.invoices.list({ customer }),
      bench.stripe.subscriptions.list({ customer, status: "all" }),
    ]);
    expect(pending.data).toHaveLength(1);
    expect([...invoices.data, ...subscriptions.data]).toEqual([]);
  });
});

describe("a preview is refused", () => {
  it("for an archived price, new or of a change", async () => {
    const { id } = await priceOf(bench.stripe);
    await bench.stripe.prices.update(id, { active: false });
    const { subscription } = await waiting(bench);
    const item = subscription.items.data[0]?.id ?? "";
    const previews = [
      previewOf({ subscription_details: { items: [{ price: id }] } }),
      previewOf({
        subscription: subscription.id,
        subscription_details: { items: [{ id: item, price: id }] },
      }),
    ];
    for (const preview of previews) {
      expect(await refusalOf(preview)).toMatchObject({
        statusCode: 400,
        message: "The price specified is inactive. This field only accepts active prices.",
        param: "subscription_details[items][0][price]",
      });
    }
  });

  it("in another currency than asked for", async () => {
    const preview = previewOf({
      currency: "eur",
      subscription_details: await itemsOf(),
    });
    expect((await refusalOf(preview)).message).toContain("expected currency: `eur`");
    const same = await previewOf({ currency: "usd", subscription_details: await itemsOf() });
    expect(same.currency).toBe("usd");
  });

  it.each<[string, Stripe.InvoiceCreatePreviewParams.SubscriptionDetails]>([
    ["without a subscription", {}],
    ["without a change", {}],
    ["without prorations", { proration_behavior: "none" }],
  ])("for a date of proration %s", async (name, more) => {
    const { subscription } = await waiting(bench);
    const proration_date = await bench.now();
    const details = name === "without a change" ? {} : await itemsOf();
    const preview = previewOf({
      ...(name === "without a subscription" ? {} : { subscription: subscription.id }),
      subscription_details: { ...details, ...more, proration_date },
    });
    expect((await refusalOf(preview)).param).toBe("subscription_details[proration_date]");
  });

  it("for a coupon that is gone or over, and for a discount of nobody's", async () => {
    const redeem_by = (await bench.now()) + DAY;
    const { id: gone } = await bench.stripe.coupons.create({ percent_off: 10 });
    const { id: over } = await bench.stripe.coupons.create({ percent_off: 10, redeem_by });
    await bench.stripe.coupons.del(gone);
    await bench.advance(DAY + 1);
    const subscription_details = await itemsOf();
    const refused = (discount: Stripe.InvoiceCreatePreviewParams.Discount) =>
      refusalOf(previewOf({ subscription_details, discounts: [discount] }));
    expect(await refused({ coupon: gone })).toMatchObject({
      code: "resource_missing",
      param: "discounts[0][coupon]",
      statusCode: 400,
    });
    expect(await refused({ coupon: over })).toMatchObject({ code: "coupon_expired" });
    expect(await refused({ discount: "di_none" })).toMatchObject({
      code: "resource_missing",
      param: "discounts[0][discount]",
      statusCode: 400,
    });
  });

  it("for a customer that is deleted", async () => {
    const { customer } = await customerWith(bench.stripe);
    await bench.stripe.customers.del(customer);
    const preview = previewOf({ customer, subscription_details: await itemsOf() });
    expect(await refusalOf(preview)).toMatchObject({
      statusCode: 400,
      code: "resource_missing",
      param: "customer",
    });
  });
});

/** Both ways to ask for a subscription of a customer in a currency. */
async function asked(customer: string, currency: string) {
  const { items } = await itemsOf(2000, currency);
  return [
    () => previewOf({ customer, subscription_details: { items } }),
    () =>
      bench.stripe.subscriptions.create({
        customer,
        items,
        payment_behavior: "default_incomplete",
      }),
  ];
}

describe("a customer has one currency", () => {
  it("while a subscription lives, in previews and when another is created", async () => {
    const { customer } = await waiting(bench);
    for (const call of await asked(customer, "eur")) {
      const refusal = await refusalOf(call());
      expect(refusal.statusCode).toBe(400);
      expect(refusal.message).toBe(
        "The currency of the selected prices (eur) does not match the customer currency (usd).",
      );
      expect(refusal.code).toBeUndefined();
    }
  });

  it("while something waits for the next invoice", async () => {
    const { id: customer } = await bench.stripe.customers.create();
    await bench.stripe.invoiceItems.create({ customer, amount: 100, currency: "usd" });
    for (const call of await asked(customer, "eur")) {
      expect((await refusalOf(call())).message).toContain("the customer currency (usd)");
    }
  });

  it("which may be another one when all has ended", async () => {
    const { customer, subscription } = await waiting(bench);
    await bench.stripe.subscriptions.cancel(subscription.id);
    for (const call of await asked(customer, "eur")) {
      expect((await call()).currency).toBe("eur");
    }
    expect(await bench.stripe.customers.retrieve(customer)).toMatchObject({ currency: "eur" });
  });

  it("which its balance keeps: an invoice in another takes nothing of it", async () => {
    const { id: customer } = await bench.stripe.customers.create();
    await bench.stripe.customers.createBalanceTransaction(customer, {
      amount: -500,
      currency: "usd",
    });
    const { items } = await itemsOf(2000, "eur");
    const preview = await previewOf({ customer, subscription_details: { items } });
    expect(preview).toMatchObject({ amount_due: 2000, starting_balance: 0 });
  });
});
