import { randomBytes, randomUUID } from "node:crypto";
import { migrated } from "../../stack/migrate.ts";
import { MAKE_PARTITIONS } from "../../stack/realtime/partitions.ts";
import { startPostgres } from "../../stack/postgres/index.ts";
import { Connection } from "./connection.ts";

/** The demo's organization and its monthly price; supabase/seed.sql. */
export const ORGANIZATION = "0b500000-0000-4000-8000-000000000001";
const MONTHLY = "0b500000-0000-4000-8000-0000000000b2";

export interface PaidSession {
  readonly sessionId: string;
  readonly tokenId: string;
  readonly intentId: string;
}

/** A migrated database of its own server, with the calls that take a session through its life. */
export interface Books {
  readonly superuserUrl: string;
  /** As `service_role`, which the functions are. */
  readonly service: Connection;
  /** As the superuser. */
  readonly owner: Connection;
  token(): Promise<string>;
  begin(tokenId: string): Promise<string>;
  /** A session with its intent. */
  open(): Promise<PaidSession>;
  /** Records what Stripe says of a session's intent. */
  record(session: PaidSession, status: string): Promise<unknown>;
  complete(session: PaidSession): Promise<unknown>;
  receive(): Promise<unknown>;
  /** May be called again. */
  close(): Promise<void>;
}

const someId = (prefix: string) => `${prefix}_${randomBytes(12).toString("hex")}`;
const now = () => Math.floor(Date.now() / 1000);

export async function openBooks(): Promise<Books> {
  const postgres = await startPostgres({ contents: await migrated() });
  const owner = await Connection.open(postgres.superuserUrl);
  const service = await Connection.open(postgres.databaseUrl, "service_role");
  const keyDigest = randomBytes(16).toString("hex");
  // As where somebody watches: what is sent is written.
  await owner.run(MAKE_PARTITIONS);
  await owner.run(`
    update billing.product_prices set stripe_price_id = 'price_' || replace(id::text, '-', '');
    update billing.rate_limits set max_count = 1000000000;
    insert into billing.api_keys (organization_id, prefix, digest)
      values ('${ORGANIZATION}', 'sk_test_abcd', '${keyDigest}')`);
  let closed: Promise<void> | undefined;
  const closeAll = async () => {
    await service.close();
    await owner.close();
    await postgres.stop();
  };
  const books: Books = {
    superuserUrl: postgres.superuserUrl,
    service,
    owner,
    async token() {
      const tokenId = randomUUID();
      await service.call("issue_session_token", {
        p_key_digest: keyDigest,
        p_token_id: tokenId,
        p_external_user_id: randomUUID(),
        p_allowed_operations: ["checkout", "entitlements"],
        p_lifetime_seconds: 3600,
        p_livemode: false,
      });
      return tokenId;
    },
    async begin(tokenId) {
      const { session } = await service.call<{ session: { id: string } }>("begin_checkout", {
        p_token_id: tokenId,
        p_price_id: MONTHLY,
        p_request_hash: "hash",
        p_livemode: false,
        p_lifetime_seconds: 3600,
      });
      return session.id;
    },
    async open() {
      const tokenId = await books.token();
      const sessionId = await books.begin(tokenId);
      const intentId = someId("pi");
      await service.call("attach_payment_intent", {
        p_session_id: sessionId,
        p_stripe_payment_intent_id: intentId,
        p_client_secret_digest: randomBytes(16).toString("hex"),
        p_status: "requires_payment_method",
      });
      return { sessionId, tokenId, intentId };
    },
    record: ({ sessionId, intentId }, status) =>
      service.call("record_intent", {
        p_session_id: sessionId,
        p_seen_revision: 1,
        p_intent: {
          id: intentId,
          status,
          succeededAt: now(),
          chargeId: someId("ch"),
          paymentMethodId: someId("pm"),
        },
      }),
    complete: ({ sessionId }) =>
      service.call("complete_checkout", {
        p_session_id: sessionId,
        p_subscription: {
          id: someId("sub"),
          status: "active",
          currentPeriodStart: now(),
          currentPeriodEnd: now() + 30 * 86_400,
          cancelAtPeriodEnd: false,
          canceledAt: null,
          endedAt: null,
          trialEnd: null,
        },
      }),
    receive: () =>
      service.call("receive_event", {
        p_stripe_event_id: someId("evt"),
        p_type: "payment_intent.succeeded",
        p_livemode: false,
        p_payload: { id: someId("evt"), data: { object: { id: someId("pi") } } },
        p_lease_seconds: 60,
      }),
    async close() {
      closed ??= closeAll();
      await closed;
    },
  };
  return books;
}
