import { expect } from "vitest";
import {
  type Connection,
  nowSeconds,
  type OpenSession,
  openSession,
  record,
  revision,
  statusOf,
} from "./support.ts";

type Row = Record<string, unknown>;

/** What is to be done with a paid session. */
export interface Planned {
  readonly outcome: string;
  readonly plan: {
    readonly refundReason: string | null;
    readonly totalAmount: number;
    readonly currency: string;
    readonly overdue: boolean;
    readonly news: number;
    readonly stripeProductId: string | null;
    readonly customer: {
      readonly id: string;
      readonly soughtSince: number;
      readonly stripeCustomerId: string | null;
    };
    readonly change: { readonly revision: number; readonly overdue: boolean } | null;
  };
}

/** Writes that the session's intent has succeeded, and so plans the session. */
export const plan = <T = Planned>(session: OpenSession, facts: Row = {}) =>
async (
  connection: Connection,
) =>
  connection.call<T>("record_intent", {
    p_session_id: session.sessionId,
    p_seen_revision: await revision(connection, session),
    p_intent: {
      id: session.intentId,
      status: "succeeded",
      succeededAt: nowSeconds(),
      chargeId: "ch_1",
      paymentMethodId: "pm_1",
      ...facts,
    },
  });

export async function paidSession(
  service: Connection,
  keyDigest: string,
  user?: string,
  changes: Row = {},
): Promise<OpenSession> {
  const session = await openSession(service, keyDigest, user, changes);
  await record(service, session, "succeeded");
  return session;
}

export const refuse = ({ sessionId }: OpenSession, reason?: string) => (connection: Connection) =>
  connection.call<boolean>("refuse_fulfillment", {
    p_session_id: sessionId,
    ...(reason === undefined ? {} : { p_reason: reason }),
  });

/** Since when a session is being fulfilled; null where it is not. */
export async function fulfillingSince(
  service: Connection,
  { sessionId }: OpenSession,
): Promise<Date | null> {
  const { since } = await service.row<{ since: Date | null }>(
    "select fulfilling_since as since from billing.checkout_sessions where id = $1",
    [sessionId],
  );
  return since;
}

/** Why and since when a session's payment goes back. */
export const decision = (service: Connection, { intentId }: OpenSession) =>
  service.row<{ reason: string | null; since: Date | null }>(
    `select refund_reason as reason, refunding_since as since
     from billing.payment_intents where stripe_payment_intent_id = $1`,
    [intentId],
  );

export const subscriptionsOf = (service: Connection, { sessionId }: OpenSession) =>
  service.rows("select 1 from billing.subscriptions where checkout_session_id = $1", [sessionId]);

/** Lets a session expire, whose payment then comes all the same and is being fulfilled. */
export async function payLate(
  service: Connection,
  owner: Connection,
  session: OpenSession,
): Promise<void> {
  await record(service, session, "requires_payment_method");
  await owner.rows("update billing.checkout_sessions set expires_at = now() where id = $1", [
    session.sessionId,
  ]);
  await record(service, session, "canceled");
  expect(await statusOf(service, session)).toBe("expired");
  expect(await record(service, session, "succeeded")).toMatchObject({ outcome: "fulfill" });
}
