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
import { disputeFacts, invoiceFacts, write } from "../billing.ts";

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
        "update billing.session_tokens set external_organization_id = $2 where id = $1",
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
          p_customer_address: { country: "DE", city: `City ${mark}` },
          p_customer_tax_id: { type: "eu_vat", value: `DE ${mark}` },
          // Of one form, which not every mark has.
          p_trace_id: /^[0-9a-f]{32}$/.test(mark) ? mark : null,
        }),
      );
      // Of the form that Stripe's ids have: commands take no other.
      const id = sessionId.replaceAll("-", "");
      const intentId = `pi_${id}`;
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
      await record(service, session, "succeeded", {
        p_attempt_number: 1,
        p_intent: {
          id: intentId,
          status: "succeeded",
          chargeId: "ch_1",
          fingerprint: `fp ${mark}`,
        },
      });
      const subscription = `sub_${id}`;
      await complete(service, session, subscriptionFacts({ id: subscription, status: "canceled" }));
      const invoice = `in_${id}`;
      const facts = invoiceFacts({ session, facts: { id: subscription } }, { id: invoice });
      await write(service, "record_invoice", facts);
      const dispute = `dp_${id}`;
      await write(service, "record_dispute", disputeFacts(intentId, { id: dispute }));
      const stripeCustomer = `cus_${id}`;
      await owner.rows(
        "update billing.customers set stripe_customer_id = $2, metadata = $3 where external_id = $1",
        [user, stripeCustomer, { note: mark }],
      );
      await owner.rows(
        `insert into billing.trials (product_id, customer_id, checkout_session_id, email, fingerprint)
         select s.product_id, s.customer_id, s.id, lower(s.customer_email), $2
         from billing.checkout_sessions s where s.id = $1`,
        [sessionId, `fp ${mark}`],
      );
      return { user, tokenId, subscription, stripeCustomer, invoice, dispute, ...session };
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
        "select payload from billing.webhook_events where stripe_event_id = $1",
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
         where relnamespace = 'billing'::regnamespace and relkind = 'r' order by 1`,
      );
      const rows: object[] = [];
      for (const name of [...tables.map((table) => table.name), "realtime.messages"]) {
        rows.push(...await everything.rows(`select to_jsonb(t) as row from ${name} t order by 1`));
      }
      return JSON.stringify(rows);
    },
  };
}
