import type { Client } from "pg";
import type { Account } from "../../shared/stripe/account.ts";
import type { Value } from "./finding.ts";

/** Whose rows are looked at. */
export interface Place {
  readonly account: Account;
  readonly livemode: boolean;
  /** Undefined: every organization's on the account. */
  readonly organizationId: string | undefined;
}

export interface Row {
  readonly stripeId: string;
  /** What the database keeps of it, under the names of shared/domain/facts.ts. */
  readonly facts: Readonly<Record<string, Value>>;
}

export interface SubscriptionRow extends Row {
  readonly stripeItemId: string | null;
  readonly stripePriceId: string | null;
  readonly priceId: string;
  /** The price of the catalogue that has Stripe's id by now, where that is another one. */
  readonly priceDue: string | null;
}

const seconds = (column: string) => `floor(extract(epoch from ${column}))::bigint`;

const subscriptionColumns =
  `sub.stripe_subscription_id as "stripeId", sub.stripe_item_id as "stripeItemId",
  sub.stripe_price_id as "stripePriceId", sub.price_id as "priceId", (
    select due.id from billing_private.price_at_stripe(sub, sub.stripe_price_id) due
    where due.id <> sub.price_id and not billing_private.has_product_otherwise(sub, due.product_id)
  ) as "priceDue", jsonb_build_object(
    'id', sub.stripe_subscription_id,
    'status', sub.status,
    'stripeItemId', sub.stripe_item_id,
    'stripePriceId', sub.stripe_price_id,
    'quantity', sub.quantity,
    'currentPeriodStart', ${seconds("sub.current_period_start")},
    'currentPeriodEnd', ${seconds("sub.current_period_end")},
    'cancelAtPeriodEnd', sub.cancel_at_period_end,
    'cancelAt', ${seconds("sub.cancel_at")},
    'collectionPaused', sub.collection_paused,
    'collectionResumesAt', ${seconds("sub.collection_resumes_at")},
    'pendingUpdateExpiresAt', ${seconds("sub.pending_update_expires_at")},
    'scheduled', sub.scheduled,
    'collectionMethod', sub.collection_method,
    'madeByApplication', sub.made_by_application,
    'canceledAt', ${seconds("sub.canceled_at")},
    'endedAt', ${seconds("sub.ended_at")},
    'trialEnd', ${seconds("sub.trial_end")}
  ) as facts`;

const invoiceColumns = `i.stripe_invoice_id as "stripeId", jsonb_build_object(
    'id', i.stripe_invoice_id,
    'subscriptionId', sub.stripe_subscription_id,
    'paymentIntentId', i.stripe_payment_intent_id,
    'number', i.number,
    'status', i.status,
    'billingReason', i.billing_reason,
    'currency', i.currency,
    'amountDue', i.amount_due,
    'amountPaid', i.amount_paid,
    'amountRefunded', i.amount_refunded,
    'periodStart', ${seconds("i.period_start")},
    'periodEnd', ${seconds("i.period_end")},
    'finalizedAt', ${seconds("i.finalized_at")},
    'paidAt', ${seconds("i.paid_at")},
    'attemptCount', i.attempt_count,
    'nextPaymentAttempt', ${seconds("i.next_payment_attempt")}
  ) as facts`;

const disputeColumns = `d.stripe_dispute_id as "stripeId", jsonb_build_object(
    'id', d.stripe_dispute_id,
    'chargeId', d.stripe_charge_id,
    'paymentIntentId', coalesce(p.stripe_payment_intent_id, i.stripe_payment_intent_id),
    'status', d.status,
    'reason', d.reason,
    'amount', d.amount,
    'currency', d.currency,
    'openedAt', ${seconds("d.opened_at")}
  ) as facts`;

const DISPUTES =
  `billing.disputes d left join billing.payment_intents p on p.id = d.payment_intent_id
  left join billing.invoices i on i.id = d.invoice_id`;
const INVOICES = "billing.invoices i join billing.subscriptions sub on sub.id = i.subscription_id";

/** Of a table that has no mode of its own. */
const byOrganization = (of: string) => ({
  of,
  mode: `(select o.livemode from billing.organizations o where o.id = ${of}.organization_id)`,
});

const page = (column: string, limit: number) => `order by ${column} limit ${limit}`;

