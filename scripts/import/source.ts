import type { Client } from "pg";
import { UsageError } from "../usage-error.ts";

/** A row of `customers`. Every field but `id` may be missing: the tables were written by many hands. */
export interface OldCustomer {
  readonly id: string;
  readonly external_id: string | null;
  readonly stripe_customer_id: string | null;
  readonly email: string | null;
  readonly name: string | null;
  /** It was deleted there, and the row kept. */
  readonly deleted: boolean;
}

/** A row of `subscriptions`. Of its status and price nothing is read: Stripe's object says both. */
export interface OldSubscription {
  readonly id: string;
  readonly customer_id: string | null;
  /** Null for a free one. */
  readonly stripe_subscription_id: string | null;
}

/** A finished checkout: what tells whose a customer is who has no external id, and that somebody paid. */
export interface OldCheckout {
  readonly id: string;
  readonly external_id: string | null;
  /** By its payment. */
  readonly customer_id: string | null;
  readonly stripe_payment_intent_id: string | null;
  /** The subscription that it brought, by any of the ways in which the tables name it. */
  readonly subscription_id: string | null;
  readonly stripe_subscription_id: string | null;
}

/** Everything of the system before that is of use here. No client secret, session token or payload is among it. */
export interface Source {
  readonly customers: readonly OldCustomer[];
  readonly subscriptions: readonly OldSubscription[];
  readonly checkouts: readonly OldCheckout[];
  /** Checkouts that may still be paid there, and until when (ISO 8601), if the tables say it. */
  readonly open: { readonly count: number; readonly until: string | null };
  readonly webhookEvents: number;
}

/** The columns without which a table is another system's. */
const required = {
  customers: ["id", "stripe_customer_id"],
  subscriptions: ["id", "customer_id", "stripe_subscription_id"],
  checkout_sessions: ["id", "completed_at"],
  payment_intents: ["id", "stripe_payment_intent_id"],
  webhook_events: ["id"],
} as const;
type Table = keyof typeof required;

/**
 * Reads the old tables as of one instant, in a transaction that can write nothing.
 *
 * @param sourceOrganization the organization there, where there are several
 * @throws UsageError where the tables are not there, or are several organizations'
 */
export async function readSource(
  client: Client,
  sourceOrganization: string | undefined,
): Promise<Source> {
  await client.query("begin isolation level repeatable read read only");
  try {
    return await readTables(client, await columnsOf(client), sourceOrganization);
  } finally {
    await client.query("rollback");
  }
}

type Columns = ReadonlyMap<string, ReadonlySet<string>>;

async function columnsOf(client: Client): Promise<Columns> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `select table_name as "table", column_name as "column" from information_schema.columns
     where table_schema = 'public' and table_name = any ($1)`,
    [Object.keys(required)],
  );
  const columns = new Map<string, Set<string>>();
  for (const { table, column } of rows) {
    columns.set(table, (columns.get(table) ?? new Set()).add(column));
  }
  for (const [table, names] of Object.entries(required)) {
    const missing = names.find((name) => columns.get(table)?.has(name) !== true);
    if (missing === undefined) continue;
    const what = columns.has(table)
      ? `no column ${missing} in public.${table}`
      : `no table public.${table}`;
    throw new UsageError(
      `--from: there is ${what}, so it is not the database of the system before; docs/moving-in.md lists what is read`,
    );
  }
  return columns;
}

async function readTables(
  client: Client,
  columns: Columns,
  sourceOrganization: string | undefined,
): Promise<Source> {
  const has = (table: Table, column: string) => columns.get(table)?.has(column) === true;
  /** A column, or null where this release of the old tables has none. */
  const of = (alias: string, table: Table, column: string) =>
    has(table, column) ? `${alias}.${column}::text` : "null::text";
  const owned = (alias: string, table: Table) =>
    has(table, "organization_id")
      ? `($1::text is null or ${alias}.organization_id::text = $1)`
      : "($1::text is null or true)";
  const rowsOf = async <Row extends object>(sql: string) =>
    (await client.query<Row>(sql, [sourceOrganization ?? null])).rows;

  if (sourceOrganization === undefined && has("customers", "organization_id")) {
    const { rows } = await client.query<{ id: string }>(
      "select distinct c.organization_id::text as id from public.customers c order by 1 limit 2",
    );
    if (rows.length > 1) {
      throw new UsageError(
        "--from-organization: the customers there are of several organizations; name one by its id",
      );
    }
  }

  const customers = await rowsOf<OldCustomer>(
    `select c.id::text, ${of("c", "customers", "external_id")} as external_id,
       nullif(c.stripe_customer_id::text, '') as stripe_customer_id, ${
      of("c", "customers", "email")
    } as email,
       ${of("c", "customers", "name")} as name,
       ${of("c", "customers", "deleted_at")} is not null as deleted
     from public.customers c where ${owned("c", "customers")} order by c.id`,
  );
  if (sourceOrganization !== undefined && customers.length === 0) {
    throw new UsageError(`--from-organization: there is no customer of ${sourceOrganization}`);
  }
  const subscriptions = await rowsOf<OldSubscription>(
    `select s.id::text, s.customer_id::text, nullif(s.stripe_subscription_id::text, '') as stripe_subscription_id
     from public.subscriptions s where ${owned("s", "subscriptions")} order by s.id`,
  );
  const byPayment = has("subscriptions", "payment_intent_id") &&
    has("checkout_sessions", "payment_intent_id");
  const payment = has("checkout_sessions", "payment_intent_id")
    ? "left join public.payment_intents p on p.id = c.payment_intent_id"
    : "left join public.payment_intents p on false";
  const checkouts = await rowsOf<OldCheckout>(
    `select c.id::text, ${of("c", "checkout_sessions", "customer_external_id")} as external_id,
       ${
      of("p", "payment_intents", "customer_id")
    } as customer_id, p.stripe_payment_intent_id::text,
       coalesce(${of("c", "checkout_sessions", "subscription_id")}, ${
      byPayment
        ? "(select min(s.id::text) from public.subscriptions s where s.payment_intent_id = c.payment_intent_id)"
        : "null"
    }) as subscription_id,
       coalesce(${of("c", "checkout_sessions", "stripe_subscription_id")}, ${
      of("p", "payment_intents", "stripe_subscription_id")
    }) as stripe_subscription_id
     from public.checkout_sessions c ${payment}
     where c.completed_at is not null and ${owned("c", "checkout_sessions")} order by c.id`,
  );
  const expiry = has("checkout_sessions", "expires_at")
    ? { until: "max(c.expires_at)", lives: "c.expires_at > now()" }
    : { until: "null::timestamptz", lives: "true" };
  const [open] = await rowsOf<{ count: number; until: Date | null }>(
    `select count(*)::integer as count, ${expiry.until} as until from public.checkout_sessions c
     where c.completed_at is null and ${expiry.lives} and ${owned("c", "checkout_sessions")}`,
  );
  // Events are of the whole system, whoever they concern.
  const { rows: [events] } = await client.query<{ count: number }>(
    "select count(*)::integer as count from public.webhook_events",
  );
  return {
    customers,
    subscriptions,
    checkouts,
    open: { count: open?.count ?? 0, until: open?.until?.toISOString() ?? null },
    webhookEvents: events?.count ?? 0,
  };
}
