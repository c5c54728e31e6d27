import type { Client } from "pg";
import type Stripe from "stripe";
import * as z from "zod";
import { causeText } from "../../shared/runtime/cause.ts";
import { onAccount } from "../../shared/stripe/account.ts";
import { found } from "../../shared/stripe/errors.ts";
import { hasEnded, isMerchantsOwn } from "../../shared/stripe/subscriptions.ts";
import { read } from "../../shared/stripe/write.ts";
import { catchUp, type InRow } from "./catch-up.ts";
import type { Held } from "./claims.ts";
import type { Person } from "./gather.ts";
import { judge, type Judged } from "./judge.ts";
import { type Left, leftOf, type Reason } from "./left.ts";
import { isOfOne, look, type Site } from "./look.ts";
import type { Told } from "./told.ts";

const customerOutcome = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["imported", "completed", "known"]), customerId: z.uuid() }),
  z.object({ outcome: z.enum(["other_stripe_customer", "stripe_customer_taken"]) }),
]);
const subscriptionOutcome = z.object({
  outcome: z.enum(["imported", "known", "taken", "price_unknown", "already_subscribed"]),
});

/** Where people are moved to, and what is asked meanwhile. */
export interface Move extends Site {
  readonly client: Client;
  readonly stripe: Stripe;
  readonly organizationId: string;
  /** Stripe's ids of the prices in the organization's catalogue. */
  readonly prices: ReadonlySet<string>;
  /** Without it everything is done and taken back. */
  readonly apply: boolean;
}

interface Written extends Moved {
  readonly inRows: readonly InRow[];
}

/** What came of one person. */
export interface Moved {
  readonly customer: "imported" | "completed" | "known" | "left";
  readonly imported: number;
  readonly known: number;
  readonly ended: number;
  readonly left: readonly Left[];
  /** Of those that came over or are known, what the platform may follow and not touch. */
  readonly merchantsOwn: readonly Held[];
}

/**
 * Takes one person in with their subscriptions, all of it or nothing. One who cannot be is left, and holds up nobody.
 *
 * @param told by Stripe, of whom the rows do not say it
 */
export async function movePerson(
  move: Move,
  person: Person,
  told: Told | undefined,
): Promise<Moved> {
  if (told !== undefined && "reason" in told) return allLeft(person, told.reason);
  const who = { ...person, ...told };
  let written: Written;
  try {
    written = await moved(move, who);
  } catch (error) {
    if (!isOfOne(error)) throw error;
    move.ports.log.error("not taken in", { row: who.ids.join(" "), cause: causeText(error) });
    return allLeft(who, "failed");
  }
  const { inRows, ...came } = written;
  const behind = move.apply ? await catchUp(move, inRows) : [];
  return { ...came, left: [...came.left, ...behind] };
}

async function moved(move: Move, person: Person): Promise<Written> {
  const gone = await customerGone(move, person);
  if (gone !== undefined) return { ...allLeft(person, gone), inRows: [] };
  const seen = await Promise.all(person.subscriptions.map((held) => look(move, held)));
  const judged = judge(seen, person.stripeCustomerId, move.prices);
  return inTransaction(move, () => write(move, person, judged));
}

/** Everybody's reason, where a customer stays behind with all that they have. */
function allLeft(person: Person, reason: Reason): Moved {
  return {
    customer: "left",
    imported: 0,
    known: 0,
    ended: 0,
    merchantsOwn: [],
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
  { client, organizationId, account }: Move,
  person: Person,
  { fits, unfit, ended }: Judged,
): Promise<Written> {
  const { externalId, email, name, stripeCustomerId } = person;
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
    merchantsOwn: inRows
      .filter(({ atStripe }) => !hasEnded(atStripe) && isMerchantsOwn(atStripe, account))
      .map(({ id, stripeId }) => ({ id, stripeId })),
    inRows,
  };
}

/** A deleted customer's subscription that Stripe still bills, for somebody to end or to give back to its customer. */
export async function leftOfDeleted(move: Move, held: Held): Promise<readonly Left[]> {
  const { atStripe } = await look(move, held);
  return atStripe === undefined || hasEnded(atStripe) ? [] : [leftOf(held, "customer_deleted")];
}
