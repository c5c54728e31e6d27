import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { paidApart, statusOf, toldOf, waiting } from "./first-invoice.ts";
import { DAY, idOf, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

const invoiceOf = (id: string) => bench.stripe.invoices.retrieve(id);

describe("a subscription that waits for its first invoice", () => {
  it("tries no card, also not later, and expires after 23 hours with its invoice void", async () => {
    const given = await waiting(bench);
    await bench.advance(DAY);
    expect(await statusOf(bench, given)).toBe("incomplete_expired");
    expect(await invoiceOf(given.invoice)).toMatchObject({
      status: "void",
      attempt_count: 0,
      attempted: false,
    });
    const { data } = await bench.stripe.charges.list({ customer: given.customer });
    expect(data).toEqual([]);
  });

  it("is active at once where nothing is due", async () => {
    const { id } = await bench.stripe.coupons.create({ percent_off: 100 });
    const price = await priceOf(bench.stripe);
    const customer = await bench.stripe.customers.create();
    const subscription = await bench.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      discounts: [{ coupon: id }],
      payment_behavior: "default_incomplete",
    });
    expect(subscription.status).toBe("active");
  });

  it("is trialing where it begins with a trial", async () => {
    const price = await priceOf(bench.stripe);
    const customer = await bench.stripe.customers.create();
    const subscription = await bench.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      trial_period_days: 7,
      payment_behavior: "default_incomplete",
      expand: ["latest_invoice"],
    });
    expect(subscription).toMatchObject({
      status: "trialing",
      latest_invoice: { status: "paid", amount_due: 0 },
    });
    expect(subscription.pending_setup_intent).not.toBeNull();
  });

  it("expires at once when its invoice is voided, and is told of as changed", async () => {
    const given = await waiting(bench);
    const voided = await bench.stripe.invoices.voidInvoice(given.invoice);
    expect(voided).toMatchObject({ status: "void", auto_advance: false });
    const after = await bench.stripe.subscriptions.retrieve(given.subscription.id);
    expect(after.status).toBe("incomplete_expired");
    expect(after.ended_at).not.toBeNull();
    const types = await toldOf(bench, given.subscription.id);
    expect(types).toContain("customer.subscription.updated");
    expect(types).not.toContain("customer.subscription.deleted");
  });

  it("waits on where its invoice is given up, which can still be voided", async () => {
    const given = await waiting(bench);
    const marked = await bench.stripe.invoices.markUncollectible(given.invoice);
    expect(marked).toMatchObject({ status: "uncollectible", auto_advance: false });
    const after = await bench.stripe.subscriptions.retrieve(given.subscription.id);
    expect(after.status).toBe("incomplete");
    expect((await bench.stripe.invoices.voidInvoice(given.invoice)).status).toBe("void");
  });

  it("expires when it is canceled, and its invoice is void", async () => {
    const given = await waiting(bench);
    const canceled = await bench.stripe.subscriptions.cancel(given.subscription.id);
    expect(canceled).toMatchObject({
      status: "incomplete_expired",
      cancellation_details: { reason: "cancellation_requested" },
    });
    expect(canceled.canceled_at).not.toBeNull();
    expect((await invoiceOf(given.invoice)).status).toBe("void");
  });

  it("cannot be canceled once it has expired", async () => {
    const given = await waiting(bench);
    await bench.stripe.invoices.voidInvoice(given.invoice);
    const cancel = bench.stripe.subscriptions.cancel(given.subscription.id);
    expect(await refusalOf(cancel)).toMatchObject({ statusCode: 404, code: "resource_missing" });
  });

  it("can be given a card and metadata", async () => {
    const { subscription, method } = await waiting(bench);
    const changed = await bench.stripe.subscriptions.update(subscription.id, {
      default_payment_method: method,
      metadata: { session: "1" },
    });
    expect(changed).toMatchObject({ status: "incomplete", metadata: { session: "1" } });
  });

  it.each<[string, (item: string) => Stripe.SubscriptionUpdateParams]>([
    ["items", (id) => ({ items: [{ id, quantity: 2 }] })],
    ["discounts", () => ({ discounts: "" })],
    ["trial_end", () => ({ trial_end: "now" })],
    ["cancel_at_period_end", () => ({ cancel_at_period_end: true })],
  ])("cannot be given other %s", async (param, change) => {
    const { subscription } = await waiting(bench);
    const update = bench.stripe.subscriptions.update(
      subscription.id,
      change(subscription.items.data[0]?.id ?? ""),
    );
    expect((await refusalOf(update)).param).toBe(param);
  });

  it("ends with its customer", async () => {
    const given = await waiting(bench);
    await bench.stripe.customers.del(given.customer);
    expect(await statusOf(bench, given)).toBe("incomplete_expired");
  });

  it("can have its invoice paid late by a payment that was made before", async () => {
    const given = await waiting(bench);
    const intent = await paidApart(bench, given.customer);
    await bench.advance(22 * 3600);
    await bench.stripe.invoices.attachPayment(given.invoice, { payment_intent: intent.id });
    await bench.advance(2 * 3600);
    expect(await statusOf(bench, given)).toBe("active");
  });
});

interface Changed {
  subscription: Stripe.Subscription;
  customer: string;
}

