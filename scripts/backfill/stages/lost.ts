import type Stripe from "stripe";
import * as z from "zod";
import { uuid } from "../../../shared/contract/primitives.ts";
import { onAccount } from "../../../shared/stripe/account.ts";
import { subscriptionFacts } from "../../../shared/stripe/facts.ts";
import { idOf } from "../../../shared/stripe/ids.ts";
import { read } from "../../../shared/stripe/write.ts";
import { checkSubscription } from "../../../shared/sync/billing.ts";
import type { Finding } from "../finding.ts";
import type { Look } from "../look.ts";

interface Labelled {
  readonly metadata: Stripe.Metadata | null;
}

const label = z.object({ checkout_session_id: uuid, organization_id: uuid });

/** The checkout and the organization that sold something, as its metadata has them (shared/domain/metadata.ts). */
export function labelled({ metadata }: Labelled) {
  const { data } = label.safeParse(metadata);
  return data &&
    { sessionId: data.checkout_session_id, organizationId: data.organization_id };
}

/** The organizations in this place that some things were sold by: several databases may sell on one account. */
export const sellersOf = (
  { rows }: Look,
  things: readonly Labelled[],
): Promise<ReadonlySet<string>> =>
  rows.organizations(things.flatMap((one) => labelled(one)?.organizationId ?? []));

const taken = z.object({ customer: z.string(), subscription: z.string().nullable() });

/**
 * A subscription of a checkout that the database has forgotten: it is taken in as one that was moved in, for the customer whom
 * Stripe's customer names. Undefined where it is none; nothing where it was never paid, of which its payment is told.
 */
export async function lost(
  look: Look,
  subscription: Stripe.Subscription,
  sellers: ReadonlySet<string>,
): Promise<readonly Finding[] | undefined> {
  const { id, status } = subscription;
  const seller = labelled(subscription);
  if (seller === undefined || !sellers.has(seller.organizationId)) return undefined;
  if (await look.ports.checkouts.locate({ sessionId: seller.sessionId }) !== null) return undefined;
  if (status === "incomplete" || status === "incomplete_expired") return [];
  look.lost.add(id).add(seller.sessionId);
  return [{
    kind: "subscription",
    stripeId: id,
    problem: "lost",
    repair: () => takeIn(look, id, seller.organizationId),
  }];
}

async function takeIn(
  { client, place, ports, stripe }: Look,
  id: string,
  organizationId: string,
): Promise<unknown> {
  const subscription = await ports.stripe.subscriptions.retrieve(id, place.account);
  const stripeCustomerId = idOf(subscription.customer);
  const customer = await read<Stripe.Customer | Stripe.DeletedCustomer>(() =>
    stripe.customers.retrieve(stripeCustomerId, {}, onAccount(place.account))
  );
  const metadata = customer.deleted === true ? {} : customer.metadata;
  const externalId = metadata["external_id"];
  if (externalId === undefined || metadata["organization_id"] !== organizationId) {
    throw new Error(`customer ${stripeCustomerId} at Stripe does not say whose it is`);
  }
  const { email, name } = customer.deleted === true ? {} : customer;
  const own = subscription.items.data.length === 1
    ? subscription.items.data[0]?.price.id
    : undefined;
  if (own === undefined) throw new Error(`subscription ${id} has several prices`);
  const facts = subscriptionFacts(subscription, { stripePriceId: own });
  const { rows: [row] } = await client.query<{ customer: string; subscription: string | null }>(
    `with come as materialized (select billing_private.import_customer($1, $2) as customer)
     select customer ->> 'outcome' as customer, case when customer ? 'customerId' then
       billing_private.import_subscription((customer ->> 'customerId')::uuid, $3) ->> 'outcome'
     end as subscription from come`,
    [
      organizationId,
      JSON.stringify({ externalId, email, name, stripeCustomerId }),
      JSON.stringify(facts),
    ],
  );
  const came = taken.parse(row);
  if (came.subscription !== "imported" && came.subscription !== "known") {
    throw new Error(`of customer ${stripeCustomerId}: ${came.subscription ?? came.customer}`);
  }
  // What happened between the reading and the row was told to nobody.
  return checkSubscription(ports, id, place.account);
}
