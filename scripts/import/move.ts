import { type Client, DatabaseError } from "pg";
import type Stripe from "stripe";
import * as z from "zod";
import { uuid } from "../../shared/contract/primitives.ts";
import { causeText } from "../../shared/runtime/cause.ts";
import { CheckoutError } from "../../shared/runtime/errors.ts";
import { type Account, onAccount } from "../../shared/stripe/account.ts";
import { AccountGone, found } from "../../shared/stripe/errors.ts";
import { hasEnded } from "../../shared/stripe/subscriptions.ts";
import { read } from "../../shared/stripe/write.ts";
import { checkSubscription } from "../../shared/sync/billing.ts";
import type { SyncPorts } from "../../shared/sync/ports.ts";
import type { Held, Person } from "./gather.ts";
import type { Left, Reason } from "./left.ts";
import { type Fit, judge, type Judged, type Seen } from "./judge.ts";

const customerOutcome = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["imported", "completed", "known"]), customerId: z.uuid() }),
  z.object({ outcome: z.enum(["other_stripe_customer", "stripe_customer_taken"]) }),
]);
const subscriptionOutcome = z.object({
  outcome: z.enum(["imported", "known", "taken", "price_unknown", "already_subscribed"]),
});

/** Where people are moved to, and what is asked meanwhile. */
export interface Move {
  readonly client: Client;
  readonly stripe: Stripe;
  /** Of which Stripe is only read. */
  readonly ports: SyncPorts;
  readonly organizationId: string;
  readonly account: Account;
  /** Stripe's ids of the prices in the organization's catalogue. */
  readonly prices: ReadonlySet<string>;
  /** Without it everything is done and taken back. */
  readonly apply: boolean;
}

/** A subscription that has its row. */
interface InRow extends Fit {
  readonly isNew: boolean;
}

/** What came of one person. */
export interface Moved {
  readonly customer: "imported" | "completed" | "known" | "left";
  readonly imported: number;
  readonly known: number;
  readonly ended: number;
  readonly left: readonly Left[];
}

/** Takes one person in with their subscriptions, all of it or nothing. One who cannot be is left, and holds up nobody. */
export async function movePerson(move: Move, person: Person): Promise<Moved> {
  try {
    return await moved(move, person);
  } catch (error) {
    const isOfOne = (error instanceof CheckoutError && !(error instanceof AccountGone)) ||
      error instanceof DatabaseError;
    if (!isOfOne) throw error;
    move.ports.log.error("not taken in", { row: person.ids.join(" "), cause: causeText(error) });
    return allLeft(person, "failed");
  }
}

async function moved(move: Move, person: Person): Promise<Moved> {
  const gone = await customerGone(move, person);
  if (gone !== undefined) return allLeft(person, gone);
  const seen = await Promise.all(person.subscriptions.map((held) => look(move, held)));
  const judged = judge(seen, person.stripeCustomerId, move.prices);
  const written = await inTransaction(move, () => write(move, person, judged));
  if (move.apply) {
    for (const fit of written.inRows) if (await isBehind(move, fit)) await catchUp(move, fit);
  }
  return written;
}

/** Everybody's reason, where a customer stays behind with all that they have. */
function allLeft(person: Person, reason: Reason): Moved {
  return {
    customer: "left",
    imported: 0,
    known: 0,
    ended: 0,
    left: [
      ...person.ids.map((id): Left => ({
        kind: "customer",
        id,
        stripeId: person.stripeCustomerId,
        reason,
      })),
      ...person.subscriptions.map((held) => leftOf(held, "customer_left")),
    ],
  };
}

const leftOf = ({ id, stripeId }: Held, reason: Reason, detail?: string): Left => ({
  kind: "subscription",
  id,
  stripeId,
  reason,
  ...(detail === undefined ? {} : { detail }),
});