/** A subscription whose dearer price waits to be paid. */
async function changedUnpaid(): Promise<Changed> {
  const given = await waiting(bench);
  await bench.stripe.invoices.pay(given.invoice, { paid_out_of_band: true });
  const price = await priceOf(bench.stripe, { unit_amount: 5000 });
  const subscription = await bench.stripe.subscriptions.update(given.subscription.id, {
    items: [{ id: given.subscription.items.data[0]?.id ?? "", price: price.id }],
    proration_behavior: "always_invoice",
    payment_behavior: "default_incomplete",
    expand: ["latest_invoice"],
  });
  return { subscription, customer: given.customer };
}

const again = ({ subscription }: Changed) => bench.stripe.subscriptions.retrieve(subscription.id);

describe("an update that waits for its payment", () => {
  it("holds at once, is past due, and tries no card, also not later", async () => {
    const given = await changedUnpaid();
    const { subscription } = given;
    expect(subscription).toMatchObject({
      status: "past_due",
      items: { data: [{ price: { unit_amount: 5000 } }] },
      latest_invoice: {
        status: "open",
        billing_reason: "subscription_update",
        attempted: false,
        next_payment_attempt: null,
      },
    });
    await bench.advance(20 * DAY);
    expect((await again(given)).status).toBe("past_due");
    const { data } = await bench.stripe.charges.list({ customer: given.customer });
    expect(data).toEqual([]);
  });

  it.each(["attached", "out of band"])("is active once its invoice is paid, %s", async (how) => {
    const given = await changedUnpaid();
    const invoice = idOf(given.subscription.latest_invoice);
    const { amount_due: amount } = await invoiceOf(invoice);
    if (how === "attached") {
      const intent = await paidApart(bench, given.customer, { amount });
      await bench.stripe.invoices.attachPayment(invoice, { payment_intent: intent.id });
    } else await bench.stripe.invoices.pay(invoice, { paid_out_of_band: true });
    expect((await again(given)).status).toBe("active");
  });

  it("is active and stays as it is when its invoice is voided", async () => {
    const given = await changedUnpaid();
    await bench.stripe.invoices.voidInvoice(idOf(given.subscription.latest_invoice));
    expect(await again(given)).toMatchObject({
      status: "active",
      items: { data: [{ price: { unit_amount: 5000 } }] },
    });
  });

  it("is active at once where nothing is due", async () => {
    const given = await waiting(bench);
    await bench.stripe.invoices.pay(given.invoice, { paid_out_of_band: true });
    const price = await priceOf(bench.stripe, { unit_amount: 500 });
    const subscription = await bench.stripe.subscriptions.update(given.subscription.id, {
      items: [{ id: given.subscription.items.data[0]?.id ?? "", price: price.id }],
      proration_behavior: "always_invoice",
      payment_behavior: "default_incomplete",
      expand: ["latest_invoice"],
    });
    expect(subscription).toMatchObject({
      status: "active",
      latest_invoice: { status: "paid", amount_due: 0 },
    });
  });

  it("costs what its preview for the same instant said", async () => {
    const given = await waiting(bench);
    await bench.stripe.invoices.pay(given.invoice, { paid_out_of_band: true });
    await bench.advance(9 * DAY);
    const proration_date = (await bench.now()) - 100;
    const price = await priceOf(bench.stripe, { unit_amount: 7777 });
    const items = [{ id: given.subscription.items.data[0]?.id ?? "", price: price.id }];
    const preview = await bench.stripe.invoices.createPreview({
      subscription: given.subscription.id,
      subscription_details: { items, proration_date, proration_behavior: "always_invoice" },
    });
    await bench.advance(3600);
    const changed = await bench.stripe.subscriptions.update(given.subscription.id, {
      items,
      proration_date,
      proration_behavior: "always_invoice",
      payment_behavior: "default_incomplete",
      expand: ["latest_invoice"],
    });
    expect(changed.latest_invoice).toMatchObject({
      amount_due: preview.amount_due,
      total: preview.total,
    });
    expect(preview.amount_due).toBeGreaterThan(0);
  });

  it("that only holds when paid is not built", async () => {
    const { subscription, invoice } = await waiting(bench);
    const params = { payment_behavior: "pending_if_incomplete" } as const;
    await bench.stripe.invoices.pay(invoice);
    const update = bench.stripe.subscriptions.update(subscription.id, params);
    expect((await refusalOf(update)).param).toBe("payment_behavior");
    expect((await refusalOf(waiting(bench, params))).param).toBe("payment_behavior");
  });
});

describe("a canceled subscription", () => {
  it("leaves what is owed to be paid by hand", async () => {
    const given = await waiting(bench);
    await bench.stripe.invoices.pay(given.invoice);
    const bad = await bench.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
      customer: given.customer,
    });
    await bench.stripe.subscriptions.update(given.subscription.id, {
      default_payment_method: bad.id,
    });
    const end = given.subscription.items.data[0]?.current_period_end ?? 0;
    await bench.advance(end + 3700 - (await bench.now()));
    const owed = await bench.stripe.invoices.list({
      subscription: given.subscription.id,
      status: "open",
    });
    const [open] = owed.data;
    expect(open).toMatchObject({ auto_advance: true, attempt_count: 1 });
    await bench.stripe.subscriptions.cancel(given.subscription.id);
    await bench.advance(30 * DAY);
    expect(await invoiceOf(open?.id ?? "")).toMatchObject({
      status: "open",
      auto_advance: false,
      attempt_count: 1,
    });
  });
});
