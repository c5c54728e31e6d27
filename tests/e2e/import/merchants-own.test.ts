import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { openShop, refusal } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { openOldSystem } from "./old-system.ts";

// On a connected account a platform may follow every subscription, and change or cancel what it has made itself.

const shop = await openShop(stack(), { applicationFeeBps: 100 });
afterAll(() => shop.close());
const old = await openOldSystem(stack(), shop);
const pro = await old.stripePriceOf(shop.pro.priceId);
const [dearer, cheaper] = [
  await shop.sell("Crew", { amount: 9_900 }),
  await shop.sell("Solo", { amount: 900 }),
];

beforeEach(() => old.empty());

const MERCHANT = {};
const ANOTHER = { application: "ca_Another" };

/** A subscription that the merchant or another application made, taken in here. */
async function imported(maker: object) {
  const customer = await old.customer();
  const { id, stripeId } = await old.subscription(customer, pro);
  await shop.admin("POST", `/subscriptions/${stripeId}/made-by`, maker);
  const report = await old.applied();
  const token = await shop.token(customer.user);
  const { subscriptions: [shown] } = await shop.client.subscriptions(token);
  const subscriptionId = shown?.id ?? "";
  const change = (priceId: string) =>
    shop.client.create(token, { priceId, existingSubscriptionId: subscriptionId });
  const payments = async () => {
    const given = { customer: customer.stripeId };
    return (await shop.stripe.paymentIntents.list(given, shop.onAccount)).data.length;
  };
  return { id, stripeId, report, token, shown, subscriptionId, change, payments };
}

describe("a subscription that the merchant made", () => {
  it("comes over, and the report names it, and none that the platform made", async () => {
    const { id, stripeId, report, shown } = await imported(MERCHANT);
    expect(report).toMatchObject({ code: 0, left: [], merchantsOwn: [{ id, stripeId }] });
    expect(shown).toMatchObject({ status: "active", productId: shop.pro.productId });
    const { stdout } = await old.run();
    expect(stdout).toContain(`the merchant's own: subscription ${id} (${stripeId})`);
    const { stripeId: ours } = await old.subscription(await old.customer(), pro);
    expect((await old.applied()).merchantsOwn.map((one) => one.stripeId)).not.toContain(ours);
  });

  it("is offered no change, before there is an amount", async () => {
    const { change, payments, token } = await imported(MERCHANT);
    const before = await payments();
    const { products } = await shop.client.products(token);
    const codes = [dearer, cheaper].map(({ priceId }) =>
      products.flatMap(({ prices }) => prices).find(({ id }) => id === priceId)?.changes
        ?.map(({ refusal: why }) => why?.code)
    );
    expect(codes).toEqual([["change_unavailable"], ["change_unavailable"]]);
    for (const { priceId } of [dearer, cheaper]) {
      expect(await refusal(change(priceId)))
        .toMatchObject({ status: 409, code: "change_unavailable" });
    }
    expect(await payments()).toBe(before);
  });
});

describe.each([["the merchant", MERCHANT], ["another application", ANOTHER]])(
  "a subscription that %s made",
  (_who, maker) => {
    it("is neither canceled nor resumed here, which is no fault of ours", async () => {
      const { token, stripeId, subscriptionId } = await imported(maker);
      const { cancelSubscription: cancel, resumeSubscription: resume } = shop.client;
      expect(await refusal(cancel(token, subscriptionId)))
        .toMatchObject({ status: 409, code: "change_unavailable" });
      await shop.admin("POST", `/subscriptions/${stripeId}/portal-cancel`);
      await shop.idle();
      expect(await refusal(resume(token, subscriptionId)))
        .toMatchObject({ status: 409, code: "change_unavailable" });
      // It is so already.
      expect(await cancel(token, subscriptionId))
        .toMatchObject({ subscription: { cancelAtPeriodEnd: true } });
    });
  },
);

describe("a subscription that another application made", () => {
  it("is known by Stripe's refusal, with which the payment of a change goes back at once", async () => {
    const { change } = await imported(ANOTHER);
    const session = await change(dearer.priceId);
    expect(await refusal(shop.pay(session)))
      .toMatchObject({ status: 409, code: "payment_refunded" });
    await shop.idle();
    const { intent, refunds } = await shop.atStripe(session);
    expect(intent.amount_received).toBeGreaterThan(0);
    expect(refunds.map(({ amount }) => amount)).toEqual([intent.amount_received]);
  });

  it("ends a change with nothing due", async () => {
    const { token, change } = await imported(ANOTHER);
    const { id, totalAmount } = await change(cheaper.priceId);
    expect(totalAmount).toBe(0);
    expect(await refusal(shop.client.confirmFree(token, id)))
      .toMatchObject({ status: 409, code: "subscription_changed" });
  });
});
