import { beforeEach, describe, expect, it } from "vitest";
import { type Bought, bought, disputeFacts, invoiceFacts, shown, write } from "./billing.ts";
import { racing } from "./races.ts";
import {
  complete,
  type Connection,
  openDatabase,
  openSession,
  openShop,
  receive,
  record,
  subscriptionFacts,
  untilBlocked,
} from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
let subscription: Bought;

beforeEach(async () => {
  subscription = await bought(service, keyDigest);
});

const race = racing({ first: service, second, observer: owner });

const writing =
  (name: "record_invoice" | "record_dispute", seen: number, facts: object, changes: object = {}) =>
  (connection: Connection) =>
    connection.call(name, {
      p_seen_revision: seen,
      [name === "record_invoice" ? "p_invoice" : "p_dispute"]: facts,
      ...changes,
    });
const invoice = (id: unknown) =>
  service.row("select * from billing.invoices where stripe_invoice_id = $1", [id]);
const eventRow = (id: string) =>
  service.row("select status, outcome from billing.webhook_events where id = $1", [id]);

describe("record_invoice", () => {
  it("keeps an invoice with its amounts, its dates and what it is for", async () => {
    const facts = invoiceFacts(subscription, { amountRefunded: 100 });
    await write(service, "record_invoice", facts);
    expect(await invoice(facts["id"])).toMatchObject({
      status: "paid",
      number: "A-0001",
      billing_reason: "subscription_cycle",
      currency: "usd",
      amount_due: "2900",
      amount_paid: "2900",
      amount_refunded: "100",
      attempt_count: 1,
      next_payment_attempt: null,
      revision: "1",
    });
  });

  it("does not write what was read before another writer came", async () => {
    const facts = invoiceFacts(subscription);
    await write(service, "record_invoice", facts);
    const old = { ...facts, status: "open", amountPaid: 0, paidAt: null };
    expect(await writing("record_invoice", 0, old)(service)).toEqual({ outcome: "stale" });
    expect(await invoice(facts["id"])).toMatchObject({ status: "paid" });
  });

  it.each([0, 1])(
    "lets one of two writers that read under revision %i write and sends the other back to read",
    async (seen) => {
      const facts = invoiceFacts(subscription);
      if (seen === 1) await write(service, "record_invoice", facts);
      const outcomes = await race(
        writing("record_invoice", seen, facts),
        writing("record_invoice", seen, { ...facts, status: "open" }),
        "record_invoice",
      );
      expect(outcomes).toEqual([{ outcome: "recorded" }, { outcome: "stale" }]);
    },
  );

  it.each([
    ["of a subscription that is not ours", { subscriptionId: "sub_foreign" }, {}],
    ["told by another account", {}, { p_stripe_account_id: "acct_foreign" }],
  ])("writes no invoice %s, and leaves the event unmarked", async (_what, changes, on) => {
    const { eventId } = await receive(service);
    const facts = invoiceFacts(subscription, changes);
    const call = writing("record_invoice", 0, facts, { ...on, p_event_id: eventId });
    expect(await call(service)).toEqual({ outcome: "unknown" });
    expect(await eventRow(eventId)).toMatchObject({ status: "processing" });
    expect(await service.call("locate_invoice", { p_stripe_invoice_id: facts["id"] }))
      .toEqual({ revision: 0, subscription: null });
  });

  it("commits with its subscription, read along, and with the mark of its event", async () => {
    const { eventId } = await receive(service);
    const along = (revision: number) =>
      writing("record_invoice", 0, invoiceFacts(subscription), {
        p_event_id: eventId,
        p_subscription: { ...subscription.facts, status: "past_due" },
        p_seen_subscription_revision: revision,
      })(service);
    const id = { p_stripe_subscription_id: subscription.facts["id"] };
    const { revision } = await service.call<{ revision: number }>("locate_subscription", id);
    expect(await along(revision - 1)).toEqual({ outcome: "stale" });
    expect(await eventRow(eventId)).toMatchObject({ status: "processing" });
    expect(await along(revision)).toEqual({ outcome: "recorded", changed: true });
    expect(await eventRow(eventId)).toEqual({ status: "processed", outcome: "applied" });
    expect(await shown(service, subscription)).toMatchObject({
      subscription: { status: "past_due" },
    });
  });

  it("commits with the mark of its event", async () => {
    const { eventId } = await receive(service);
    const facts = invoiceFacts(subscription);
    await writing("record_invoice", 0, facts, { p_event_id: eventId })(service);
    expect(await eventRow(eventId)).toEqual({ status: "processed", outcome: "applied" });
  });
});

