import { randomBytes } from "node:crypto";
import {
  complete,
  type Connection,
  nowSeconds,
  type OpenSession,
  openSession,
  record,
  subscriptionFacts,
} from "./support.ts";

type Row = Record<string, unknown>;

export const DAY = 86_400;
export const ORGANIZATION = "0b500000-0000-4000-8000-000000000001";

/** A subscription that was bought, with what Stripe said of it last. */
export interface Bought {
  readonly session: OpenSession;
  readonly facts: Row;
}

export async function bought(
  service: Connection,
  keyDigest: string,
  changes: Row = {},
  externalUserId?: string,
): Promise<Bought> {
  const session = await openSession(service, keyDigest, externalUserId);
  const facts = subscriptionFacts(changes);
  await record(service, session, "succeeded");
  await complete(service, session, facts);
  return { session, facts };
}

/** Writes the subscription with these changes, as read under its present revision. */
export async function sync(service: Connection, { facts }: Bought, changes: Row = {}) {
  const { revision } = await service.call<{ revision: number }>("locate_subscription", {
    p_stripe_subscription_id: facts["id"],
  });
  return service.call("record_subscription", {
    p_seen_revision: revision,
    p_subscription: { ...facts, ...changes },
  });
}

/** A paid renewal unless told otherwise. */
export const invoiceFacts = ({ facts }: Bought, changes: Row = {}): Row => ({
  id: `in_${randomBytes(8).toString("hex")}`,
  subscriptionId: facts["id"],
  paymentIntentId: `pi_${randomBytes(8).toString("hex")}`,
  number: "A-0001",
  status: "paid",
  billingReason: "subscription_cycle",
  currency: "usd",
  amountDue: 2900,
  amountPaid: 2900,
  amountRefunded: 0,
  periodStart: nowSeconds(),
  periodEnd: nowSeconds() + 30 * DAY,
  finalizedAt: nowSeconds(),
  paidAt: nowSeconds() + 1,
  attemptCount: 1,
  nextPaymentAttempt: null,
  ...changes,
});

/** A renewal that was tried in vain. */
export const owedInvoice = (subscription: Bought, changes: Row = {}): Row =>
  invoiceFacts(subscription, { status: "open", amountPaid: 0, paidAt: null, ...changes });

export const disputeFacts = (paymentIntentId: unknown, changes: Row = {}): Row => ({
  id: `dp_${randomBytes(8).toString("hex")}`,
  chargeId: `ch_${randomBytes(8).toString("hex")}`,
  paymentIntentId,
  status: "needs_response",
  reason: "fraudulent",
  amount: 2900,
  currency: "usd",
  openedAt: nowSeconds(),
  ...changes,
});

/** Writes an invoice or a dispute as read under its present revision. */
export async function write(
  service: Connection,
  name: "record_invoice" | "record_dispute",
  facts: Row,
) {
  if (name === "record_dispute") {
    const seen = { p_stripe_dispute_id: facts["id"] };
    return service.call(name, {
      p_seen_revision: await service.call<string>("dispute_revision", seen),
      p_dispute: facts,
    });
  }
  const { revision } = await service.call<{ revision: number }>("locate_invoice", {
    p_stripe_invoice_id: facts["id"],
  });
  return service.call(name, { p_seen_revision: revision, p_invoice: facts });
}

/** The snapshot of a session, as its listeners have it. */
export async function shown(service: Connection, { session }: Bought) {
  const { snapshot } = await service.call<{ snapshot: { version: number; features: string[] } }>(
    "read_checkout",
    { p_session_id: session.sessionId },
  );
  return snapshot;
}
