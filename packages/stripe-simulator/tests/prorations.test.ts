import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { DAY, refusalOf, useBench } from "./simulator.ts";
import { amounts, WEEK, weeklyOn } from "./weekly.ts";
import type { Subscribed } from "./weekly.ts";

const bench = useBench();
const { subscribe, priced, halfOf, invoicesOf } = weeklyOn(bench);

function previewOf(
  { subscription, item }: Subscribed,
  price: string,
  details: Partial<Stripe.InvoiceCreatePreviewParams.SubscriptionDetails>,
  more: Partial<Stripe.InvoiceCreatePreviewParams> = {},
): Promise<Stripe.Invoice> {
  return bench.stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: { items: [{ id: item, price }], ...details },
    ...more,
  });
}

describe("a dearer price", () => {
  it.each(
    [
      ["always_invoice", [-3500, 7000], []],
      ["create_prorations", undefined, [-3500, 7000, 14_000]],
      ["none", undefined, [14_000]],
    ] as const,
  )("with %s is billed as its preview says", async (behavior, atOnce, renewal) => {
    const given = await subscribe();
    const price = await priced(14_000);
    const proration_date = await halfOf(given);
    const details = {
      proration_behavior: behavior,
      ...(behavior === "none" ? {} : { proration_date }),
    };
    const preview = await previewOf(given, price, details);
    expect(amounts(preview)).toEqual(atOnce ?? renewal);
    expect((await invoicesOf(given)).length).toBe(1);
    await bench.stripe.subscriptions.update(given.subscription.id, {
      items: [{ id: given.item, price }],
      ...details,
    });
    if (atOnce === undefined) await bench.advance(WEEK / 2 + 3700);
    const [invoice] = await invoicesOf(given);
    expect(amounts(invoice)).toEqual(amounts(preview));
    expect(invoice?.amount_paid).toBe(preview.amount_due);
    expect(invoice?.billing_reason).toBe(
      atOnce === undefined ? "subscription_cycle" : "subscription_update",
    );
  });

  it("of another interval begins a new period in classic billing, and with none is still charged at once", async () => {
    const given = await subscribe({ billing_mode: { type: "classic" } });
    const price = await priced(20_000, "month");
    await halfOf(given);
    expect(amounts(await previewOf(given, price, {}))).toEqual([-3500, 20_000]);
    const preview = await previewOf(given, price, { proration_behavior: "none" });
    expect(amounts(preview)).toEqual([20_000]);
    const now = await bench.now();
    const changed = await bench.stripe.subscriptions.update(given.subscription.id, {
      items: [{ id: given.item, price }],
      proration_behavior: "none",
    });
    const [invoice] = await invoicesOf(given);
    expect(invoice).toMatchObject({ amount_paid: 20_000, billing_reason: "subscription_update" });
    expect(changed.items.data[0]?.current_period_start).toBeGreaterThanOrEqual(now);
    expect(changed.billing_cycle_anchor).toBe(changed.items.data[0]?.current_period_start);
  });

  it("is not paid for in a trial, which ends when it would have", async () => {
    const given = await subscribe({ trial_period_days: 14 });
    const price = await priced(20_000, "month");
    const changed = await bench.stripe.subscriptions.update(given.subscription.id, {
      items: [{ id: given.item, price }],
      proration_behavior: "always_invoice",
    });
    expect(changed.status).toBe("trialing");
    expect(changed.items.data[0]?.current_period_end).toBe(given.subscription.trial_end);
    expect((await invoicesOf(given)).map((one) => one.total)).toEqual([0]);
    await bench.advance(14 * DAY + 3700);
    expect((await invoicesOf(given)).map((one) => one.total)).toEqual([20_000, 0]);
  });

  it("of another interval keeps the anchor in flexible billing unless a new one is asked for", async () => {
    const given = await subscribe();
    const price = await priced(31_000, "month");
    const proration_date = await halfOf(given);
    const details = { proration_behavior: "always_invoice", proration_date } as const;
    const [credit, debit = 0] = amounts(await previewOf(given, price, details)) ?? [];
    expect(credit).toBe(-3500);
    expect(debit).toBeGreaterThan(25_000);
    expect(debit).toBeLessThan(31_000);
    const now = { billing_cycle_anchor: { type: "now" } } as const;
    const asked = await previewOf(given, price, { ...details, ...now });
    expect(amounts(asked)).toEqual([-3500, 31_000]);
    const changed = await bench.stripe.subscriptions.update(given.subscription.id, {
      items: [{ id: given.item, price }],
      ...details,
    });
    const [item] = changed.items.data;
    const { billing_cycle_anchor } = given.subscription;
    expect(changed.billing_cycle_anchor).toBe(billing_cycle_anchor);
    expect(item?.current_period_start).toBe(billing_cycle_anchor);
    expect(item?.current_period_end).toBeGreaterThan(billing_cycle_anchor + 27 * DAY);
    expect((await invoicesOf(given))[0]?.amount_paid).toBe(debit - 3500);
  });

  it.each(
    [
      ["classic", 500],
      ["flexible", 250],
    ] as const,
  )("after a free one in %s billing costs %i", async (type, cost) => {
    const given = await subscribe({ billing_mode: { type } }, 0);
    const proration_date = await halfOf(given);
    const preview = await previewOf(given, await priced(500), {
      proration_behavior: "always_invoice",
      proration_date,
    });
    expect(preview.amount_due).toBe(cost);
  });

  it("that cannot be paid changes nothing where it may not be incomplete", async () => {
    const given = await subscribe();
    const bad = await bench.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
      customer: given.customer,
    });
    const { id } = given.subscription;
    await bench.stripe.subscriptions.update(id, { default_payment_method: bad.id });
    await halfOf(given);
    const refusal = await refusalOf(bench.stripe.subscriptions.update(id, {
      items: [{ id: given.item, price: await priced(14_000) }],
      proration_behavior: "always_invoice",
      payment_behavior: "error_if_incomplete",
    }));
    expect(refusal.statusCode).toBe(402);
    const after = await bench.stripe.subscriptions.retrieve(id);
    expect(after).toMatchObject({ status: "active", items: given.subscription.items });
  });

  it.each([-10, WEEK + 10])("is refused %i seconds outside of the period", async (offset) => {
    const given = await subscribe();
    const start = given.subscription.items.data[0]?.current_period_start ?? 0;
    const preview = previewOf(given, await priced(9000), { proration_date: start + offset });
    expect((await refusalOf(preview)).param).toBe("proration_date");
  });
});

