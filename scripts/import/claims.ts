import type { Left, Reason } from "./left.ts";
import type { OldSubscription, Source } from "./source.ts";

export interface Held {
  /** The old row's, of `subscriptions`, or of the checkout that alone names it. */
  readonly id: string;
  readonly stripeId: string;
}

const subscriptionId = /^sub_\w+$/;

/**
 * Whose each subscription is, by the old id of the customer. Every row that names it is heard: where they name several people,
 * all of them stay behind.
 */
export function claims(
  { customers, subscriptions, checkouts }: Source,
  { whoIs, taken, left }: {
    /** Tells people apart, by the old id of a row. */
    readonly whoIs: (customer: string) => string;
    /** The old ids of those who come over. */
    readonly taken: ReadonlySet<string>;
    readonly left: Left[];
  },
): { readonly held: ReadonlyMap<string, readonly Held[]>; readonly ofDeleted: readonly Held[] } {
  const leave = ({ id, stripe_subscription_id: stripeId }: OldSubscription, reason: Reason) => {
    left.push({ kind: "subscription", id, stripeId, reason });
  };
  const claimed = new Map<string, OldSubscription[]>();
  const hear = (row: OldSubscription) => {
    const stripeId = row.stripe_subscription_id;
    // A free one may have a made-up id.
    if (stripeId === null || !stripeId.startsWith("sub_")) leave(row, "no_stripe_id");
    else if (!subscriptionId.test(stripeId)) leave(row, "malformed_id");
    else claimed.set(stripeId, [...claimed.get(stripeId) ?? [], row]);
  };
  for (const row of subscriptions) hear(row);
  const rows = new Set(subscriptions.map(({ id }) => id));
  for (const checkout of checkouts) {
    const { id, subscription_id: row, stripe_payment_intent_id: stripeId } = checkout;
    if (row !== null && rows.has(row)) continue;
    if (checkout.stripe_subscription_id !== null) hear(checkout);
    else left.push({ kind: "checkout", id, stripeId, reason: "no_subscription" });
  }

  const isDeleted = new Map(customers.map(({ id, deleted }) => [id, deleted]));
  const held = new Map<string, Held[]>();
  const ofDeleted: Held[] = [];
  for (const [stripeId, all] of claimed) {
    const owned = all.flatMap((row) =>
      row.customer_id === null ? [] : [{ row, customer: row.customer_id }]
    );
    const people = new Set(owned.map(({ customer }) => whoIs(customer)));
    // Of one person's rows that one counts who comes over.
    const one = owned.find(({ customer }) => taken.has(customer)) ?? owned[0];
    const deleted = one === undefined ? undefined : isDeleted.get(one.customer);
    if (people.size > 1) { for (const { row } of owned) leave(row, "subscription_twice"); }
    else if (one === undefined || deleted === undefined) {
      for (const row of all.slice(0, 1)) leave(row, "no_customer");
    } else if (deleted) ofDeleted.push({ id: one.row.id, stripeId });
    else if (!taken.has(one.customer)) leave(one.row, "customer_left");
    else {
      held.set(one.customer, [...held.get(one.customer) ?? [], { id: one.row.id, stripeId }]);
    }
  }
  return { held, ofDeleted };
}
