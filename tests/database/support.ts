import { randomBytes, randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, afterEach } from "vitest";
import { MAKE_PARTITIONS } from "../../stack/realtime/partitions.ts";
import { cloneDatabase } from "../support/database.ts";

type Row = Record<string, unknown>;
type Outcome = Row & { readonly outcome: string };

/** One connection, as the role that the functions have on the platform. */
export class Connection {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  async rows<T extends object = Row>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.client.query<T>(sql, values)).rows;
  }

  async row<T extends object = Row>(sql: string, values: unknown[] = []): Promise<T> {
    const [first] = await this.rows<T>(sql, values);
    if (first === undefined) throw new Error(`no row: ${sql}`);
    return first;
  }

  /** Calls a function with named arguments, as PostgREST does; one without a schema is in `billing`. */
  async call<T = Outcome>(name: string, args: Row): Promise<T> {
    const names = Object.keys(args);
    const list = names.map((key, index) => `${key} => $${index + 1}`).join(", ");
    const values = names.map((key) => {
      const value = args[key];
      const isJson = typeof value === "object" && value !== null && !Array.isArray(value);
      return isJson ? JSON.stringify(value) : value;
    });
    const { result } = await this.row<{ result: T }>(
      `select ${name.includes(".") ? name : `billing.${name}`}(${list}) as result`,
      values,
    );
    return result;
  }
}

/** A cloned database with connections that are closed after the file. */
export async function openDatabase() {
  const database = await cloneDatabase();
  const clients: Client[] = [];
  // Registered after the clone's own hook and so run before it.
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
  });
  // What a failed test leaves open would hold the next one up for good, where it should fail alone. All at once, because one
  // connection may wait for another's lock.
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.query("rollback")));
  });
  const connect = async (url: string, role?: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    clients.push(client);
    if (role !== undefined) await client.query(`set role ${role}`);
    return new Connection(client);
  };
  return {
    ...database,
    /** The functions' role. */
    service: () => connect(database.databaseUrl, "service_role"),
    anon: () => connect(database.databaseUrl, "anon"),
    /** The project's owner, who may look and tamper. */
    owner: () => connect(database.databaseUrl),
  };
}

export const PRO_PRODUCT = "0b500000-0000-4000-8000-0000000000a2";
export const MONTHLY = "0b500000-0000-4000-8000-0000000000b2";
export const YEARLY = "0b500000-0000-4000-8000-0000000000b3";
export const ORGANIZATION = "0b500000-0000-4000-8000-000000000001";

/** Gives the seed's prices Stripe ids and makes a key, as connecting the catalogue does; what is sent to browsers is kept. */
export async function openShop(owner: Connection): Promise<{ readonly keyDigest: string }> {
  await owner.rows(MAKE_PARTITIONS);
  await owner.rows(
    "update billing.product_prices set stripe_price_id = 'price_' || replace(id::text, '-', '')",
  );
  const keyDigest = randomBytes(16).toString("hex");
  await owner.rows(
    "insert into billing.api_keys (organization_id, prefix, digest) values ($1, 'sk_test_abcd', $2)",
    [ORGANIZATION, keyDigest],
  );
  return { keyDigest };
}

export async function newToken(
  service: Connection,
  keyDigest: string,
  externalUserId: string = randomUUID(),
  operations: readonly string[] = ["checkout"],
): Promise<string> {
  const tokenId = randomUUID();
  await service.call("issue_session_token", {
    p_key_digest: keyDigest,
    p_token_id: tokenId,
    p_external_user_id: externalUserId,
    p_allowed_operations: operations,
    p_lifetime_seconds: 3600,
    p_livemode: false,
  });
  return tokenId;
}

export const beginArguments = (tokenId: string, changes: Row = {}): Row => ({
  p_token_id: tokenId,
  p_price_id: MONTHLY,
  p_request_hash: "hash",
  p_livemode: false,
  p_lifetime_seconds: 3600,
  ...changes,
});

export interface OpenSession {
  readonly sessionId: string;
  readonly intentId: string;
}