describe("a credit", () => {
  it("counts what was billed: changing back and forth at one instant costs nothing", async () => {
    const given = await subscribe();
    const proration_date = await halfOf(given);
    const [old] = given.subscription.items.data;
    for (const price of [await priced(21_000), old?.price.id ?? ""]) {
      await bench.stripe.subscriptions.update(given.subscription.id, {
        items: [{ id: given.item, price }],
        proration_date,
      });
    }
    const { data } = await bench.stripe.invoiceItems.list({
      customer: given.customer,
      pending: true,
    });
    expect(data.map((item) => item.amount).toReversed()).toEqual([-3500, 10_500, -10_500, 3500]);
    expect(data.every((item) => item.proration)).toBe(true);
  });

  it.each(
    [
      ["flexible", -3500],
      ["classic", -7000],
    ] as const,
  )("in %s billing of a price that came without being billed is %i", async (type, back) => {
    const given = await subscribe({ billing_mode: { type } });
    const proration_date = await halfOf(given);
    await bench.stripe.subscriptions.update(given.subscription.id, {
      items: [{ id: given.item, price: await priced(14_000) }],
      proration_behavior: "none",
    });
    const preview = await previewOf(given, await priced(20_000), {
      proration_behavior: "always_invoice",
      proration_date,
    });
    expect(amounts(preview)).toEqual([back, 10_000]);
  });

  it.each(["flexible", "classic"] as const)(
    "in %s billing is of what was paid after discounts",
    async (type) => {
      const coupon = await bench.stripe.coupons.create({ percent_off: 50 });
      const given = await subscribe({
        billing_mode: { type },
        discounts: [{ coupon: coupon.id }],
      });
      const proration_date = await halfOf(given);
      const preview = await previewOf(given, await priced(14_000), {
        proration_behavior: "always_invoice",
        proration_date,
      });
      expect(amounts(preview)).toEqual([-1750, 7000]);
    },
  );
});

