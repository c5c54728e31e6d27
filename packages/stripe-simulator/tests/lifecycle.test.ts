import type { Stripe } from "stripe";
import { afterEach, describe, expect, it } from "vitest";
import { customerWith, DAY, idOf, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();
const WEEKLY = { recurring: { interval: "week" } } as const;

afterEach(() => bench.admin("POST", "/billing", { after_retries: "cancel" }));

async function subscribe(
  card = "pm_card_visa",
  more: Partial<Stripe.SubscriptionCreateParams> = {},
): Promise<Stripe.Subscription> {
  const { customer, method } = await customerWith(bench.stripe, card);
  const price = await priceOf(bench.stripe, WEEKLY);
  return bench.stripe.subscriptions.create({
    customer,
    default_payment_method: method,
    items: [{ price: price.id }],
    ...more,
  });
}

/** A subscription that begins to bill in a day, with a card that is refused whenever it is charged. */
async function failing(): Promise<Stripe.Subscription> {
  return subscribe("pm_card_chargeCustomerFail", {
    trial_period_days: 1,
  });
}

const again = (subscription: Stripe.Subscription) =>
  bench.stripe.subscriptions.retrieve(subscription.id);

async function invoicesOf(subscription: Stripe.Subscription): Promise<Stripe.Invoice[]> {
  const { data } = await bench.stripe.invoices.list({
    subscription: subscription.id,
    expand: ["data.payments"],
  });
  return data;
}

async function told(subscription: Stripe.Subscription): Promise<string[]> {
  await bench.idle();
  return bench.received.map(({ event }) => event)
    .filter((event) => JSON.stringify(event.data.object).includes(`"${subscription.id}"`))
    .map((event) => event.type);
}

describe("a renewal that keeps failing", () => {
  it.each(["unpaid", "past_due"])("leaves the subscription %s when so set", async (wanted) => {
    await bench.admin("POST", "/billing", { after_retries: wanted });
    const subscription = await failing();
    await bench.advance(DAY + 3700);
    expect((await again(subscription)).status).toBe("past_due");
    await bench.advance(16 * DAY);
    expect((await again(subscription)).status).toBe(wanted);
  });

  it("leaves later invoices of an unpaid subscription alone, until the latest is paid", async () => {
    await bench.admin("POST", "/billing", { after_retries: "unpaid" });
    const subscription = await failing();
    await bench.advance(17 * DAY);
    await bench.advance(14 * DAY);
    const [latest] = await invoicesOf(subscription);
    expect(latest).toMatchObject({ status: "draft", auto_advance: false, attempted: false });
    const good = await bench.stripe.paymentMethods.attach("pm_card_visa", {
      customer: idOf(subscription.customer),
    });
    await bench.stripe.subscriptions.update(subscription.id, { default_payment_method: good.id });
    expect((await again(subscription)).status).toBe("unpaid");
    await bench.stripe.invoices.pay(latest?.id ?? "");
    expect((await again(subscription)).status).toBe("active");
  });

  it("refuses a setting of no kind", async () => {
    const call = bench.admin("POST", "/billing", { after_retries: "shrug" });
    await expect(call).rejects.toThrow("after_retries");
  });
});

describe("a renewal whose card asks for its owner", () => {
  it("is past due and waits for the customer, who can still pay", async () => {
    const subscription = await subscribe("pm_card_authenticationRequired", {
      trial_period_days: 1,
    });
    await bench.advance(DAY + 3700);
    const [invoice] = await invoicesOf(subscription);
    expect((await again(subscription)).status).toBe("past_due");
    expect(await told(subscription)).toEqual(
      expect.arrayContaining(["invoice.payment_action_required", "invoice.payment_failed"]),
    );
    const pay = bench.stripe.invoices.pay(invoice?.id ?? "");
    expect(await refusalOf(pay)).toMatchObject({
      statusCode: 402,
      code: "invoice_payment_intent_requires_action",
    });
    const intent = idOf(invoice?.payments?.data[0]?.payment.payment_intent);
    expect((await bench.stripe.paymentIntents.retrieve(intent)).status).toBe("requires_action");
    await bench.admin("POST", `/3ds/${intent}/complete`);
    expect((await again(subscription)).status).toBe("active");
  });

  it("is refused at the start where the subscription may not be incomplete", async () => {
    const create = subscribe("pm_card_authenticationRequired", {
      payment_behavior: "error_if_incomplete",
    });
    expect((await refusalOf(create)).statusCode).toBe(402);
  });
});

describe("collection that is paused", () => {
  it.each(
    [
      ["void", "void"],
      ["mark_uncollectible", "uncollectible"],
      ["keep_as_draft", "draft"],
    ] as const,
  )("with %s leaves a renewal's invoice %s, until it resumes", async (behavior, status) => {
    const subscription = await subscribe();
    const resumes_at = (await bench.now()) + 8 * DAY;
    await bench.stripe.subscriptions.update(subscription.id, {
      pause_collection: { behavior, resumes_at },
    });
    await bench.advance(7 * DAY + 3700);
    expect((await invoicesOf(subscription)).map((one) => one.status)).toEqual([status, "paid"]);
    expect((await again(subscription)).status).toBe("active");
    await bench.advance(7 * DAY);
    expect((await again(subscription)).pause_collection).toBeNull();
    expect((await invoicesOf(subscription))[0]?.status).toBe("paid");
  });
});

describe("the end of a trial", () => {
  it("is told at once when it is less than three days away", async () => {
    const subscription = await subscribe("pm_card_visa", { trial_period_days: 2 });
    expect(await told(subscription)).toContain("customer.subscription.trial_will_end");
  });

  it("is told again when it is moved", async () => {
    const subscription = await subscribe("pm_card_visa", { trial_period_days: 2 });
    await bench.stripe.subscriptions.update(subscription.id, {
      trial_end: (await bench.now()) + 10 * DAY,
    });
    await bench.advance(7 * DAY + 60);
    const types = await told(subscription);
    expect(types.filter((type) => type.endsWith("trial_will_end"))).toHaveLength(2);
  });
});

describe("seats", () => {
  it("are charged at the start, at each renewal and when they change", async () => {
    const { customer, method } = await customerWith(bench.stripe);
    const price = await priceOf(bench.stripe, WEEKLY);
    const subscription = await bench.stripe.subscriptions.create({
      customer,
      default_payment_method: method,
      items: [{ price: price.id, quantity: 3 }],
    });
    await bench.advance(7 * DAY + 3700);
    await bench.stripe.subscriptions.update(subscription.id, {
      items: [{ id: subscription.items.data[0]?.id ?? "", quantity: 5 }],
      proration_behavior: "none",
    });
    await bench.advance(7 * DAY);
    const invoices = await invoicesOf(subscription);
    expect(invoices.map((one) => [one.billing_reason, one.amount_paid])).toEqual([
      ["subscription_cycle", 10_000],
      ["subscription_cycle", 6000],
      ["subscription_create", 6000],
    ]);
    const lines = await bench.stripe.invoices.listLineItems(invoices[0]?.id ?? "");
    expect(lines.data.map((line) => line.quantity)).toEqual([5]);
    expect(invoices[0]?.payments?.data[0]).toMatchObject({ status: "paid", amount_paid: 10_000 });
  });
});

describe("an invoice", () => {
  it("that is given up can still be paid, one that is void cannot", async () => {
    const subscription = await subscribe();
    await bench.stripe.subscriptions.update(subscription.id, {
      pause_collection: { behavior: "mark_uncollectible" },
    });
    await bench.advance(7 * DAY + 3700);
    const [given] = await invoicesOf(subscription);
    expect(given?.status).toBe("uncollectible");
    const id = given?.id ?? "";
    const paid = await bench.stripe.invoices.pay(id, { payment_method: "pm_card_visa" });
    expect(paid.status).toBe("paid");
    await refusalOf(bench.stripe.invoices.voidInvoice(id));
  });
});

describe("the card that pays the first invoice", () => {
  it.each(
    [
      ["on_subscription", true],
      ["off", false],
    ] as const,
  )("with %s is kept for the later ones: %s", async (setting, kept) => {
    const customer = await bench.stripe.customers.create();
    const price = await priceOf(bench.stripe, WEEKLY);
    const subscription = await bench.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      payment_behavior: "default_incomplete",
      payment_settings: { save_default_payment_method: setting },
    });
    const [invoice] = await invoicesOf(subscription);
    const intent = idOf(invoice?.payments?.data[0]?.payment.payment_intent);
    const paid = await bench.stripe.paymentIntents.confirm(intent, {
      payment_method: "pm_card_visa",
    });
    const after = await again(subscription);
    expect(after.status).toBe("active");
    expect(after.default_payment_method).toBe(kept ? paid.payment_method : null);
  });
});
