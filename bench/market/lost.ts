import type { Client } from "pg";
import type Stripe from "stripe";

/**
 * How many of these paid sessions are not whole: succeeded, with one live subscription here that the same one at Stripe stands
 * for, and its grants.
 */
export async function lostOf(
  database: Client,
  stripe: Stripe,
  sessionIds: readonly string[],
): Promise<number> {
  const atStripe = new Map<string, string[]>();
  for await (const { id, status, metadata } of stripe.subscriptions.list({ limit: 100 })) {
    const of = metadata["checkout_session_id"];
    if (of === undefined || status !== "active") continue;
    atStripe.set(of, [...atStripe.get(of) ?? [], id]);
  }
  const { rows } = await database.query<{ id: string; subscription: string }>(
    `select s.id, sub.stripe_subscription_id as subscription
     from billing.checkout_sessions s
     join billing.subscriptions sub on sub.id = s.subscription_id and sub.status = 'active'
     where s.id = any ($1) and s.status = 'succeeded'
       and exists (select from billing.feature_grants g where g.subscription_id = sub.id and g.revoked_at is null)
       and (select count(*) from billing.subscriptions o where o.checkout_session_id = s.id) = 1`,
    [sessionIds],
  );
  const here = new Map(rows.map(({ id, subscription }) => [id, subscription]));
  return sessionIds.filter((id) => {
    const there = atStripe.get(id) ?? [];
    return there.length !== 1 || there[0] !== here.get(id);
  }).length;
}
