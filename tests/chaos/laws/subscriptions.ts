import type Stripe from "stripe";
import { type Books } from "../books.ts";
import { idOf } from "../ids.ts";
import { subscriptionOf } from "../one-amount.ts";
import {
  hasCustomer,
  hasEnded,
  isByHand,
  type Laws,
  repeated,
  rowOf,
  subscriptionsAtStripe,
} from "./reading.ts";

/** Of subscriptions, customers and features. */
export const subscriptionLaws: Laws = {
  "a session has one subscription, and what was surplus has ended unpaid": (books) =>
    books.sessions.flatMap((session) => {
      const all = subscriptionsAtStripe(books, session.id);
      // One whose customer was deleted at Stripe is made again.
      const counted = all.filter((one) => !hasEnded(one) || hasCustomer(books, one));
      const paid = counted.filter((one) => !hasEnded(one) || wasPaid(books, one));
      return paid.length <= 1
        ? []
        : [`${session.id}: ${paid.map(({ id, status }) => `${id} ${status}`).join(", ")}`];
    }),

  "at rest no subscription waits for a payment, and no invoice for anybody": (books) => [
    ...books.stripe.subscriptions
      .filter(({ status }) =>
        !["active", "trialing", "canceled", "incomplete_expired"].includes(status)
      )
      .map(({ id, status, metadata }) => `${id} is ${status} (${JSON.stringify(metadata)})`),
    ...books.stripe.invoices
      .filter(({ status, customer }) =>
        status === "open" && books.stripe.customers.some(({ id }) => id === idOf(customer))
      )
      .map((one) => `${one.id} (${one.billing_reason}, ${one.amount_due}) is open`),
  ],

  "succeeded says exactly that there is a subscription, a customer and one set of grants": (
    books,
  ) =>
    books.sessions.flatMap((session) => {
      const row = rowOf(books, session);
      if (session.status !== "succeeded") {
        return row === undefined && session.subscription_id === null
          ? []
          : [`${session.id} is ${session.status} and has a subscription`];
      }
      if (row === undefined || session.subscription_id !== row.id) {
        return [`${session.id} succeeded without its subscription`];
      }
      if (session.customer_id !== row.customer_id) return [`${session.id} has another's customer`];
      const gives = ["active", "trialing", "past_due"].includes(row.status) && !row.disputed;
      return row.granted === (gives ? row.features : 0)
        ? []
        : [`${session.id}: ${row.status} with ${row.granted} grants of ${row.features}`];
    }),

  "a subscription is at Stripe what its row says, and belongs to the row's customer": (books) =>
    books.subscriptions.filter((row) => row.stripe_subscription_id !== null).flatMap((row) => {
      const found = books.stripe.subscriptions.find(({ id }) => id === row.stripe_subscription_id);
      if (found === undefined) return [`${row.stripe_subscription_id} is not at Stripe`];
      if (found.status !== row.status) return [`${found.id}: ${row.status}, ${found.status}`];
      if (hasEnded(found)) return [];
      const customer = books.customers.find(({ id }) => id === row.customer_id);
      if (found.customer !== customer?.stripe_customer_id) {
        return [`${found.id} belongs to another`];
      }
      const item = sold(found).find(({ price }) => price.id === row.stripe_price_id);
      return item !== undefined && (item.quantity ?? 1) === row.quantity ? [] : [
        `${found.id}: ${row.quantity} of ${row.stripe_price_id}, at Stripe ${
          found.items.data.map(({ price, quantity }) => `${quantity} of ${price.id}`).join(", ")
        }`,
      ];
    }),

  "a customer has at most one live subscription to a product": (books) => {
    const live = books.stripe.subscriptions.filter((one) => !hasEnded(one));
    return repeated(
      live.flatMap((one) =>
        sold(one).map(({ price }) => `${ownerOf(books, one)} ${idOf(price.product)}`)
      ),
    );
  },

  "a free session that succeeded has one row, which Stripe knows nothing of": (books) => {
    const paidFor = new Set(
      books.sessions.filter((one) => one.is_change).map((one) => one.subscription_id),
    );
    return books.sessions
      .filter((one) => one.intent_kind === "none" && !one.is_change)
      .flatMap((session) => {
        const rows = books.subscriptions.filter(({ id }) => id === session.subscription_id);
        const known = rows.filter((row) =>
          row.stripe_subscription_id !== null && !paidFor.has(row.id)
        );
        const atStripe = subscriptionsAtStripe(books, session.id).length + known.length;
        const right = rows.length === (session.status === "succeeded" ? 1 : 0) && atStripe === 0;
        return right ? [] : [`${session.id} (${session.status}) has ${rows.length} rows`];
      });
  },

  "a subscription that somebody labelled by hand lives on": (books) =>
    books.stripe.subscriptions.filter((one) => isByHand(one) && hasEnded(one)).map(({ id }) => id),

  "a trial lives only where it took its customer's names": (books) => {
    const taken = new Set(books.trials.map((row) => row.checkout_session_id));
    return books.stripe.subscriptions
      .filter((one) => one.status === "trialing" && !isByHand(one))
      .filter(({ metadata }) => !taken.has(metadata["checkout_session_id"] ?? ""))
      .map(({ id }) => id);
  },

  "a customer is one customer at Stripe": (books) =>
    repeated(books.stripe.customers.map(({ metadata }) => metadata["customer_id"] ?? "none")),
};

/** What is not an add-on of the merchant's own. */
const sold = ({ items }: Stripe.Subscription) =>
  items.data.filter(({ price }) => price.metadata["add_on"] === undefined);

const wasPaid = ({ stripe }: Books, { id }: Stripe.Subscription) =>
  stripe.invoices.some((one) =>
    subscriptionOf(one) === id && one.status === "paid" && one.amount_paid > 0
  );

function ownerOf({ stripe }: Books, { customer }: Stripe.Subscription): string {
  const found = stripe.customers.find(({ id }) => id === idOf(customer));
  return found?.metadata["customer_id"] ?? idOf(customer);
}
