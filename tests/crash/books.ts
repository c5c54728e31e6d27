import type Stripe from "stripe";
import { handledEventTypes } from "../../shared/domain/event-command.ts";
import type { SessionStatus } from "../../shared/domain/session-status.ts";
import type { Shop } from "../support/shop.ts";

export interface SessionRow {
  readonly id: string;
  readonly status: SessionStatus;
  readonly error_code: string | null;
  readonly checkout_mode: "standard" | "trial" | "free" | "change";
  readonly intent_kind: "payment" | "setup" | "none";
  readonly is_change: boolean;
  readonly total_amount: number;
  readonly stripe_intent: string | null;
  readonly stripe_subscription_id: string | null;
  readonly open_attempts: number;
  readonly grants: number;
  readonly features: number;
}

export interface SubscriptionRow {
  readonly checkout_session_id: string;
  readonly stripe_subscription_id: string | null;
  readonly status: string;
  readonly cancel_at_period_end: boolean;
  readonly stripe_price_id: string | null;
}

export interface CustomerRow {
  readonly stripe_customer_id: string | null;
}

export interface EventRow {
  readonly stripe_event_id: string;
  readonly status: string;
  readonly last_error: string | null;
}

/** All that is known of one customer, in the database and at Stripe. */
export interface Books {
  readonly sessions: readonly SessionRow[];
  readonly subscriptionRows: readonly SubscriptionRow[];
  readonly customerRows: readonly CustomerRow[];
  readonly storedEvents: readonly EventRow[];
  readonly intents: readonly (Stripe.PaymentIntent | Stripe.SetupIntent)[];
  readonly charges: readonly Stripe.Charge[];
  /** With their payments. */
  readonly invoices: readonly Stripe.Invoice[];
  readonly subscriptions: readonly Stripe.Subscription[];
  readonly customers: readonly Stripe.Customer[];
  /** Those of a type that checkout acts upon. */
  readonly events: readonly Stripe.Event[];
}

/**
 * @param since Stripe's clock when the customer first came; nobody else may have come since. A trial of who came before may end, for the
 * clock goes through weeks in a run, and is no part of these books.
 */
export async function readBooks(shop: Shop, user: string, since: number): Promise<Books> {
  const { stripe, onAccount } = shop;
  const all = { created: { gte: since }, limit: 100 };
  const [payments, setups, charges, invoices, subscriptions, customers, events] = await Promise.all(
    [
      stripe.paymentIntents.list(all, onAccount),
      stripe.setupIntents.list(all, onAccount),
      stripe.charges.list(all, onAccount),
      stripe.invoices.list({ ...all, expand: ["data.payments"] }, onAccount),
      stripe.subscriptions.list({ ...all, status: "all" }, onAccount),
      stripe.customers.list(all, onAccount),
      stripe.events.list({ ...all, types: [...handledEventTypes] }, onAccount),
    ],
  );
  const strangers = new Set<string>();
  for (const { customer } of [...payments.data, ...charges.data, ...invoices.data]) {
    if (typeof customer !== "string" || customers.data.some(({ id }) => id === customer)) continue;
    const found = await stripe.customers.retrieve(customer, {}, onAccount);
    if (!found.deleted && found.created < since) strangers.add(customer);
  }
  const own = <Row extends Pick<Stripe.Charge, "customer">>(rows: readonly Row[]) =>
    rows.filter(({ customer }) => typeof customer !== "string" || !strangers.has(customer));
  return {
    sessions: await shop.query<SessionRow>(
      `select s.id, s.status, s.error_code, s.checkout_mode, s.intent_kind,
         s.checkout_mode = 'change' as is_change, s.total_amount::int,
         (select p.stripe_payment_intent_id from billing.payment_intents p where p.id = s.payment_intent_id)
           as stripe_intent,
         (select sub.stripe_subscription_id from billing.subscriptions sub where sub.id = s.subscription_id)
           as stripe_subscription_id,
         (select count(*)::int from billing.checkout_attempts a
          where a.checkout_session_id = s.id and a.finished_at is null) as open_attempts,
         (select count(*)::int from billing.feature_grants g
          where g.subscription_id = s.subscription_id and g.revoked_at is null) as grants,
         (select count(*)::int from billing.product_features pf where pf.product_id = coalesce(
            (select sub.product_id from billing.subscriptions sub where sub.id = s.subscription_id), s.product_id
          )) as features
       from billing.checkout_sessions s where s.external_user_id = $1 order by s.created_at`,
      [user],
    ),
    subscriptionRows: await shop.query<SubscriptionRow>(
      `select sub.checkout_session_id, sub.stripe_subscription_id, sub.status, sub.cancel_at_period_end,
         pr.stripe_price_id
       from billing.subscriptions sub join billing.checkout_sessions s on s.id = sub.checkout_session_id
       join billing.product_prices pr on pr.id = sub.price_id
       where s.external_user_id = $1`,
      [user],
    ),
    customerRows: await shop.query<CustomerRow>(
      "select stripe_customer_id from billing.customers where organization_id = $1 and external_id = $2",
      [shop.organizationId, user],
    ),
    storedEvents: await shop.query<EventRow>(
      "select stripe_event_id, status, last_error from billing.webhook_events where stripe_event_id = any ($1)",
      [events.data.map(({ id }) => id)],
    ),
    intents: [...own(payments.data), ...setups.data],
    charges: own(charges.data),
    invoices: own(invoices.data),
    subscriptions: subscriptions.data,
    customers: customers.data,
    events: events.data,
  };
}
