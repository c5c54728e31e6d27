import type Stripe from "stripe";
import { type OwnShop, type Subscribed } from "../../support/own-shop.ts";
import { DAY } from "../../support/clock-stack.ts";

type Happening = (own: OwnShop, subscription: Subscribed) => Promise<unknown>;

/** Something that happens at Stripe; what Stripe refuses, because of what happened before, does not. */
export interface Fact {
  readonly name: string;
  readonly happen?: Happening;
  /** Then so much time passes. */
  readonly seconds?: number;
}

const update = (changes: Stripe.SubscriptionUpdateParams): Happening => ({ shop }, { stripeId }) =>
  shop.stripe.subscriptions.update(stripeId, changes);

const reprice =
  (product: "pro" | "team", quantity: number): Happening => async ({ shop }, { stripeId }) => {
    const { id: price } = await shop.one<{ id: string }>(
      "select stripe_price_id as id from billing.product_prices where id = $1",
      [shop[product].priceId],
    );
    const { items: { data: [item] } } = await shop.stripe.subscriptions.retrieve(stripeId);
    await shop.stripe.subscriptions.update(stripeId, {
      items: [{ id: item?.id ?? "", price, quantity }],
      proration_behavior: "none",
    });
  };

const bank = (what: "open" | "win" | "lose"): Happening => ({ shop }, { session }) =>
  shop.admin("POST", `/disputes/${session.paymentIntentId ?? ""}/${what}`, {});

export const facts: readonly Fact[] = [
  { name: "cancel at the period's end", happen: update({ cancel_at_period_end: true }) },
  { name: "go on", happen: update({ cancel_at_period_end: false }) },
  {
    name: "three changes in one second",
    async happen(own, subscription) {
      for (const quantity of [2, 3, 4]) await reprice("pro", quantity)(own, subscription);
    },
  },
  { name: "another product", happen: reprice("team", 1) },
  { name: "the first product", happen: reprice("pro", 1) },
  { name: "a card that fails", happen: (own, subscription) => own.failFromNowOn(subscription) },
  { name: "a month", seconds: 31 * DAY },
  { name: "a week", seconds: 7 * DAY },
  {
    name: "what is owed is paid",
    async happen({ shop }, { stripeId, customer }) {
      const good = await shop.stripe.paymentMethods.attach("pm_card_visa", { customer });
      await shop.stripe.subscriptions.update(stripeId, { default_payment_method: good.id });
      const { data } = await shop.stripe.invoices.list({ subscription: stripeId, status: "open" });
      for (const { id } of data) await shop.stripe.invoices.pay(id);
    },
  },
  {
    name: "a part of the first payment goes back",
    happen: ({ shop }, { session }) =>
      shop.stripe.refunds.create({ payment_intent: session.paymentIntentId ?? "", amount: 100 }),
  },
  {
    name: "a part of the last renewal goes back",
    async happen(own, subscription) {
      const { data } = await own.shop.stripe.invoices.list({
        subscription: subscription.stripeId,
        status: "paid",
        expand: ["data.payments"],
      });
      const paid = data.find(({ billing_reason: reason }) => reason === "subscription_cycle");
      const intent = paid?.payments?.data.find(({ status }) => status === "paid")?.payment
        .payment_intent;
      if (typeof intent !== "string") return;
      await own.shop.stripe.refunds.create({ payment_intent: intent, amount: 200 });
    },
  },
  { name: "a dispute", happen: bank("open") },
  { name: "a dispute won", happen: bank("win") },
  { name: "a dispute lost", happen: bank("lose") },
  {
    name: "cancel now",
    happen: ({ shop }, { stripeId }) => shop.stripe.subscriptions.cancel(stripeId),
  },
];
