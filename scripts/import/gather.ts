import { claims, type Held } from "./claims.ts";
import type { Left, Reason } from "./left.ts";
import type { OldCustomer, Source } from "./source.ts";

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

export interface Gathered {
  readonly people: readonly Person[];
  /** By the id of a customer at Stripe: everybody whose rows name it, as `whoIs` tells them apart, those who stay behind too. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /** Deleted customers' subscriptions: whether Stripe still bills them is to be asked. */
  readonly ofDeleted: readonly Held[];
  readonly left: readonly Left[];
}

/** As long as session tokens take (shared/contract/session-token.ts). */
const LONGEST_EXTERNAL_ID = 255;

const customerId = /^cus_\w+$/;

/** Tells people apart: by the external id, and who has none by the old row. */
export const whoIs = (id: string, externalId: string | undefined): string =>
  externalId === undefined ? `row ${id}` : `external id ${externalId}`;

/** From old rows to customers. Nothing is guessed: what the rows do not say in one way only stays behind, and why. */
export function gather(source: Source): Gathered {
  const left: Left[] = [];
  const leave = (row: OldCustomer, reason: Reason) => {
    left.push({ kind: "customer", id: row.id, stripeId: row.stripe_customer_id, reason });
  };
  const ids = externalIds(source);
  const living = source.customers.filter(({ deleted }) => !deleted);
  const known: Named[] = [];
  for (const row of living) {
    const externalId = ids.get(row.id);
    if (externalId === undefined) leave(row, "no_external_id");
    else if (externalId.length > LONGEST_EXTERNAL_ID) leave(row, "external_id_too_long");
    else if (row.stripe_customer_id !== null && !customerId.test(row.stripe_customer_id)) {
      leave(row, "malformed_id");
    } else known.push({ ...row, externalId });
  }
  const single = unambiguous(known, leave);
  const { held, ofDeleted } = claims(source, {
    whoIs: (id) => whoIs(id, ids.get(id)),
    taken: new Set(single.map(({ id }) => id)),
    left,
  });
  const named = new Map<string, Set<string>>();
  for (const { id, stripe_customer_id: stripeId } of source.customers) {
    if (stripeId === null) continue;
    named.set(stripeId, (named.get(stripeId) ?? new Set()).add(whoIs(id, ids.get(id))));
  }
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
    named,
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
