import { type DatabaseFacts, databaseFacts } from "../../shared/contract/health.ts";
import type { StoredEvent } from "../events/inbox.ts";
import type { Rows } from "./connection.ts";

/** What an operator looks at first. Amounts in minor units. Of a person nothing is read. */
export interface Overview {
  readonly now: Date;
  readonly facts: DatabaseFacts;
  readonly live: {
    readonly total: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly sessions: readonly LiveSession[];
  };
  readonly dead: { readonly total: number; readonly events: readonly StoredEvent[] };
  readonly refunds: {
    readonly total: number;
    readonly givenUp: number;
    readonly owed: readonly OwedRefund[];
  };
  readonly guards: readonly Guard[];
}

export interface LiveSession {
  readonly id: string;
  readonly organization: string;
  readonly status: string;
  readonly mode: string;
  readonly amount: number;
  readonly currency: string;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Paid, and not fulfilled yet. */
  readonly fulfillingSince: Date | null;
}

export interface OwedRefund {
  readonly sessionId: string;
  readonly intentId: string;
  readonly organization: string;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  /** Stripe's word of the refund, or `given_up`; null where none was made yet. */
  readonly status: string | null;
  readonly failures: number;
  readonly since: Date;
}

export interface Guard {
  readonly organization: string;
  readonly declines: number;
  readonly until: Date;
}

/** Of each list: what stands on one screen. */
const SHOWN = 12;

// Named by a subquery each: a join would be planned over all organizations where no statistics tell that there are few rows.
const organizationOf = (id: string) =>
  `(select coalesce(o.key, o.id::text) from billing.organizations o where o.id = ${id}) as organization`;

const EVENT =
  "e.stripe_event_id, e.type, e.status, e.outcome, e.attempts, e.last_error, e.received_at, e.next_attempt_at";

/** Of an event the account alone says whose it is. */
const ofAccount = `($1::uuid is null or e.stripe_account_id is not distinct from (
    select o.stripe_account_id from billing.organizations o where o.id = $1))`;

/**
 * The live sessions newest first, and what waits for a person. Each list is read by an index that holds what is live, dead or owed and
 * nothing else (law 13), and chosen before anything is looked up beside it.
 *
 * @param organization an organization's id; of events it takes those of its Stripe account
 */
export async function readOverview(rows: Rows, organization: string | null): Promise<Overview> {
  const [asked] = await rows<{ facts: unknown; now: Date }>(
    "select billing.health('') as facts, clock_timestamp() as now",
  );
  return {
    now: asked?.now ?? new Date(),
    facts: databaseFacts.parse(asked?.facts),
    live: await readLive(rows, organization),
    dead: await readDead(rows, organization),
    refunds: await readRefunds(rows, organization),
    guards: await rows<Guard>(
      `select ${organizationOf("g.organization_id")}, g.declines, g.until
       from billing.organization_guards g
       where g.until > clock_timestamp() and ($1::uuid is null or g.organization_id = $1)
       order by g.until desc limit ${SHOWN}`,
      [organization],
    ),
  };
}

async function readLive(rows: Rows, organization: string | null): Promise<Overview["live"]> {
  const live = `select s.* from billing.checkout_sessions s
    where s.status in ('open', 'requires_action', 'processing') and ($1::uuid is null or s.organization_id = $1)`;
  const counts = await rows<{ status: string; count: number }>(
    `select live.status, count(*)::integer as count from (${live}) live group by 1 order by 1`,
    [organization],
  );
  const sessions = await rows<LiveSession>(
    `with live as materialized (
       select l.id, l.organization_id, l.status, l.checkout_mode, l.total_amount, l.currency, l.created_at, l.expires_at,
         l.fulfilling_since
       from (${live}) l
     ), newest as materialized (select * from live order by created_at desc, id limit ${SHOWN})
     select n.id, ${
      organizationOf("n.organization_id")
    }, n.status, n.checkout_mode as mode, n.total_amount::float8 as amount,
       n.currency, n.created_at as "createdAt", n.expires_at as "expiresAt", n.fulfilling_since as "fulfillingSince",
       (select count(*)::integer from billing.checkout_attempts a where a.checkout_session_id = n.id) as attempts
     from newest n order by n.created_at desc, n.id`,
    [organization],
  );
  return {
    total: counts.reduce((sum, { count }) => sum + count, 0),
    byStatus: Object.fromEntries(counts.map(({ status, count }) => [status, count])),
    sessions,
  };
}

/** Events that were given up on, newest first. */
export async function readDead(
  rows: Rows,
  organization: string | null,
  limit = SHOWN,
): Promise<Overview["dead"]> {
  const dead = `from billing.webhook_events e where e.status = 'dead' and ${ofAccount}`;
  const [counted] = await rows<{ total: number }>(`select count(*)::integer as total ${dead}`, [
    organization,
  ]);
  const events = await rows<StoredEvent>(
    `select ${EVENT} ${dead} order by e.received_at desc limit $2`,
    [organization, limit],
  );
  return { total: counted?.total ?? 0, events };
}

/** Events that wait to be worked, the one that is due first at the top. */
export const readWaiting = (
  rows: Rows,
  organization: string | null,
  limit: number,
): Promise<StoredEvent[]> =>
  rows<StoredEvent>(
    `select ${EVENT} from billing.webhook_events e where e.status in ('received', 'processing') and ${ofAccount}
     order by e.next_attempt_at limit $2`,
    [organization, limit],
  );

async function readRefunds(rows: Rows, organization: string | null): Promise<Overview["refunds"]> {
  const owing = `from billing.payment_intents p
    where p.refund_reason is not null and p.released_at is null and p.refund_status is distinct from 'succeeded'
      and p.status = 'succeeded'
      and ($1::uuid is null or (
        select s.organization_id from billing.checkout_sessions s where s.id = p.checkout_session_id) = $1)`;
  const [counted] = await rows<{ total: number; givenUp: number }>(
    `select count(*)::integer as total,
       (count(*) filter (where p.refund_status = 'given_up'))::integer as "givenUp" ${owing}`,
    [organization],
  );
  const owed = await rows<OwedRefund>(
    `with owed as materialized (
       select p.checkout_session_id, p.stripe_payment_intent_id, p.amount, p.currency, p.refund_reason, p.refund_status,
         p.refund_failures, p.refunding_since ${owing}
       order by p.refund_status = 'given_up' desc nulls last, p.refunding_since limit ${SHOWN}
     )
     select w.checkout_session_id as "sessionId", w.stripe_payment_intent_id as "intentId", ${
      organizationOf(
        "(select s.organization_id from billing.checkout_sessions s where s.id = w.checkout_session_id)",
      )
    }, w.amount::float8 as amount, w.currency, w.refund_reason as reason, w.refund_status as status,
       w.refund_failures as failures, w.refunding_since as since
     from owed w`,
    [organization],
  );
  return { total: counted?.total ?? 0, givenUp: counted?.givenUp ?? 0, owed };
}