/** A session with its intent, ready to be paid. */
export async function openSession(
  service: Connection,
  keyDigest: string,
  externalUserId?: string,
  changes: Row = {},
): Promise<OpenSession> {
  const tokenId = await newToken(service, keyDigest, externalUserId);
  const begun = await service.call<{ session: { id: string; intentKind: string } }>(
    "begin_checkout",
    beginArguments(tokenId, changes),
  );
  const sessionId = begun.session.id;
  const kind = begun.session.intentKind === "setup" ? "seti" : "pi";
  const intentId = `${kind}_${randomBytes(8).toString("hex")}`;
  await service.call("attach_payment_intent", {
    p_session_id: sessionId,
    p_stripe_payment_intent_id: intentId,
    p_client_secret_digest: randomBytes(8).toString("hex"),
    p_status: "requires_payment_method",
  });
  return { sessionId, intentId };
}

export const nowSeconds = () => Math.floor(Date.now() / 1000);

export async function version(service: Connection, { sessionId }: OpenSession): Promise<number> {
  const { version: value } = await service.row<{ version: string }>(
    "select version from billing.checkout_sessions where id = $1",
    [sessionId],
  );
  return Number(value);
}

/** As of when what is read from Stripe now will have been read. */
export async function revision(service: Connection, { sessionId }: OpenSession): Promise<number> {
  const { revision: value } = await service.row<{ revision: string }>(
    "select intent_revision as revision from billing.checkout_sessions where id = $1",
    [sessionId],
  );
  return Number(value);
}

export async function statusOf(service: Connection, { sessionId }: OpenSession): Promise<string> {
  const { status } = await service.row<{ status: string }>(
    "select status from billing.checkout_sessions where id = $1",
    [sessionId],
  );
  return status;
}

/** Records what Stripe says of the session's intent, read under the session's present version. */
export async function record<T = Outcome>(
  service: Connection,
  session: OpenSession,
  status: string,
  changes: Row = {},
): Promise<T> {
  const succeeded = status === "succeeded"
    ? { succeededAt: nowSeconds(), chargeId: "ch_1", paymentMethodId: "pm_1" }
    : {};
  return service.call<T>("record_intent", {
    p_session_id: session.sessionId,
    p_seen_revision: await revision(service, session),
    p_intent: { id: session.intentId, status, ...succeeded },
    ...changes,
  });
}

export const subscriptionFacts = (changes: Row = {}): Row => ({
  id: `sub_${randomBytes(8).toString("hex")}`,
  status: "active",
  currentPeriodStart: nowSeconds(),
  currentPeriodEnd: nowSeconds() + 30 * 86_400,
  cancelAtPeriodEnd: false,
  canceledAt: null,
  endedAt: null,
  trialEnd: null,
  ...changes,
});

export interface Completed {
  readonly outcome: string;
  readonly snapshot?: object;
}

export const complete = (
  service: Connection,
  { sessionId }: OpenSession,
  facts = subscriptionFacts(),
) =>
  service.call<Completed>("complete_checkout", {
    p_session_id: sessionId,
    p_subscription: facts,
  });

export async function receive(
  service: Connection,
  stripeEventId = `evt_${randomBytes(8).toString("hex")}`,
  leaseSeconds = 60,
) {
  return service.call<{ outcome: string; eventId: string }>("receive_event", {
    p_stripe_event_id: stripeEventId,
    p_type: "payment_intent.succeeded",
    p_livemode: false,
    p_payload: {},
    p_lease_seconds: leaseSeconds,
  });
}

/** Resolves once another connection, or that many, waits for a lock, so that an interleaving is certain and not hoped for. */
export async function untilBlocked(
  observer: Connection,
  query: string,
  connections = 1,
): Promise<void> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    // Within a transaction, the first look would be kept: https://www.postgresql.org/docs/17/monitoring-stats.html
    await observer.rows("select pg_stat_clear_snapshot()");
    const waiting = await observer.rows(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1",
      [`%${query}%`],
    );
    if (waiting.length >= connections) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  throw new Error(`nothing came to wait in ${query}`);
}
