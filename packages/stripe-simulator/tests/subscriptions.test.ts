import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { customerWith, DAY, idOf, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

interface Given {
  card?: string;
  price?: Partial<Stripe.PriceCreateParams>;
  more?: Partial<Stripe.SubscriptionCreateParams>;
}

async function subscribe(given: Given = {}): Promise<Stripe.Subscription> {
  const { customer, method } = await customerWith(bench.stripe, given.card);
  const price = await priceOf(bench.stripe, given.price);
  return bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items: [{ price: price.id }],
    ...given.more,
  });
}

const again = (subscription: Stripe.Subscription) =>
  bench.stripe.subscriptions.retrieve(subscription.id);

const endOf = ({ items }: Stripe.Subscription) => items.data[0]?.current_period_end ?? 0;

async function moneyOf(subscription: Stripe.Subscription): Promise<number[]> {
  const { data } = await bench.stripe.charges.list({ customer: idOf(subscription.customer) });
  return data.filter((charge) => charge.paid).map((charge) => charge.amount).toReversed();
}

describe("a new subscription", () => {
  it("charges its first period at once and is active", async () => {
    const subscription = await subscribe({ more: { expand: ["latest_invoice.payments"] } });
    const invoice = subscription.latest_invoice;
    expect(subscription.status).toBe("active");
    expect(invoice).toMatchObject({
      status: "paid",
      amount_paid: 2000,
      billing_reason: "subscription_create",
      parent: { subscription_details: { subscription: subscription.id } },
      payments: { data: [{ status: "paid", payment: { type: "payment_intent" } }] },
    });
    expect(invoice).not.toHaveProperty("payment_intent");
    expect(subscription).not.toHaveProperty("current_period_end");
    expect(await moneyOf(subscription)).toEqual([2000]);
  });

  it("whose card is declined is incomplete, and expires when nobody pays", async () => {
    const subscription = await subscribe({
      card: "pm_card_chargeCustomerFail",
      more: { expand: ["latest_invoice"] },
    });
    expect(subscription).toMatchObject({
      status: "incomplete",
      latest_invoice: { status: "open", attempt_count: 1 },
    });
    await bench.advance(DAY);
    expect((await again(subscription)).status).toBe("incomplete_expired");
  });

  it("that may not be incomplete is refused with the decline, and leaves nothing behind", async () => {
    const { customer, method } = await customerWith(bench.stripe, "pm_card_chargeCustomerFail");
    const price = await priceOf(bench.stripe);
    const refusal = await refusalOf(bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: price.id }],
      payment_behavior: "error_if_incomplete",
    }));
    expect(refusal).toMatchObject({ statusCode: 402, decline_code: "generic_decline" });
    const { data } = await bench.stripe.subscriptions.list({ customer, status: "all" });
    expect(data).toEqual([]);
  });

  it("waits for the customer when asked to, and is active once the intent is paid", async () => {
    const subscription = await subscribe({
      more: { payment_behavior: "default_incomplete", expand: ["latest_invoice.payments"] },
    });
    expect(subscription.status).toBe("incomplete");
    const { data } = await bench.stripe.invoicePayments.list({
      invoice: typeof subscription.latest_invoice === "object"
        ? subscription.latest_invoice?.id ?? ""
        : "",
    });
    const intent = idOf(data[0]?.payment.payment_intent);
    await bench.stripe.paymentIntents.confirm(intent, {
      payment_method: idOf(subscription.default_payment_method),
    });
    expect((await again(subscription)).status).toBe("active");
  });
});

