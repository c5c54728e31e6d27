import { randomBytes, randomUUID } from "node:crypto";
import { plan, type Planned } from "./fulfilling.ts";
import {
  beginArguments,
  complete,
  type Connection,
  newToken,
  nowSeconds,
  type OpenSession,
  openSession,
  record,
  subscriptionFacts,
} from "./support.ts";

type Row = Record<string, unknown>;

export const FREE = "0b500000-0000-4000-8000-0000000000b1";
export const EUROS = "0b500000-0000-4000-8000-0000000000b4";
export const SCALE = "0b500000-0000-4000-8000-0000000000b6";
export const SEATS = "0b500000-0000-4000-8000-0000000000b7";

export interface Owner {
  readonly user: string;
  readonly subscriptionId: string;
}

/** Who has a subscription at Stripe. */
export interface Customer extends Owner {
  readonly session: OpenSession;
  readonly facts: Row;
}

export interface Begun {
  readonly outcome: string;
  readonly session: { readonly id: string; readonly totalAmount: number };
}

/** A change's plan is there where Stripe knows the subscription. */
export interface PlannedChange extends Planned {
  readonly plan: Planned["plan"] & { readonly change: NonNullable<Planned["plan"]["change"]> };
}

/** What Stripe's preview of a change came to: 30.00 unless told otherwise. */
export const changePreview = (changes: Row = {}, credited = 1_000, charged = 4_000): Row => ({
  discountAmount: 0,
  taxAmount: 0,
  amountDue: Math.max(charged - credited, 0),
  itemId: "si_1",
  stripePriceId: "price_before",
  quantity: 1,
  trialing: false,
  restarts: false,
  proratedAt: nowSeconds(),
  credited,
  charged,
  ...changes,
});

export const preview = (sessionId: string, facts: Row) => (connection: Connection) =>
  connection.call<Previewed>("record_preview", { p_session_id: sessionId, p_preview: facts });

export interface Previewed {
  readonly amount: number;
  readonly discountAmount: number;
  readonly taxAmount: number;
  readonly adjustmentAmount: number;
  readonly totalAmount: number;
  readonly applicationFeeAmount: number;
  readonly intentKind: string;
  readonly previewed: boolean;
}

export async function attach(
  service: Connection,
  sessionId: string,
  kind: "pi" | "seti" = "pi",
): Promise<OpenSession> {
  const intentId = `${kind}_${randomBytes(8).toString("hex")}`;
  await service.call("attach_payment_intent", {
    p_session_id: sessionId,
    p_stripe_payment_intent_id: intentId,
    p_client_secret_digest: randomBytes(8).toString("hex"),
    p_status: "requires_payment_method",
  });
  return { sessionId, intentId };
}

/** What a customer of the shop does about a subscription. */
export function changesOf(service: Connection, keyDigest: string) {
  const subscriptionOf = async (sessionId: string) => {
    const { id } = await service.row<{ id: string }>(
      "select id from billing.subscriptions where checkout_session_id = $1",
      [sessionId],
    );
    return id;
  };
  const begin = async ({ user, subscriptionId }: Owner, priceId: string, changes: Row = {}) =>
    service.call<Begun>(
      "begin_checkout",
      beginArguments(await newToken(service, keyDigest, user), {
        p_price_id: priceId,
        p_request_hash: priceId,
        p_existing_subscription_id: subscriptionId,
        ...changes,
      }),
    );
  return {
    begin,
    subscribed: async (user: string = randomUUID(), changes: Row = {}): Promise<Customer> => {
      const session = await openSession(service, keyDigest, user, changes);
      await record(service, session, "succeeded");
      const facts = subscriptionFacts();
      await complete(service, session, facts);
      return { user, session, facts, subscriptionId: await subscriptionOf(session.sessionId) };
    },
    onFreePlan: async (): Promise<Owner> => {
      const user = randomUUID();
      const tokenId = await newToken(service, keyDigest, user);
      const { session } = await service.call<Begun>(
        "begin_checkout",
        beginArguments(tokenId, { p_price_id: FREE }),
      );
      await service.call("complete_free_checkout", {
        p_session_id: session.id,
        p_token_id: tokenId,
        p_livemode: false,
      });
      return { user, subscriptionId: await subscriptionOf(session.id) };
    },
    /** A change with its preview, of which something is due, and its intent. */
    openChange: async (customer: Owner, priceId: string): Promise<OpenSession> => {
      const { session: { id } } = await begin(customer, priceId);
      await preview(id, changePreview())(service);
      return attach(service, id);
    },
    /** A change with nothing due, as its owner confirms it. */
    openDowngrade: async (customer: Owner, priceId: string) => {
      const tokenId = await newToken(service, keyDigest, customer.user);
      const { session: { id } } = await begin(customer, priceId);
      await preview(id, changePreview({}, 4_000, 1_000))(service);
      return { p_session_id: id, p_token_id: tokenId, p_livemode: false };
    },
  };
}

export const paid = (session: OpenSession, facts: Row = {}) => plan<PlannedChange>(session, facts);

/** Writes the end of a change, as read under this revision of the subscription. */
export const done =
  (sessionId: string, { facts }: Customer, seenRevision: number, changes: Row = {}) =>
  (connection: Connection) =>
    connection.call("complete_checkout", {
      p_session_id: sessionId,
      p_subscription: { ...facts, seenRevision, ...changes },
    });

/** Writes what Stripe says of a subscription, as read under this revision. */
export const synced =
  ({ facts }: Customer, seenRevision: number | string, changes: Row = {}) =>
  (connection: Connection) =>
    connection.call("record_subscription", {
      p_seen_revision: seenRevision,
      p_subscription: { ...facts, ...changes },
    });

export const subscriptionRow = (service: Connection, { subscriptionId }: Owner) =>
  service.row<{ price_id: string; revision: string; status: string }>(
    "select price_id, revision, status from billing.subscriptions where id = $1",
    [subscriptionId],
  );

export async function featuresOf(service: Connection, { subscriptionId }: Owner) {
  const rows = await service.rows<{ key: string }>(
    `select f.key from billing.feature_grants g join billing.features f on f.id = g.feature_id
     where g.subscription_id = $1 and g.revoked_at is null order by f.key`,
    [subscriptionId],
  );
  return rows.map(({ key }) => key);
}
