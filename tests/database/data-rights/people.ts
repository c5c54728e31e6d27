import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll } from "vitest";
import {
  beginArguments,
  complete,
  Connection,
  newToken,
  openDatabase,
  openShop,
  record,
  subscriptionFacts,
} from "../support.ts";

export const organization = "0b500000-0000-4000-8000-000000000001";

export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly object: object };
}

export const stripeEvent = (type: string, object: object) => ({
  id: `evt_${randomUUID()}`,
  object: "event",
  type,
  livemode: false,
  created: 1,
  api_version: "2026-10-28.endive",
  request: { id: null, idempotency_key: "key" },
  data: { object },
});

export interface Erasure {
  readonly outcome: string;
  readonly pseudonym?: string;
}

export type Customer = Awaited<ReturnType<Awaited<ReturnType<typeof openPeople>>["subscribed"]>>;

/** A database in which people buy, are exported and are erased. */
export async function openPeople() {
  const database = await openDatabase();
  const [service, owner] = await Promise.all([database.service(), database.owner()]);
  const { keyDigest } = await openShop(owner);
  // Realtime's messages are not the owner's to read.
  const auditor = new Client({ connectionString: database.superuserUrl });
  await auditor.connect();
  afterAll(() => auditor.end());

  return {
    database,
    service,
    owner,
    keyDigest,

    /** Buys and ends a subscription; `mark` stands in everything personal that a customer can give, and nowhere else. */
    subscribed: async (mark: string, user = `user ${mark}`) => {
      const tokenId = await newToken(service, keyDigest, user);
      await owner.rows(
        "update public.session_tokens set external_organization_id = $2 where id = $1",
        [tokenId, `org ${mark}`],
      );
      const { session: { id: sessionId } } = await service.call<{ session: { id: string } }>(
        "begin_checkout",
        beginArguments(tokenId, {
          p_request_hash: `hash ${mark}`,
          p_idempotency_key: `cart ${mark}`,
          p_customer_email: `${mark}@example.com`,
          p_customer_name: `Name ${mark}`,
          p_metadata: { note: mark },
          p_success_url: `https://example.com/${mark}`,
          p_cancel_url: `https://example.com/${mark}/back`,
        }),
      );
      const intentId = `pi_${sessionId}`;
      await service.call("attach_payment_intent", {
        p_session_id: sessionId,
        p_stripe_payment_intent_id: intentId,
        p_client_secret_digest: `secret of ${sessionId}`,
        p_status: "requires_payment_method",
      });
      const session = { sessionId, intentId };
      await service.call("begin_attempt", {
        p_session_id: sessionId,
        p_stripe_payment_method_id: "pm_1",
        p_intent_status: "requires_payment_method",
      });
      await record(service, session, "succeeded", { p_attempt_number: 1 });
      const subscription = `sub_${sessionId}`;
      await complete(service, session, subscriptionFacts({ id: subscription, status: "canceled" }));
      const stripeCustomer = `cus_${sessionId}`;
      await owner.rows(
        "update public.customers set stripe_customer_id = $2, metadata = $3 where external_id = $1",
        [user, stripeCustomer, { note: mark }],
      );
      return { user, tokenId, subscription, stripeCustomer, ...session };
    },

    receive: async (event: StripeEvent, account?: string): Promise<void> => {
      await service.call("receive_event", {
        p_stripe_event_id: event.id,
        p_type: event.type,
        p_livemode: false,
        p_payload: event,
        p_lease_seconds: 60,
        ...(account === undefined ? {} : { p_stripe_account_id: account }),
      });
    },

    payload: async ({ id }: StripeEvent): Promise<StripeEvent> => {
      const { payload } = await owner.row<{ payload: StripeEvent }>(
        "select payload from public.webhook_events where stripe_event_id = $1",
        [id],
      );
      return payload;
    },

    erase: (user: string, connection = service) =>
      connection.call<Erasure>("erase_customer", {
        p_organization_id: organization,
        p_external_id: user,
      }),

    exported: (user: string, organizationId = organization) =>
      service.call<object | null>("export_customer", {
        p_organization_id: organizationId,
        p_external_id: user,
      }),

    /** Every row of every table, and every message that was sent to a browser. */
    dump: async (): Promise<string> => {
      const everything = new Connection(auditor);
      const tables = await everything.rows<{ name: string }>(
        `select oid::regclass::text as name from pg_class
         where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
      );
      const rows: object[] = [];
      for (const name of [...tables.map((table) => table.name), "realtime.messages"]) {
        rows.push(...await everything.rows(`select to_jsonb(t) as row from ${name} t order by 1`));
      }
      return JSON.stringify(rows);
    },
  };
}