describe("what a subscription is refused", () => {
  it.each<[string, (now: number) => Given["more"], string]>([
    ["a trial that ended", (now) => ({ trial_end: now - 1 }), "future"],
    [
      "two trials",
      (now) => ({ trial_end: now + DAY, trial_period_days: 3 }),
      "only specify one of these parameters",
    ],
    ["a fee on the platform's own account", () => ({ application_fee_percent: 5 }), "on behalf of"],
    [
      "somebody else's card",
      () => ({ default_payment_method: "pm_other" }),
      "No such PaymentMethod",
    ],
    ["another currency", () => ({ currency: "eur" }), "expected currency"],
  ])("%s", async (_name, more, message) => {
    const params = more(await bench.now()) ?? {};
    const refusal = await refusalOf(subscribe({ more: params }));
    expect(refusal.statusCode).toBe(400);
    expect(refusal.message).toContain(message);
  });

  it("a card that is not attached to the customer", async () => {
    const stranger = await customerWith(bench.stripe);
    const refusal = await refusalOf(
      subscribe({ more: { default_payment_method: stranger.method } }),
    );
    expect(refusal.message).toContain("must be attached to the customer");
  });

  it("an archived price, and one that is paid once", async () => {
    const { customer } = await customerWith(bench.stripe);
    const archived = await priceOf(bench.stripe);
    await bench.stripe.prices.update(archived.id, { active: false });
    const once = await bench.stripe.prices.create({
      currency: "usd",
      unit_amount: 500,
      product_data: { name: "Once" },
    });
    for (const price of [archived, once]) {
      const create = bench.stripe.subscriptions.create({ customer, items: [{ price: price.id }] });
      expect((await refusalOf(create)).param).toBe("items[0][price]");
    }
  });

  it("a payment by a customer who has no card", async () => {
    const customer = await bench.stripe.customers.create();
    const price = await priceOf(bench.stripe);
    const params = { customer: customer.id, items: [{ price: price.id }] };
    const refusal = await refusalOf(bench.stripe.subscriptions.create(params));
    expect(refusal.message).toContain("no attached payment source");
  });
});

describe("a renewal", () => {
  it("charges once at the end of the first period, an hour later, and not before", async () => {
    const subscription = await subscribe();
    const end = subscription.items.data[0]?.current_period_end ?? 0;
    await bench.advance(end - 60 - (await bench.now()));
    expect(await moneyOf(subscription)).toEqual([2000]);
    await bench.advance(120);
    const { data } = await bench.stripe.invoices.list({ subscription: subscription.id });
    expect(data.map((one) => one.status)).toEqual(["draft", "paid"]);
    await bench.advance(3600);
    expect(await moneyOf(subscription)).toEqual([2000, 2000]);
    const renewed = await again(subscription);
    expect(renewed.items.data[0]?.current_period_start).toBe(end);
    await bench.advance(2 * DAY);
    expect(await moneyOf(subscription)).toEqual([2000, 2000]);
  });

  it("comes once a period when many periods pass at a stroke", async () => {
    const subscription = await subscribe({ price: { recurring: { interval: "week" } } });
    await bench.advance(29 * DAY);
    expect(await moneyOf(subscription)).toEqual([2000, 2000, 2000, 2000, 2000]);
  });

  it("that fails is past due, tried again, and paid once the card is good", async () => {
    const subscription = await subscribe({ price: { recurring: { interval: "week" } } });
    const customer = idOf(subscription.customer);
    const bad = await bench.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
      customer,
    });
    await bench.stripe.subscriptions.update(subscription.id, { default_payment_method: bad.id });
    await bench.advance(7 * DAY + 3700);
    expect((await again(subscription)).status).toBe("past_due");
    await bench.stripe.subscriptions.update(subscription.id, {
      default_payment_method: idOf(subscription.default_payment_method),
    });
    await bench.advance(3 * DAY);
    expect((await again(subscription)).status).toBe("active");
    expect(await moneyOf(subscription)).toEqual([2000, 2000]);
  });

  it("that keeps failing ends the subscription", async () => {
    const subscription = await subscribe({
      card: "pm_card_chargeCustomerFail",
      more: { trial_period_days: 1 },
    });
    await bench.advance(DAY + 16 * DAY);
    expect(await again(subscription)).toMatchObject({
      status: "canceled",
      cancellation_details: { reason: "payment_failed" },
    });
    expect(await moneyOf(subscription)).toEqual([]);
  });

  it("by bank debit is paid when the debit settles", async () => {
    const { customer, method } = await customerWith(bench.stripe, "pm_usBankAccount_success");
    const price = await priceOf(bench.stripe);
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: price.id }],
      trial_period_days: 1,
    });
    await bench.advance(DAY + 3700);
    expect(await moneyOf(subscription)).toEqual([]);
    await bench.advance(4 * DAY);
    expect(await moneyOf(subscription)).toEqual([2000]);
  });
});