describe("a preview", () => {
  it("of a subscription that ends has nothing to show", async () => {
    const { subscription } = await subscribe({ cancel_at_period_end: true });
    const preview = bench.stripe.invoices.createPreview({ subscription: subscription.id });
    expect((await refusalOf(preview)).code).toBe("invoice_upcoming_none");
  });

  it("takes the discounts it is asked about, or none", async () => {
    const forever = await bench.stripe.coupons.create({ percent_off: 50, duration: "forever" });
    const given = await subscribe({ discounts: [{ coupon: forever.id }] });
    const price = await priced(14_000);
    const proration_date = await halfOf(given);
    const details = { proration_behavior: "always_invoice", proration_date } as const;
    expect(amounts(await previewOf(given, price, details))).toEqual([-1750, 3500]);
    const without = await previewOf(given, price, details, { discounts: "" });
    expect(amounts(without)).toEqual([-1750, 7000]);
  });

  it("of seats counts them", async () => {
    const given = await subscribe();
    const proration_date = await halfOf(given);
    const preview = await bench.stripe.invoices.createPreview({
      subscription: given.subscription.id,
      subscription_details: {
        items: [{ id: given.item, quantity: 3 }],
        proration_behavior: "always_invoice",
        proration_date,
      },
    });
    expect(amounts(preview)).toEqual([-3500, 10_500]);
  });
});

describe("a subscription that ends", () => {
  it.each([
    ["with what is left credited and billed", { prorate: true, invoice_now: true }, -3500],
    ["with neither", {}, 0],
  ])("at once %s", async (_name, options, balance) => {
    const given = await subscribe();
    await halfOf(given);
    await bench.stripe.subscriptions.cancel(given.subscription.id, options);
    const customer = await bench.stripe.customers.retrieve(given.customer);
    // A second may pass before the call.
    expect("balance" in customer ? customer.balance : null).toBeCloseTo(balance, -1);
  });

  it("with its period ends with the one that a change begins", async () => {
    const { subscription, item } = await subscribe({ cancel_at_period_end: true });
    await bench.advance(DAY);
    const changed = await bench.stripe.subscriptions.update(subscription.id, {
      items: [{ id: item, price: await priced(20_000, "month") }],
      billing_cycle_anchor: { type: "now" },
    });
    expect(changed.cancel_at).toBe(changed.items.data[0]?.current_period_end);
    await bench.advance(WEEK);
    const { status } = await bench.stripe.subscriptions.retrieve(subscription.id);
    expect(status).toBe("active");
  });

  it("at once drops the prorations that wait, at its period's end bills them", async () => {
    const [dropped, billed] = [await subscribe(), await subscribe()];
    const price = await priced(14_000);
    await halfOf(billed);
    for (const { subscription, item } of [dropped, billed]) {
      await bench.stripe.subscriptions.update(subscription.id, { items: [{ id: item, price }] });
    }
    await bench.stripe.subscriptions.cancel(dropped.subscription.id);
    const { id } = billed.subscription;
    await bench.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await bench.advance(WEEK);
    const waiting = await bench.stripe.invoiceItems.list({ customer: dropped.customer });
    expect(waiting.data).toEqual([]);
    expect((await bench.stripe.subscriptions.retrieve(id)).status).toBe("canceled");
    expect((await invoicesOf(billed)).map((one) => one.status)).toEqual(["paid", "paid"]);
  });
});