/** Why Stripe's customer cannot be had; one who is known here was looked at before. */
async function customerGone(
  { client, stripe, organizationId, account }: Move,
  { externalId, stripeCustomerId }: Person,
): Promise<"not_at_stripe" | "deleted_at_stripe" | undefined> {
  if (stripeCustomerId === null) return undefined;
  const { rows } = await client.query(
    `select from billing.customers c
     where c.organization_id = $1 and c.external_id = $2 and c.stripe_customer_id = $3`,
    [organizationId, externalId, stripeCustomerId],
  );
  if (rows.length > 0) return undefined;
  const customer = await found(
    read<Stripe.Customer | Stripe.DeletedCustomer>(() =>
      stripe.customers.retrieve(stripeCustomerId, {}, onAccount(account))
    ),
  );
  if (customer === undefined) return "not_at_stripe";
  return customer.deleted === true ? "deleted_at_stripe" : undefined;
}

async function look({ ports, account }: Move, held: Held): Promise<Seen> {
  const atStripe = await found(ports.stripe.subscriptions.retrieve(held.stripeId, account));
  const label = uuid.safeParse(atStripe?.metadata["checkout_session_id"]);
  const isOfCheckout = label.success &&
    await ports.checkouts.locate({ sessionId: label.data }) !== null;
  return { ...held, atStripe, isOfCheckout };
}

/** Nothing is asked of Stripe in here, so that no lock of ours waits for it. */
async function inTransaction<Result>(
  { client, apply }: Move,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query(apply ? "commit" : "rollback");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

async function write(
  { client, organizationId }: Move,
  person: Person,
  { fits, unfit, ended, stripeCustomerId }: Judged,
): Promise<Moved & { readonly inRows: readonly InRow[] }> {
  const { externalId, email, name } = person;
  const { rows: [row] } = await client.query<{ result: unknown }>(
    "select billing_private.import_customer($1, $2) as result",
    [organizationId, JSON.stringify({ externalId, email, name, stripeCustomerId })],
  );
  const customer = customerOutcome.parse(row?.result);
  if (!("customerId" in customer)) {
    return { ...allLeft(person, customer.outcome), inRows: [] };
  }
  const inRows: InRow[] = [];
  const left = unfit.map(({ reason, detail, ...held }) => leftOf(held, reason, detail));
  for (const fit of fits) {
    const { rows: [one] } = await client.query<{ result: unknown }>(
      "select billing_private.import_subscription($1, $2) as result",
      [customer.customerId, JSON.stringify(fit.facts)],
    );
    const { outcome } = subscriptionOutcome.parse(one?.result);
    if (outcome === "imported" || outcome === "known") {
      inRows.push({ ...fit, isNew: outcome === "imported" });
    } else left.push(leftOf(fit, outcome));
  }
  const imported = inRows.filter(({ isNew }) => isNew).length;
  return {
    customer: customer.outcome,
    imported,
    known: inRows.length - imported,
    ended: ended.length,
    left,
    inRows,
  };
}

/** Whether it has just come over, or did in a run that was stopped before it had read the newest invoice. */
async function isBehind({ ports }: Move, { isNew, atStripe }: InRow): Promise<boolean> {
  const { latest_invoice: invoice } = atStripe;
  if (isNew) return true;
  if (invoice === null || invoice.status === "draft") return false;
  return await ports.billing.invoiceStatus(invoice.id) !== invoice.status;
}

/**
 * Reads it once more, now that it has a row: an event that came in between found none. With the newest invoice, by which later
 * refunds, disputes and dunning are followed.
 */
const catchUp = ({ ports, account }: Move, { stripeId }: InRow) =>
  checkSubscription(ports, stripeId, account);

/** A deleted customer's subscription that Stripe still bills, for somebody to end or to give back to its customer. */
export async function leftOfDeleted(move: Move, held: Held): Promise<readonly Left[]> {
  const { atStripe } = await look(move, held);
  return atStripe === undefined || hasEnded(atStripe) ? [] : [leftOf(held, "customer_deleted")];
}