describe("a trial", () => {
  it("costs nothing, is announced three days before its end, and then charges", async () => {
    const subscription = await subscribe({ more: { trial_period_days: 14 } });
    expect(subscription.status).toBe("trialing");
    const [invoice] = (await bench.stripe.invoices.list({ subscription: subscription.id })).data;
    expect(invoice).toMatchObject({ status: "paid", amount_paid: 0 });
    const told = () =>
      bench.received.filter(({ event }) =>
        event.type === "customer.subscription.trial_will_end" &&
        event.data.object.id === subscription.id
      ).length;
    await bench.advance(11 * DAY - 60);
    await bench.idle();
    expect(told()).toBe(0);
    await bench.advance(120);
    await bench.idle();
    expect(told()).toBe(1);
    await bench.advance(3 * DAY + 3600);
    expect((await again(subscription)).status).toBe("active");
    expect(await moneyOf(subscription)).toEqual([2000]);
  });

  it.each(
    [
      ["cancel", "canceled"],
      ["pause", "paused"],
    ] as const,
  )("without a card that says %s ends %s", async (missing_payment_method, status) => {
    const customer = await bench.stripe.customers.create();
    const price = await priceOf(bench.stripe);
    const subscription = await bench.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method } },
    });
    expect(subscription.pending_setup_intent).toMatch(/^seti_/);
    await bench.advance(7 * DAY + 10);
    expect((await again(subscription)).status).toBe(status);
  });
});

describe("a cancellation", () => {
  it("at once ends the subscription, and it cannot be canceled or changed again", async () => {
    const subscription = await subscribe();
    const canceled = await bench.stripe.subscriptions.cancel(subscription.id);
    expect(canceled).toMatchObject({ status: "canceled", ended_at: canceled.canceled_at });
    const twice = bench.stripe.subscriptions.cancel(subscription.id);
    expect((await refusalOf(twice)).code).toBe("resource_missing");
    const change = { cancel_at_period_end: true };
    const update = bench.stripe.subscriptions.update(subscription.id, change);
    expect((await refusalOf(update)).code).toBe("invalid_canceled_subscription_fields");
    await bench.stripe.subscriptions.update(subscription.id, { metadata: { kept: "yes" } });
  });

  it("at the period's end lasts until then, charges nothing more, and can be taken back", async () => {
    const ending = await subscribe();
    const staying = await subscribe();
    const end = staying.items.data[0]?.current_period_end ?? 0;
    for (const { id } of [ending, staying]) {
      await bench.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    }
    await bench.stripe.subscriptions.update(staying.id, { cancel_at_period_end: false });
    await bench.advance(end - 60 - (await bench.now()));
    expect((await again(ending)).status).toBe("active");
    await bench.advance(4000);
    expect((await again(ending)).status).toBe("canceled");
    expect((await again(staying)).status).toBe("active");
    expect([await moneyOf(ending), await moneyOf(staying)]).toEqual([[2000], [2000, 2000]]);
  });
});

