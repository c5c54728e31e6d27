import type { Rows } from "./connection.ts";
import type {
  AboutEvent,
  Attempt,
  Dispute,
  Grant,
  Intent,
  Invoice,
  Message,
  SessionFacts,
  Subscription,
} from "./facts.ts";

/** Of each kind beside a session: the first ones after it was opened. A subscription may live for years. */
const KEPT = 200;

export async function readSession(rows: Rows, sessionId: string): Promise<SessionFacts> {
  const [session] = await rows<
    SessionFacts["session"] & { readonly subscriptionId: string | null }
  >(
    `select s.id, coalesce(o.key, o.id::text) as organization, s.status, s.version::text as version,
       s.checkout_mode as mode, s.quantity, s.total_amount::float8 as amount, s.currency, s.error_code as "errorCode",
       s.stripe_account_id as "stripeAccountId", s.created_at as "createdAt", s.previewed_at as "previewedAt",
       s.expires_at as "expiresAt", s.fulfilling_since as "fulfillingSince", s.completed_at as "completedAt",
       s.updated_at as "updatedAt", s.repair_at as "repairAt", s.subscription_id as "subscriptionId"
     from billing.checkout_sessions s join billing.organizations o on o.id = s.organization_id where s.id = $1`,
    [sessionId],
  );
  if (session === undefined) throw new Error(`no session ${sessionId}`);
  const { subscriptionId, ...told } = session;
  const attempts = await rows<Attempt>(
    `select a.number, a.status, a.payment_intent_id as "intentId", a.error_code as "errorCode",
       a.decline_code as "declineCode", a.created_at as "createdAt", a.finished_at as "finishedAt"
     from billing.checkout_attempts a where a.checkout_session_id = $1 order by a.number limit ${KEPT}`,
    [sessionId],
  );
  const intents = await rows<Intent>(
    `select p.id, p.stripe_payment_intent_id as "stripeId", p.stripe_charge_id as "chargeId", p.status,
       p.amount::float8 as amount, p.currency, p.amount_refunded::float8 as "amountRefunded",
       p.refund_reason as "refundReason", p.stripe_refund_id as "refundId", p.refund_status as "refundStatus",
       p.refund_failures as "refundFailures", p.created_at as "createdAt", p.succeeded_at as "succeededAt",
       p.refunding_since as "refundingSince", p.refunded_at as "refundedAt", p.released_at as "releasedAt"
     from billing.payment_intents p where p.checkout_session_id = $1 order by p.created_at, p.id limit ${KEPT}`,
    [sessionId],
  );
  const [subscription] = await rows<Subscription>(
    `select sub.id, sub.stripe_subscription_id as "stripeId", sub.status,
       sub.checkout_session_id <> $1 as "isChanged", sub.created_at as "createdAt", sub.canceled_at as "canceledAt",
       sub.ended_at as "endedAt"
     from billing.subscriptions sub where sub.id = $2`,
    [sessionId, subscriptionId],
  );
  const [change] = await rows<
    { readonly claimedAt: Date | null; readonly finishedAt: Date | null }
  >(
    `select ch.claimed_at as "claimedAt", ch.finished_at as "finishedAt"
     from billing.subscription_changes ch where ch.checkout_session_id = $1`,
    [sessionId],
  );
  const grants = await rows<Grant>(
    `select f.key as feature, g.granted_at as "grantedAt", g.revoked_at as "revokedAt"
     from billing.feature_grants g join billing.features f on f.id = g.feature_id
     where g.subscription_id = $1 order by g.granted_at, f.key limit ${KEPT}`,
    [subscriptionId],
  );
  const invoices = await rows<Invoice>(
    `select i.stripe_invoice_id as "stripeId", i.status, i.billing_reason as "billingReason",
       i.amount_paid::float8 as "amountPaid", i.amount_due::float8 as "amountDue", i.currency,
       i.created_at as "createdAt"
     from billing.invoices i where i.subscription_id = $1 and i.created_at >= $2
     order by i.created_at limit ${KEPT}`,
    [subscriptionId, session.createdAt],
  );
  const disputes = await rows<Dispute>(
    `select d.stripe_dispute_id as "stripeId", d.status, d.reason, d.amount::float8 as amount, d.currency,
       d.created_at as "createdAt"
     from billing.disputes d where d.payment_intent_id = any ($1) order by d.created_at limit ${KEPT}`,
    [intents.map(({ id }) => id)],
  );
  const names = stripeNames({ intents, subscription });
  return {
    session: told,
    attempts,
    intents,
    subscription,
    change,
    grants,
    invoices,
    disputes,
    events: names.length === 0 ? [] : await readEvents(rows, session, names),
    messages: await readMessages(rows, session),
  };
}

/** What Stripe calls a session's intents, their charges and refunds, and its subscription. */
export const stripeNames = (
  { intents, subscription }: Pick<SessionFacts, "intents" | "subscription">,
): string[] =>
  [
    ...intents.flatMap(({ stripeId, chargeId, refundId }) => [stripeId, chargeId, refundId]),
    subscription?.stripeId ?? null,
  ].filter((name) => name !== null);

const readEvents = (
  rows: Rows,
  { stripeAccountId, createdAt }: SessionFacts["session"],
  names: readonly string[],
): Promise<AboutEvent[]> =>
  rows<AboutEvent>(
    `with about as materialized (
       select e.stripe_event_id as id, e.type, e.status, e.outcome, e.attempts, e.last_error as "lastError",
         e.received_at as "receivedAt", e.processed_at as "processedAt", e.next_attempt_at as "nextAttemptAt"
       from billing.webhook_events e
       where billing_private.event_about(e.payload) && $1::text[]
         and e.stripe_account_id is not distinct from $2 and e.received_at >= $3
     ) select * from about order by "receivedAt", id limit ${KEPT}`,
    [names, stripeAccountId, createdAt],
  );

/**
 * The snapshots that were broadcast: the platform keeps them for three days (https://supabase.com/blog/realtime-broadcast-replay),
 * and no other table has a session's earlier states. Their time is that at which the transaction began that sent them. Where the
 * platform does not let its table be read, there are none.
 */
async function readMessages(
  rows: Rows,
  { id, createdAt, updatedAt }: SessionFacts["session"],
): Promise<Message[]> {
  const [table] = await rows<{ readable: boolean | null }>(
    "select has_table_privilege(to_regclass('realtime.messages'), 'select') as readable",
  );
  if (table?.readable !== true) return [];
  return rows<Message>(
    `select (m.payload ->> 'version')::integer as version, m.payload ->> 'status' as status,
       m.payload #>> '{error,code}' as "errorCode", m.inserted_at::timestamptz as at
     from realtime.messages m
     where m.topic = 'checkout:' || $1 and m.extension = 'broadcast' and m.private is true
       and m.event = 'checkout.updated'
       and m.inserted_at between $2::timestamptz::timestamp - interval '1 minute'
         and $3::timestamptz::timestamp + interval '1 minute'
     order by 1 limit ${KEPT}`,
    [id, createdAt, updatedAt],
  );
}
