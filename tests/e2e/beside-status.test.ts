import { describe, expect, it } from "vitest";
import { productsResponse } from "../../shared/contract/products.ts";
import { openOwnShop, type Subscribed } from "../support/own-shop.ts";
import { DAY } from "../support/clock-stack.ts";
import { refusal } from "../support/shop.ts";

// What stands at Stripe beside a subscription's status, and changes its end, its price or what a change of it would come to.

const { stack, shop, later, subscribed } = await openOwnShop();
const { stripe } = shop;
const dearer = await shop.sell("Crew", { amount: 5_000 });
const yearly = await shop.sell("Pro", {
  productId: shop.pro.productId,
  amount: 29_000,
  interval: "year",
});
const ALL = ["pro-1", "pro-2"];

/** What the merchant, or the customer in the portal, does past all our calls. */
async function past({ stripeId }: Subscribed, action: string, body: object = {}): Promise<void> {
  await shop.admin("POST", `/subscriptions/${stripeId}/${action}`, body);
  await shop.idle();
}
async function update(
  { stripeId }: Subscribed,
  parameters: Parameters<typeof stripe.subscriptions.update>[1],
): Promise<void> {
  await stripe.subscriptions.update(stripeId, parameters);
  await shop.idle();
}
const shown = async ({ session }: Subscribed) => {
  const { subscription, features } = await shop.status(session);
  return { ...subscription, features };
};
const change = async ({ user, session }: Subscribed, priceId: string) => {
  const { subscription } = await shop.status(session);
  return shop.client.create(await shop.token(user), {
    priceId,
    existingSubscriptionId: subscription?.id,
  });
};
/** As a pricing page is told. */
const pricing = async ({ user }: Subscribed) => {
  const response = await fetch(`${stack.functionsUrl}/products`, {
    headers: { authorization: `Bearer ${await shop.token(user)}` },
  });
  return productsResponse.parse(await response.json());
};
const currentSubscription = async (bought: Subscribed) =>
  (await pricing(bought)).currentSubscription;
/** Why the pricing page offers no change to a price. */
const notOffered = async (bought: Subscribed, priceId: string) => {
  const { products } = await pricing(bought);
  const price = products.flatMap(({ prices }) => prices).find(({ id }) => id === priceId);
  return price?.changes?.map(({ refusal: why }) => why?.code);
};
/** Charges of a customer: what a refused change must leave as they were. */
const money = async ({ customer }: Subscribed) => {
  const { data } = await stripe.charges.list({ customer });
  return data.length;
};

describe("a cancellation in Stripe's portal", () => {
  it("is shown with its date, keeps the features until then, and can be taken back", async () => {
    const bought = await subscribed();
    const { currentPeriodEnd } = await shown(bought);
    await past(bought, "portal-cancel");
    const { cancel_at_period_end: flag } = await stripe.subscriptions.retrieve(bought.stripeId);
    expect(flag).toBe(false);
    expect(await shown(bought)).toMatchObject({
      status: "active",
      cancelAtPeriodEnd: true,
      cancelAt: currentPeriodEnd,
      features: ALL,
    });
    expect(await currentSubscription(bought)).toMatchObject({
      cancelAtPeriodEnd: true,
      cancelAt: currentPeriodEnd,
    });
    await past(bought, "portal-renew");
    const renewed = await shown(bought);
    expect(renewed).toMatchObject({ cancelAtPeriodEnd: false });
    expect(renewed).not.toHaveProperty("cancelAt");
    await past(bought, "portal-cancel");
    await later(32 * DAY);
    expect(await shown(bought)).toMatchObject({ status: "canceled", features: [] });
  });

  it("leaves a change within the period as it is, and refuses one that begins another", async () => {
    const bought = await subscribed();
    await past(bought, "portal-cancel");
    expect(await refusal(change(bought, yearly.priceId)))
      .toMatchObject({ status: 409, code: "change_unavailable" });
    const session = await change(bought, dearer.priceId);
    expect(await shop.pay(session)).toMatchObject({ success: true });
    expect(await shown(bought)).toMatchObject({
      priceId: dearer.priceId,
      cancelAtPeriodEnd: true,
    });
  });
});

describe("what stands beside the status", () => {
  it("is shown, takes no feature, and goes when it is over", async () => {
    const bought = await subscribed();
    const plain = await shown(bought);
    await update(bought, { pause_collection: { behavior: "void" } });
    expect(await shown(bought)).toEqual({ ...plain, collectionPaused: { behavior: "void" } });
    await update(bought, { pause_collection: "" });
    await past(bought, "schedule");
    expect(await shown(bought)).toEqual({ ...plain, scheduled: true });
    await past(bought, "release");
    await past(bought, "hold-update", { seconds: 3600 });
    expect((await shown(bought)).pendingUpdate?.expiresAt).toBeDefined();
    await past(bought, "drop-update");
    expect(await shown(bought)).toEqual(plain);
  });

  it.each<[string, (bought: Subscribed) => Promise<void>]>([
    [
      "is not collected for",
      (bought) => update(bought, { pause_collection: { behavior: "keep_as_draft" } }),
    ],
    ["is on a schedule", (bought) => past(bought, "schedule")],
    ["waits for an update's payment", (bought) => past(bought, "hold-update", { seconds: 3600 })],
    ["is to end in the midst of its period", async (bought) => {
      const { now } = await shop.clock();
      await update(bought, { cancel_at: now + DAY, proration_behavior: "none" });
    }],
  ])("refuses a change before any money moves where it %s", async (_how, happen) => {
    const bought = await subscribed();
    const open = await change(bought, dearer.priceId);
    const before = await money(bought);
    await happen(bought);
    expect(await refusal(shop.pay(open)))
      .toMatchObject({ status: 409, code: "subscription_changed" });
    const other = await subscribed();
    expect(await notOffered(other, dearer.priceId)).toEqual([undefined]);
    await happen(other);
    expect(await refusal(change(other, dearer.priceId)))
      .toMatchObject({ status: 409, code: "change_unavailable" });
    expect(await notOffered(other, dearer.priceId)).toEqual(["change_unavailable"]);
    expect(await money(bought)).toBe(before);
    const { amount_received: received } = await stripe.paymentIntents.retrieve(
      open.paymentIntentId ?? "",
    );
    expect(received).toBe(0);
  });
});