describe("a cancellation at a date", () => {
  it("is what the portal makes in flexible billing mode, and a flag in classic mode", async () => {
    const flexible = await subscribe();
    const classic = await subscribe({ more: { billing_mode: { type: "classic" } } });
    for (const { id } of [flexible, classic]) {
      await bench.admin("POST", `/subscriptions/${id}/portal-cancel`);
    }
    expect(await again(flexible))
      .toMatchObject({ cancel_at: endOf(flexible), cancel_at_period_end: false });
    expect(await again(classic))
      .toMatchObject({ cancel_at: endOf(classic), cancel_at_period_end: true });
    await bench.admin("POST", `/subscriptions/${classic.id}/portal-renew`);
    await bench.advance(endOf(flexible) + 4000 - (await bench.now()));
    expect((await again(flexible)).status).toBe("canceled");
    expect((await again(classic)).status).toBe("active");
    expect([await moneyOf(flexible), await moneyOf(classic)]).toEqual([[2000], [2000, 2000]]);
  });

  it("may be asked for as the end of a period, but not along with the flag", async () => {
    const { id, ...asked } = await subscribe();
    const ending = await bench.stripe.subscriptions.update(id, { cancel_at: "min_period_end" });
    expect(ending.cancel_at).toBe(asked.items.data[0]?.current_period_end);
    const both = bench.stripe.subscriptions.update(id, {
      cancel_at: "max_period_end",
      cancel_at_period_end: true,
    });
    expect((await refusalOf(both)).param).toBe("cancel_at");
  });
});

describe("a change of price", () => {
  it("credits the old and charges the new for the rest of the period", async () => {
    const subscription = await subscribe();
    const dearer = await priceOf(bench.stripe, { unit_amount: 5000 });
    const id = subscription.items.data[0]?.id ?? "";
    const changed = await bench.stripe.subscriptions.update(subscription.id, {
      items: [{ id, price: dearer.id }],
      proration_behavior: "always_invoice",
      expand: ["latest_invoice"],
    });
    expect(changed.items.data.map((item) => [item.id, item.price.id])).toEqual([[id, dearer.id]]);
    expect(changed.latest_invoice).toMatchObject({
      billing_reason: "subscription_update",
      status: "paid",
      amount_paid: 3000,
    });
  });

  it("is previewed without happening, and costs what the preview said", async () => {
    const subscription = await subscribe();
    const dearer = await priceOf(bench.stripe, { unit_amount: 5000 });
    const items = [{ id: subscription.items.data[0]?.id ?? "", price: dearer.id }];
    await bench.advance(10 * DAY);
    const proration_date = await bench.now();
    const preview = await bench.stripe.invoices.createPreview({
      customer: idOf(subscription.customer),
      subscription: subscription.id,
      subscription_details: { items, proration_behavior: "always_invoice", proration_date },
    });
    expect(preview.amount_due).toBeGreaterThan(0);
    expect((await again(subscription)).items.data[0]?.price.unit_amount).toBe(2000);
    const changed = await bench.stripe.subscriptions.update(subscription.id, {
      items,
      proration_behavior: "always_invoice",
      proration_date,
      expand: ["latest_invoice"],
    });
    expect(changed.latest_invoice).toMatchObject({ amount_due: preview.amount_due });
  });

  it("waits for the next invoice unless it is to be billed at once", async () => {
    const subscription = await subscribe({ price: { recurring: { interval: "week" } } });
    const dearer = await priceOf(bench.stripe, {
      unit_amount: 5000,
      recurring: { interval: "week" },
    });
    await bench.stripe.subscriptions.update(subscription.id, {
      items: [{ id: subscription.items.data[0]?.id ?? "", price: dearer.id }],
    });
    expect(await moneyOf(subscription)).toEqual([2000]);
    await bench.advance(7 * DAY + 3700);
    expect(await moneyOf(subscription)).toEqual([2000, 8000]);
  });
});

describe("lists", () => {
  it("find subscriptions by customer and status", async () => {
    const subscription = await subscribe();
    const customer = idOf(subscription.customer);
    await bench.stripe.subscriptions.cancel(subscription.id);
    expect((await bench.stripe.subscriptions.list({ customer })).data).toEqual([]);
    const all = await bench.stripe.subscriptions.list({ customer, status: "all" });
    expect(all.data.map((one) => one.id)).toEqual([subscription.id]);
  });
});