/** Rows of one place, by Stripe's ids or in the order of them. */
export function rowsOf(client: Client, { account, livemode, organizationId }: Place) {
  const read = async <One extends object>(
    columns: string,
    from: string,
    /** Which row has account and organization; the mode is a subscription's or its organization's. */
    { of, mode }: { of: string; mode: string },
    where: string,
    value: unknown,
    rest = "",
  ) => {
    const { rows } = await client.query<One>(
      `select ${columns} from ${from}
       where ${of}.stripe_account_id is not distinct from $1 and ${mode} = $2
         and ($3::uuid is null or ${of}.organization_id = $3) and ${where} ${rest}`,
      [account, livemode, organizationId ?? null, value],
    );
    return rows;
  };
  const bySubscription = { of: "sub", mode: "sub.livemode" };
  return {
    subscriptions: (ids: readonly string[]) =>
      read<SubscriptionRow>(
        subscriptionColumns,
        "billing.subscriptions sub",
        bySubscription,
        "sub.stripe_subscription_id = any ($4)",
        ids,
      ),

    /** Those with which something may still happen at Stripe. */
    livingSubscriptions: (after: string, limit: number) =>
      read<SubscriptionRow>(
        subscriptionColumns,
        "billing.subscriptions sub",
        bySubscription,
        "sub.reread_at is not null and sub.stripe_subscription_id > $4",
        after,
        page("sub.stripe_subscription_id", limit),
      ),

    invoices: (ids: readonly string[]) =>
      read<Row>(invoiceColumns, INVOICES, bySubscription, "i.stripe_invoice_id = any ($4)", ids),

    openInvoices: (after: string, limit: number) =>
      read<Row>(
        invoiceColumns,
        INVOICES,
        bySubscription,
        "i.status in ('draft', 'open') and i.stripe_invoice_id > $4",
        after,
        page("i.stripe_invoice_id", limit),
      ),

    disputes: (ids: readonly string[]) =>
      read<Row>(
        disputeColumns,
        DISPUTES,
        byOrganization("d"),
        "d.stripe_dispute_id = any ($4)",
        ids,
      ),

    openDisputes: (after: string, limit: number) =>
      read<Row>(
        disputeColumns,
        DISPUTES,
        byOrganization("d"),
        "billing_private.dispute_stage(d.status) = 'open' and d.stripe_dispute_id > $4",
        after,
        page("d.stripe_dispute_id", limit),
      ),

    /** Those of some organizations that sell in this place. */
    async organizations(ids: readonly string[]): Promise<ReadonlySet<string>> {
      const { rows } = await client.query<{ id: string }>(
        `select o.id::text as id from billing.organizations o
         where o.stripe_account_id is not distinct from $1 and o.livemode = $2
           and ($3::uuid is null or o.id = $3) and o.id = any ($4::uuid[])`,
        [account, livemode, organizationId ?? null, ids],
      );
      return new Set(rows.map(({ id }) => id));
    },

    /** The payments of checkouts, and of invoices, that some intents are; others are nobody's here. */
    async payments(intents: readonly string[]) {
      const { rows } = await client.query<PaymentRow>(
        `select p.stripe_payment_intent_id as "intent", null as "invoiceId",
           p.amount_refunded::float8 as "amountRefunded"
         from billing.payment_intents p join billing.checkout_sessions s on s.id = p.checkout_session_id
         where p.stripe_payment_intent_id = any ($4) and p.stripe_account_id is not distinct from $1
           and s.livemode = $2 and ($3::uuid is null or s.organization_id = $3)
         union all
         select i.stripe_payment_intent_id, i.stripe_invoice_id, i.amount_refunded::float8
         from ${INVOICES}
         where i.stripe_payment_intent_id = any ($4) and sub.stripe_account_id is not distinct from $1
           and sub.livemode = $2 and ($3::uuid is null or sub.organization_id = $3)
           and not exists (
             select from billing.payment_intents p where p.stripe_payment_intent_id = i.stripe_payment_intent_id
           )`,
        [account, livemode, organizationId ?? null, intents],
      );
      return rows;
    },
  };
}

export interface PaymentRow {
  readonly intent: string;
  /** Null for a checkout's. */
  readonly invoiceId: string | null;
  /** Minor units. */
  readonly amountRefunded: number;
}

export type Rows = ReturnType<typeof rowsOf>;