const charge = (seen: number, amount: number) => (connection: Connection) =>
  connection.call("record_charge", {
    p_seen_revision: seen,
    p_stripe_payment_intent_id: subscription.session.intentId,
    p_amount_refunded: amount,
  });

const payment = () =>
  service.row(
    "select amount_refunded, charge_revision from billing.payment_intents where stripe_payment_intent_id = $1",
    [subscription.session.intentId],
  );

describe("record_charge", () => {
  it("keeps how much of a payment went back, and leaves subscription and features alone", async () => {
    const before = await shown(service, subscription);
    await charge(1, 2900)(service);
    expect(await payment()).toEqual({ amount_refunded: "2900", charge_revision: "2" });
    expect(await shown(service, subscription)).toEqual(before);
  });

  it("takes back what was refunded when the refund fails at the bank", async () => {
    await charge(1, 2900)(service);
    await charge(2, 0)(service);
    expect(await payment()).toMatchObject({ amount_refunded: "0" });
  });

  it("sends the second of two writers back to read", async () => {
    const outcomes = await race(charge(1, 100), charge(1, 200), "record_charge");
    expect(outcomes).toEqual([{ outcome: "recorded" }, { outcome: "stale" }]);
    expect(await payment()).toMatchObject({ amount_refunded: "100" });
  });
});

const locate = (intent: unknown, account?: string) =>
  service.call("locate_payment", {
    p_stripe_payment_intent_id: intent,
    ...(account === undefined ? {} : { p_stripe_account_id: account }),
  });

describe("locate_payment", () => {
  it("tells a checkout's payment from an invoice's, and knows neither on another account", async () => {
    const facts = invoiceFacts(subscription);
    await write(service, "record_invoice", facts);
    const { intentId } = subscription.session;
    expect(await locate(intentId)).toEqual({ kind: "checkout", revision: 1 });
    expect(await locate(facts["paymentIntentId"])).toEqual({
      kind: "invoice",
      stripeInvoiceId: facts["id"],
    });
    expect(await locate("pi_foreign")).toBeNull();
    expect(await locate(intentId, "acct_foreign")).toBeNull();
    expect(await locate(facts["paymentIntentId"], "acct_foreign")).toBeNull();
  });
});

describe("record_dispute", () => {
  it.each([0, 1])(
    "lets one of two writers that read under revision %i write and sends the other back to read",
    async (seen) => {
      const facts = disputeFacts(subscription.session.intentId);
      if (seen === 1) await write(service, "record_dispute", facts);
      const outcomes = await race(
        writing("record_dispute", seen, { ...facts, status: "won" }),
        writing("record_dispute", seen, facts),
        "record_dispute",
      );
      expect(outcomes).toEqual([{ outcome: "recorded" }, { outcome: "stale" }]);
    },
  );

  it.each([
    ["about a payment that is not ours", "pi_foreign", {}],
    ["told by another account", undefined, { p_stripe_account_id: "acct_foreign" }],
  ])("writes no dispute %s", async (_what, intent, on) => {
    const facts = disputeFacts(intent ?? subscription.session.intentId);
    expect(await writing("record_dispute", 0, facts, on)(service)).toEqual({ outcome: "unknown" });
  });

  it("that is lost before the checkout is complete leaves nothing to complete: the money is gone", async () => {
    const session = await openSession(service, keyDigest);
    await record(service, session, "succeeded");
    await write(service, "record_dispute", disputeFacts(session.intentId, { status: "lost" }));
    const facts = subscriptionFacts();
    expect(await complete(service, session, facts)).toEqual({ outcome: "refund" });
    expect(await shown(service, { session, facts })).toMatchObject({
      status: "processing",
      features: [],
    });
  });

  it("that comes while the checkout is being completed reads again, and sees its subscription", async () => {
    const session = await openSession(service, keyDigest);
    const facts = subscriptionFacts();
    await record(service, session, "succeeded");
    const lost = disputeFacts(session.intentId, { status: "lost" });
    await service.rows("begin");
    await complete(service, session, facts);
    const arriving = writing("record_dispute", 0, lost)(second);
    await untilBlocked(owner, "record_dispute");
    await service.rows("commit");
    expect(await arriving).toEqual({ outcome: "stale" });
    expect(await writing("record_dispute", 0, lost)(second)).toEqual({ outcome: "recorded" });
    expect(await shown(service, { session, facts })).toMatchObject({ features: [] });
  });
});
