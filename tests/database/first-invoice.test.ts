import { describe, expect, it } from "vitest";
import { invoiceFacts, write } from "./billing.ts";
import { changesOf, done, paid, SCALE } from "./changing.ts";
import { paidSession, subscriptionsOf } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import {
  complete,
  type Connection,
  type OpenSession,
  receive,
  statusOf,
  subscriptionFacts,
} from "./support.ts";

type Row = Record<string, unknown>;

const { first, keyDigest, race } = await openRaces();
const { openChange, subscribed } = changesOf(first, keyDigest);

/** A subscription that is to be written down, with the invoice that the session's payment has paid. */
const billed = (session: OpenSession, changes: Row = {}) => {
  const facts = subscriptionFacts();
  const invoice = invoiceFacts({ session, facts }, {
    paymentIntentId: session.intentId,
    billingReason: "subscription_create",
    ...changes,
  });
  return { ...facts, seenNews: 0, invoice };
};
const invoiceOf = ({ intentId }: OpenSession) =>
  first.rows<{ revision: string }>(
    "select * from billing.invoices where stripe_payment_intent_id = $1",
    [intentId],
  );
const written = async (session: OpenSession) => ({
  status: await statusOf(first, session),
  subscriptions: await subscriptionsOf(first, session),
  invoices: await invoiceOf(session),
});
const NOTHING = { status: "processing", subscriptions: [], invoices: [] };

describe("the first invoice", () => {
  it("is written down with its subscription, as Stripe has it", async () => {
    const session = await paidSession(first, keyDigest);
    const facts = billed(session);
    await complete(first, session, facts);
    const { subscription_id, customer_id } = await first.row(
      "select subscription_id, customer_id from billing.checkout_sessions where id = $1",
      [session.sessionId],
    );
    expect(await invoiceOf(session)).toMatchObject([{
      subscription_id,
      customer_id,
      stripe_invoice_id: facts.invoice["id"],
      stripe_account_id: null,
      status: "paid",
      billing_reason: "subscription_create",
      amount_due: "2900",
      amount_paid: "2900",
      amount_refunded: "0",
      revision: "1",
    }]);
  });

  it("and its subscription are not written one without the other: taken back", async () => {
    const session = await paidSession(first, keyDigest);
    await first.rows("begin");
    await complete(first, session, billed(session));
    await first.rows("rollback");
    expect(await written(session)).toEqual(NOTHING);
  });

  it("and its subscription are not written one without the other: an invoice that cannot be", async () => {
    const session = await paidSession(first, keyDigest);
    const { eventId } = await receive(first);
    await expect(first.call("complete_checkout", {
      p_session_id: session.sessionId,
      p_subscription: billed(session, { status: "unheard of" }),
      p_event_id: eventId,
    })).rejects.toMatchObject({ constraint: "invoices_status_known" });
    expect(await written(session)).toEqual(NOTHING);
    expect(
      await first.row("select status from billing.webhook_events where id = $1", [eventId]),
    ).toEqual({ status: "processing" });
  });

  it("is not written where the money goes back, nor where there is news", async () => {
    const session = await paidSession(first, keyDigest);
    await first.call("note_subscription_news", { p_session_id: session.sessionId });
    expect(await complete(first, session, billed(session))).toMatchObject({ outcome: "news" });
    await first.call("refuse_fulfillment", { p_session_id: session.sessionId });
    expect(await complete(first, session, billed(session))).toEqual({ outcome: "refund" });
    expect(await written(session)).toEqual(NOTHING);
  });

  it.each([["null", null], ["left out", undefined]])(
    "may be missing (%s)",
    async (_how, invoice) => {
      const session = await paidSession(first, keyDigest);
      const facts = { ...billed(session), invoice };
      expect(await complete(first, session, facts)).toMatchObject({ outcome: "succeeded" });
      expect(await invoiceOf(session)).toEqual([]);
    },
  );

  it("is written once, by the first of two that complete at the same instant", async () => {
    const session = await paidSession(first, keyDigest);
    const facts = billed(session);
    const completed = (changes: Row) => (connection: Connection) =>
      complete(connection, session, { ...facts, invoice: { ...facts.invoice, ...changes } });
    const ends = await race(completed({}), completed({ number: "B-2" }), "complete_checkout");
    expect(ends[1]).toEqual(ends[0]);
    expect(await invoiceOf(session)).toMatchObject([{ number: "A-0001", revision: "1" }]);
  });

  it("that was read before it was written down is read again", async () => {
    const session = await paidSession(first, keyDigest);
    const facts = billed(session);
    await complete(first, session, facts);
    const again = (seen: number) =>
      first.call("record_invoice", {
        p_seen_revision: seen,
        p_invoice: { ...facts.invoice, status: "open" },
      });
    expect(await again(0)).toEqual({ outcome: "stale" });
    expect(await again(1)).toEqual({ outcome: "recorded" });
  });

  it("of a change is written down with the change", async () => {
    const customer = await subscribed();
    const change = await openChange(customer, SCALE);
    const { plan } = await paid(change)(first);
    const invoice = invoiceFacts(customer, { paymentIntentId: change.intentId });
    await first.rows("begin");
    await done(change.sessionId, customer, plan.change.revision, { invoice })(first);
    await first.rows("rollback");
    expect(await invoiceOf(change)).toEqual([]);
    await done(change.sessionId, customer, plan.change.revision, { invoice })(first);
    expect(await invoiceOf(change)).toMatchObject([{ status: "paid" }]);
    expect(await statusOf(first, change)).toBe("succeeded");
  });
});

const charged = ({ intentId }: OpenSession, seen: number, amount: number) =>
  first.call("record_charge", {
    p_seen_revision: seen,
    p_stripe_payment_intent_id: intentId,
    p_amount_refunded: amount,
  });

describe("what went back of a checkout's payment", () => {
  it("went back of its invoice, and makes whoever is reading that read again", async () => {
    const session = await paidSession(first, keyDigest);
    const facts = billed(session);
    await complete(first, session, facts);
    await charged(session, 1, 1_000);
    expect(await invoiceOf(session)).toMatchObject([{ amount_refunded: "1000", revision: "2" }]);
    const read = { p_seen_revision: 1, p_invoice: facts.invoice };
    expect(await first.call("record_invoice", read)).toEqual({ outcome: "stale" });
    await charged(session, 2, 0);
    expect(await invoiceOf(session)).toMatchObject([{ amount_refunded: "0", revision: "3" }]);
  });

  it("told twice, or too late, leaves the invoice as it is", async () => {
    const session = await paidSession(first, keyDigest);
    await complete(first, session, billed(session));
    await charged(session, 1, 1_000);
    await charged(session, 2, 1_000);
    expect(await charged(session, 2, 2_900)).toEqual({ outcome: "stale" });
    expect(await invoiceOf(session)).toMatchObject([{ amount_refunded: "1000", revision: "2" }]);
  });

  it("leaves the invoices of other payments alone", async () => {
    const session = await paidSession(first, keyDigest);
    const facts = billed(session);
    await complete(first, session, facts);
    const renewal = invoiceFacts({ session, facts });
    await write(first, "record_invoice", renewal);
    await charged(session, 1, 2_900);
    expect(
      await first.row(
        "select amount_refunded, revision from billing.invoices where stripe_invoice_id = $1",
        [renewal["id"]],
      ),
    ).toEqual({ amount_refunded: "0", revision: "1" });
  });
});
