import type { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import { waiting } from "./first-invoice.ts";
import { idOf, priceOf, refusalOf, useBench } from "./simulator.ts";

const bench = useBench();

/** An active subscription that costs 2000 a month. */
async function active(
  more: Partial<Stripe.SubscriptionCreateParams> = {},
): Promise<Stripe.Subscription> {
  const { subscription, invoice } = await waiting(bench, more);
  await bench.stripe.invoices.pay(invoice);
  return bench.stripe.subscriptions.retrieve(subscription.id);
}

const again = ({ id }: Stripe.Subscription) => bench.stripe.subscriptions.retrieve(id);

describe("what a merchant does to a subscription by hand", () => {
  it("adds an item, changes its quantity, and takes it off", async () => {
    const subscription = await active();
    const seats = await priceOf(bench.stripe, { unit_amount: 300 });
    const added = await bench.stripe.subscriptionItems.create({
      subscription: subscription.id,
      price: seats.id,
      quantity: 2,
      metadata: { kind: "seats" },
    });
    expect(added).toMatchObject({ quantity: 2, metadata: { kind: "seats" } });
    expect((await again(subscription)).items.data).toHaveLength(2);
    const more = await bench.stripe.subscriptionItems.update(added.id, {
      quantity: 5,
      proration_behavior: "none",
    });
    expect(more.quantity).toBe(5);
    await bench.stripe.subscriptions.update(subscription.id, {
      items: [{ id: added.id, deleted: true }],
      proration_behavior: "none",
    });
    expect((await again(subscription)).items.data).toHaveLength(1);
    const gone = bench.stripe.subscriptionItems.update(added.id, { quantity: 6 });
    expect((await refusalOf(gone)).code).toBe("resource_missing");
  });

  it("takes off a discount", async () => {
    const { id: coupon } = await bench.stripe.coupons.create({
      percent_off: 50,
      duration: "forever",
    });
    const subscription = await active({ discounts: [{ coupon }] });
    await bench.stripe.subscriptions.update(subscription.id, { discounts: "" });
    expect((await again(subscription)).discounts).toEqual([]);
    const preview = await bench.stripe.invoices.createPreview({ subscription: subscription.id });
    expect(preview.amount_due).toBe(2000);
  });

  it("deletes a coupon, which stays with those who have it", async () => {
    const { id: coupon } = await bench.stripe.coupons.create({
      percent_off: 50,
      duration: "forever",
    });
    const subscription = await active({ discounts: [{ coupon }] });
    await bench.stripe.coupons.del(coupon);
    expect((await again(subscription)).discounts).toHaveLength(1);
    const preview = await bench.stripe.invoices.createPreview({ subscription: subscription.id });
    expect(preview.amount_due).toBe(1000);
  });

  it("archives a price, which goes on for those who have it and can be had by nobody else", async () => {
    const subscription = await active();
    const [item] = subscription.items.data;
    const price = item?.price.id ?? "";
    await bench.stripe.prices.update(price, { active: false });
    const preview = await bench.stripe.invoices.createPreview({ subscription: subscription.id });
    expect(preview.amount_due).toBe(2000);
    await bench.stripe.subscriptionItems.update(item?.id ?? "", { quantity: 2 });
    const update = bench.stripe.subscriptions.update(subscription.id, { items: [{ price }] });
    expect(await refusalOf(update)).toMatchObject({
      message: "The price specified is inactive. This field only accepts active prices.",
      param: "items[0][price]",
    });
  });

  it("cancels it, and it cannot be changed any more", async () => {
    const subscription = await active();
    await bench.stripe.subscriptions.cancel(subscription.id);
    const [item] = subscription.items.data;
    const update = bench.stripe.subscriptionItems.update(item?.id ?? "", { quantity: 3 });
    expect((await refusalOf(update)).code).toBe("invalid_canceled_subscription_fields");
  });

  it("deletes its customer, with whom it ends", async () => {
    const subscription = await active();
    await bench.stripe.customers.del(idOf(subscription.customer));
    expect((await again(subscription)).status).toBe("canceled");
  });
});

describe("a change that is refused", () => {
  it("leaves the discounts as they were", async () => {
    const { id: coupon } = await bench.stripe.coupons.create({ percent_off: 50 });
    const archived = await priceOf(bench.stripe);
    await bench.stripe.prices.update(archived.id, { active: false });
    const subscription = await active();
    const update = bench.stripe.subscriptions.update(subscription.id, {
      items: [{ id: subscription.items.data[0]?.id ?? "", price: archived.id }],
      discounts: [{ coupon }],
    });
    await refusalOf(update);
    expect((await again(subscription)).discounts).toEqual([]);
    const { data } = await bench.stripe.coupons.list();
    expect(data.find(({ id }) => id === coupon)?.times_redeemed).toBe(0);
  });
});
