import { randomUUID } from "node:crypto";
import type Stripe from "stripe";
import type { CatalogueEdit, SubscriptionEdit } from "./actions.ts";
import { idOf } from "./ids.ts";
import { oneOf, outside, type Shown, type Stage } from "./stage.ts";

/** What a merchant does in Stripe's dashboard, past us. */
export class Merchant {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async editSubscription({ edit }: SubscriptionEdit, { created }: Shown): Promise<string> {
    const { shop: { stripe }, arena } = this.#stage;
    const at = created.id.slice(0, 8);
    const [row] = await arena.query<{ id: string; at_stripe: string | null }>(
      `select sub.id, sub.stripe_subscription_id as at_stripe
       from billing.checkout_sessions s
       join billing.customers c on c.organization_id = s.organization_id and c.external_id = s.external_user_id
       join billing.subscriptions sub on sub.customer_id = c.id
       left join billing.subscription_changes ch on ch.checkout_session_id = s.id
       where s.id = $1
       order by sub.id = coalesce(s.subscription_id, ch.subscription_id) desc nulls last, sub.created_at limit 1`,
      [created.id],
    );
    if (row?.at_stripe === null && edit === "cancel it") {
      await arena.query("select billing.cancel_free_subscription($1)", [row.id]);
      return at;
    }
    const id = row?.at_stripe ?? await this.#labelled(created.id);
    if (id === undefined) return `${at} has no subscription`;
    const subscription = await outside(stripe.subscriptions.retrieve(id));
    await outside(this.#edit(edit, subscription));
    return `${at} ${id}`;
  }

  /** One that is not written down yet. */
  async #labelled(sessionId: string): Promise<string | undefined> {
    const { data } = await outside(this.#stage.shop.stripe.subscriptions.list({ limit: 100 }));
    return data.find(({ metadata }) => metadata["checkout_session_id"] === sessionId)?.id;
  }

  #edit(edit: SubscriptionEdit["edit"], subscription: Stripe.Subscription): Promise<unknown> {
    const { shop: { stripe }, wares: { addOn } } = this.#stage;
    const { id, items: { data: [item] } } = subscription;
    const customer = idOf(subscription.customer);
    const quantity = item?.quantity ?? 1;
    switch (edit) {
      case "cancel it":
        return stripe.subscriptions.cancel(id);
      case "add an item":
        return stripe.subscriptionItems.create({ subscription: id, price: addOn });
      case "put another item first":
        return stripe.subscriptions.update(id, {
          items: [
            { price: addOn },
            { id: item?.id ?? "", deleted: true },
            { price: item?.price.id ?? "", quantity },
          ],
          proration_behavior: "none",
        });
      case "change the quantity":
        return stripe.subscriptionItems.update(item?.id ?? "", { quantity: quantity + 1 });
      case "remove the discount":
        return stripe.subscriptions.update(id, { discounts: "" });
      case "delete the customer":
        return stripe.customers.del(customer);
      case "credit the customer":
      case "debit the customer":
        return stripe.customers.createBalanceTransaction(customer, {
          amount: edit === "credit the customer" ? -500 : 500,
          currency: subscription.currency,
        });
      case "bill something else":
        return stripe.invoiceItems.create({ customer, amount: 300, currency: "usd" });
      case "copy the label":
        return this.#copyLabel(subscription);
    }
  }

  /** Onto a subscription of somebody else's. */
  async #copyLabel({ metadata, items }: Stripe.Subscription): Promise<void> {
    const { stripe } = this.#stage.shop;
    const { id: customer } = await stripe.customers.create({
      metadata: { customer_id: randomUUID() },
    });
    await stripe.subscriptions.create({
      customer,
      items: [{ price: items.data[0]?.price.id ?? "" }],
      trial_period_days: 30,
      metadata: { ...metadata, by_hand: "yes" },
    });
  }

  async editCatalogue({ edit, product }: CatalogueEdit): Promise<string> {
    const { shop: { stripe }, arena, wares: { products } } = this.#stage;
    const priceId = oneOf(products, product)?.priceId ?? "";
    const [row] = await arena.query<{ price: string }>(
      "select stripe_price_id as price from billing.product_prices where id = $1",
      [priceId],
    );
    const price = row?.price ?? "";
    switch (edit) {
      case "archive the price":
      case "sell the price again":
        await outside(stripe.prices.update(price, { active: edit === "sell the price again" }));
        return price;
      case "name another price": {
        const old = await outside(stripe.prices.retrieve(price));
        const { id } = await outside(stripe.prices.create({
          currency: old.currency,
          unit_amount: (old.unit_amount ?? 0) + 100,
          recurring: { interval: old.recurring?.interval ?? "month" },
          product: idOf(old.product),
        }));
        await arena.tamper("update billing.product_prices set stripe_price_id = $2 where id = $1", [
          priceId,
          id,
        ]);
        return `${price} is ${id}`;
      }
      case "delete the coupons": {
        const { data } = await outside(stripe.coupons.list({ limit: 100 }));
        for (const { id } of data) await outside(stripe.coupons.del(id));
        return `${data.length} deleted`;
      }
    }
  }
}
