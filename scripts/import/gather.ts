import type { Left, Reason } from "./left.ts";
import type { OldCustomer, OldSubscription, Source } from "./source.ts";

/** One customer as our database will know them, with what they have. */
export interface Person {
  readonly externalId: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly stripeCustomerId: string | null;
  /** The old rows that are this customer. */
  readonly ids: readonly string[];
  readonly subscriptions: readonly Held[];
}

export interface Held {
  /** The old row's, of `subscriptions`, or of the checkout that alone names it. */
  readonly id: string;
  readonly stripeId: string;
}

export interface Gathered {
  readonly people: readonly Person[];
  /** Deleted customers' subscriptions: whether Stripe still bills them is to be asked. */
  readonly ofDeleted: readonly Held[];
  readonly left: readonly Left[];
}

/** As long as session tokens take (shared/contract/session-token.ts). */
const LONGEST_EXTERNAL_ID = 255;

const customerId = /^cus_\w+$/;
const subscriptionId = /^sub_\w+$/;

/** From old rows to customers. Nothing is guessed: what the rows do not say in one way only stays behind, and why. */
export function gather(source: Source): Gathered {
  const left: Left[] = [];
  const leave = (row: OldCustomer, reason: Reason) => {
    left.push({ kind: "customer", id: row.id, stripeId: row.stripe_customer_id, reason });
  };
  const ids = externalIds(source);
  const living = source.customers.filter(({ deleted }) => !deleted);
  const named: Named[] = [];
  for (const row of living) {
    const externalId = ids.get(row.id);
    if (externalId === undefined) leave(row, "no_external_id");
    else if (externalId.length > LONGEST_EXTERNAL_ID) leave(row, "external_id_too_long");
    else if (row.stripe_customer_id !== null && !customerId.test(row.stripe_customer_id)) {
      leave(row, "malformed_id");
    } else named.push({ ...row, externalId });
  }
  const single = unambiguous(named, leave);
  const deleted = new Set(source.customers.filter((row) => row.deleted).map(({ id }) => id));
  const { held, ofDeleted } = subscriptionsOf(source, {
    taken: new Set(single.map(({ id }) => id)),
    known: new Set(source.customers.map(({ id }) => id)),
    deleted,
    left,
  });
  const people = new Map<string, Named[]>();
  for (const row of single) {
    people.set(row.externalId, [...people.get(row.externalId) ?? [], row]);
  }
  return {
    people: [...people].map(([externalId, rows]) => ({
      externalId,
      email: rows.find(({ email }) => email !== null)?.email ?? null,
      name: rows.find(({ name }) => name !== null)?.name ?? null,
      stripeCustomerId: rows.find((row) => row.stripe_customer_id !== null)?.stripe_customer_id ??
        null,
      ids: rows.map(({ id }) => id),
      subscriptions: rows.flatMap(({ id }) => held.get(id) ?? []),
    })),
    ofDeleted,
    left,
  };
}

interface Named extends OldCustomer {
  readonly externalId: string;
}

/** By old id: the row's own external id, or the one that its finished checkouts give, where all give the same. */
function externalIds({ customers, checkouts }: Source): ReadonlyMap<string, string> {
  const given = new Map<string, Set<string>>();
  for (const { customer_id: customer, external_id: externalId } of checkouts) {
    if (customer === null || !externalId) continue;
    given.set(customer, (given.get(customer) ?? new Set()).add(externalId));
  }
  const ids = new Map<string, string>();
  for (const { id, external_id: own } of customers) {
    const told = [...given.get(id) ?? []];
    const externalId = own || (told.length === 1 ? told[0] : undefined);
    if (externalId) ids.set(id, externalId);
  }
  return ids;
}

/** Without those of whom one external id has several customers at Stripe, or one customer at Stripe several external ids. */
function unambiguous(
  rows: readonly Named[],
  leave: (row: OldCustomer, reason: Reason) => void,
): Named[] {
  const atStripe = new Map<string, Set<string>>();
  const here = new Map<string, Set<string>>();
  for (const { externalId, stripe_customer_id: stripeId } of rows) {
    if (stripeId === null) continue;
    atStripe.set(externalId, (atStripe.get(externalId) ?? new Set()).add(stripeId));
    here.set(stripeId, (here.get(stripeId) ?? new Set()).add(externalId));
  }
  return rows.filter((row) => {
    if ((atStripe.get(row.externalId)?.size ?? 0) > 1) leave(row, "external_id_twice");
    else if ((here.get(row.stripe_customer_id ?? "")?.size ?? 0) > 1) {
      leave(row, "stripe_customer_twice");
    } else return true;
    return false;
  });
}

/** Whose each subscription is, by the old id of the customer. */
function subscriptionsOf(
  { subscriptions, checkouts }: Source,
  { taken, known, deleted, left }: {
    readonly taken: ReadonlySet<string>;
    readonly known: ReadonlySet<string>;
    readonly deleted: ReadonlySet<string>;
    readonly left: Left[];
  },
) {
  const held = new Map<string, Held[]>();
  const ofDeleted: Held[] = [];
  const seen = new Set<string>();
  const take = (
    { id, customer_id: customer, stripe_subscription_id: stripeId }: OldSubscription,
  ) => {
    const leave = (reason: Reason) => {
      left.push({ kind: "subscription", id, stripeId, reason });
    };
    // A free one may have a made-up id.
    if (stripeId === null || !stripeId.startsWith("sub_")) return leave("no_stripe_id");
    if (!subscriptionId.test(stripeId)) return leave("malformed_id");
    // Of one subscription in two rows the first stands; Stripe says whose it is in any case.
    if (seen.has(stripeId)) return;
    seen.add(stripeId);
    if (customer === null || !known.has(customer)) return leave("no_customer");
    if (deleted.has(customer)) ofDeleted.push({ id, stripeId });
    else if (!taken.has(customer)) leave("customer_left");
    else held.set(customer, [...held.get(customer) ?? [], { id, stripeId }]);
  };
  for (const row of subscriptions) take(row);
  const rows = new Set(subscriptions.map(({ id }) => id));
  for (const checkout of checkouts) {
    const { id, subscription_id: row, stripe_subscription_id: stripeId } = checkout;
    if (row !== null && rows.has(row)) continue;
    if (stripeId !== null) take(checkout);
    else {left.push({
        kind: "checkout",
        id,
        stripeId: checkout.stripe_payment_intent_id,
        reason: "no_subscription",
      });}
  }
  return { held, ofDeleted };
}
