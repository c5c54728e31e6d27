import type Stripe from "stripe";
import type { Snapshot } from "../../shared/contract/snapshot.ts";
import { handledEventTypes } from "../../shared/domain/event-command.ts";
import type { Shop } from "../support/shop.ts";
import type { Arena } from "./arena.ts";

export interface SessionRow {
  readonly id: string;
  readonly status: string;
  readonly intent_kind: "payment" | "setup" | "none";
  /** Of a subscription that there was: its price was to change. */
  readonly is_change: boolean;
  /** Of all seats, before discount, tax and balance. */
  readonly amount: number;
  readonly quantity: number;
  readonly stripe_price_id: string | null;
  readonly total_amount: number;
  readonly product_id: string;
  readonly stripe_intent: string | null;
  /** Where it ended, at Stripe. */
  readonly stripe_subscription_id: string | null;
  readonly subscription_id: string | null;
  readonly customer_id: string | null;
  readonly refund_reason: string | null;
  readonly refund_status: string | null;
  /** A card that was set up and is not needed: the session says why. */
  readonly released: boolean;
  /** Names what was asked by whom, where no idempotency key was given and the session can still be paid. */
  readonly open_ask: string | null;
}
export interface SubscriptionRow {
  readonly id: string;
  readonly checkout_session_id: string;
  readonly customer_id: string;
  readonly product_id: string;
  readonly stripe_subscription_id: string | null;
  readonly status: string;
  readonly stripe_price_id: string | null;
  readonly quantity: number;
  /** A dispute about its payments has taken its features. */
  readonly disputed: boolean;
  /** Grants that stand, grants that were taken back, features that the product has. */
  readonly granted: number;
  readonly revoked: number;
  readonly features: number;
}
export interface CustomerRow {
  readonly id: string;
  readonly stripe_customer_id: string | null;
}
export interface EventRow {
  readonly stripe_event_id: string;
  readonly type: string;
  readonly status: string;
  readonly last_error: string | null;
}
export interface MessageRow {
  readonly session_id: string;
  readonly payload: Snapshot;
}

/** What was seen from outside, which no row can tell. */
export interface Told {
  /** The total that create answered with for each session. */
  readonly totals: ReadonlyMap<string, number>;
  /** The sessions whose payment went back by hand when nobody was at work and nothing had come of it yet. */
  readonly givenBack: ReadonlySet<string>;
}
export const nothingTold: Told = { totals: new Map(), givenBack: new Set() };

/** All that the database and Stripe hold of one shop, as an auditor reads it. */
export interface Books {
  readonly sessions: readonly SessionRow[];
  readonly subscriptions: readonly SubscriptionRow[];
  readonly customers: readonly CustomerRow[];
  readonly events: readonly EventRow[];
  readonly messages: readonly MessageRow[];
  /** The sessions whose trial has begun. */
  readonly trials: readonly { readonly checkout_session_id: string }[];
  /** What status answers for each session. */
  readonly shown: readonly Snapshot[];
  readonly told: Told;
  readonly stripe: {
    readonly customers: readonly Stripe.Customer[];
    readonly subscriptions: readonly Stripe.Subscription[];
    readonly intents: readonly Stripe.PaymentIntent[];
    readonly setups: readonly Stripe.SetupIntent[];
    readonly refunds: readonly Stripe.Refund[];
    readonly prices: readonly Stripe.Price[];
    readonly disputes: readonly Stripe.Dispute[];
    readonly charges: readonly Stripe.Charge[];
    /** With their payments. */
    readonly invoices: readonly Stripe.Invoice[];
    readonly events: readonly Stripe.Event[];
  };
}

export async function readBooks({ query }: Arena, shop: Shop, told: Told): Promise<Books> {
  const { stripe } = shop;
  const sessions = await query<SessionRow>(SESSIONS);
  const books = {
    told,
    sessions,
    subscriptions: await query<SubscriptionRow>(SUBSCRIPTIONS),
    customers: await query<CustomerRow>("select id, stripe_customer_id from billing.customers"),
    events: await query<EventRow>(
      "select stripe_event_id, type, status, last_error from billing.webhook_events",
    ),
    messages: await query<MessageRow>(MESSAGES),
    trials: await query<Books["trials"][number]>("select checkout_session_id from billing.trials"),
    stripe: {
      customers: await all(stripe.customers.list({ limit: 100 })),
      subscriptions: await all(stripe.subscriptions.list({ status: "all", limit: 100 })),
      intents: await all(stripe.paymentIntents.list({ limit: 100 })),
      setups: await all(stripe.setupIntents.list({ limit: 100 })),
      refunds: await all(stripe.refunds.list({ limit: 100 })),
      prices: [
        ...await all(stripe.prices.list({ limit: 100 })),
        ...await all(stripe.prices.list({ active: false, limit: 100 })),
      ],
      disputes: await all(stripe.disputes.list({ limit: 100 })),
      charges: await all(stripe.charges.list({ limit: 100 })),
      invoices: await all(stripe.invoices.list({ limit: 100, expand: ["data.payments"] })),
      events: await all(stripe.events.list({ types: [...handledEventTypes], limit: 100 })),
    },
  };
  // Last, since a look at a session that is stuck would repair it.
  return { ...books, shown: await inTurn(sessions, (session) => shop.status(session)) };
}

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of pages) found.push(one);
  return found;
}

async function inTurn<In, Out>(
  list: readonly In[],
  run: (one: In) => Promise<Out>,
): Promise<Out[]> {
  const done: Out[] = [];
  for (const one of list) done.push(await run(one));
  return done;
}

const SESSIONS = `
  select s.id, s.status, s.intent_kind, s.checkout_mode = 'change' as is_change,
    s.amount::int, s.quantity::int, s.stripe_price_id, s.total_amount::int, s.product_id, s.subscription_id, s.customer_id,
    sub.stripe_subscription_id, p.stripe_payment_intent_id as stripe_intent, p.refund_reason, p.refund_status,
    p.released_at is not null as released,
    case when s.idempotency_key is null and s.expires_at > clock_timestamp()
      and s.status in ('open', 'requires_action', 'processing')
      then s.session_token_id || ' ' || s.request_hash end as open_ask
  from billing.checkout_sessions s
  left join billing.subscriptions sub on sub.id = s.subscription_id
  left join billing.payment_intents p on p.id = s.payment_intent_id order by s.created_at, s.id`;

const SUBSCRIPTIONS = `
  select sub.id, sub.checkout_session_id, sub.customer_id, sub.product_id, sub.stripe_subscription_id, sub.status,
    sub.stripe_price_id, sub.quantity::int, billing_private.is_disputed(sub) as disputed,
    (select count(*)::int from billing.feature_grants g
      where g.subscription_id = sub.id and g.customer_id = sub.customer_id and g.revoked_at is null) as granted,
    (select count(*)::int from billing.feature_grants g
      where g.subscription_id = sub.id and g.revoked_at is not null) as revoked,
    (select count(*)::int from billing.product_features f where f.product_id = sub.product_id) as features
  from billing.subscriptions sub order by sub.created_at, sub.id`;

const MESSAGES = `
  select s.id as session_id, m.payload
  from billing.checkout_sessions s
  join realtime.messages m on m.topic = 'checkout:' || s.id and m.event = 'checkout.updated'
  order by s.id, (m.payload ->> 'version')::bigint`;
