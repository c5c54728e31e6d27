import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { disputeFacts, write } from "./billing.ts";
import { changesOf, paid, SCALE } from "./changing.ts";
import { decision, fulfillingSince, plan } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import {
  complete,
  type Connection,
  type OpenSession,
  openSession,
  record,
  YEARLY,
} from "./support.ts";

const { first, owner, keyDigest, race } = await openRaces();
const { openChange, subscribed } = changesOf(first, keyDigest);
const PRICE = 2900;
let session: OpenSession;

beforeEach(async () => {
  session = await openSession(first, keyDigest);
});

const refunded = (amount: number) => (connection: Connection) =>
  connection.call("record_charge", {
    p_seen_revision: 1,
    p_stripe_payment_intent_id: session.intentId,
    p_amount_refunded: amount,
  });
const dispute = (status: string, amount: number) => () =>
  write(first, "record_dispute", disputeFacts(session.intentId, { status, amount }));
const RETURNED = { outcome: "refund", plan: { refundReason: "money_returned" } };
const FULFIL = { outcome: "fulfill", plan: { refundReason: null } };

type Fact = () => Promise<unknown>;
const full: [string, number, Fact[]][] = [
  ["by what Stripe says", PRICE, []],
  ["by more than all that Stripe says", PRICE + 1, []],
  ["by our row", 0, [() => refunded(PRICE)(first)]],
  ["by a lost dispute", 0, [dispute("lost", PRICE)]],
  ["by two lost disputes", 0, [dispute("lost", 1450), dispute("lost", 1450)]],
  ["by our row and a lost dispute", 0, [() => refunded(1900)(first), dispute("lost", 1000)]],
];
const part: [string, number, Fact[]][] = [
  ["nothing", 0, []],
  ["all but one by what Stripe says", PRICE - 1, []],
  ["all but one by our row", 0, [() => refunded(PRICE - 1)(first)]],
  ["all but one by a lost dispute", 0, [dispute("lost", PRICE - 1)]],
  ["all but one by both", 0, [() => refunded(1899)(first), dispute("lost", 1000)]],
  ["the same part twice told", 1900, [() => refunded(1900)(first)]],
  ["what an open dispute holds", 0, [dispute("needs_response", PRICE)]],
  ["what a dispute held that was won", 0, [dispute("won", PRICE)]],
];

describe("a payment of which everything went back", () => {
  it.each(full)("is not fulfilled: %s", async (_how, amountReturned, facts) => {
    for (const fact of facts) await fact();
    expect(await plan(session, { amountReturned })(first)).toMatchObject(RETURNED);
    expect(await fulfillingSince(first, session)).toBeNull();
    expect(await complete(first, session)).toEqual({ outcome: "refund" });
  });

  it.each(full)("is not fulfilled any more: %s", async (_how, amountReturned, facts) => {
    expect(await plan(session)(first)).toMatchObject(FULFIL);
    for (const fact of facts) await fact();
    expect(await plan(session, { amountReturned })(first)).toMatchObject(RETURNED);
    expect(await fulfillingSince(first, session)).toBeNull();
    expect(await complete(first, session)).toEqual({ outcome: "refund" });
  });

  it("is seen where that is written at the same instant", async () => {
    const [, planned] = await race(refunded(PRICE), plan(session), "record_intent");
    expect(planned).toMatchObject(RETURNED);
  });

  it("stays one that goes back when its refund fails at the bank", async () => {
    await plan(session, { amountReturned: PRICE })(first);
    expect(await plan(session, { amountReturned: 0 })(first)).toMatchObject(RETURNED);
    expect(await decision(first, session)).toMatchObject({ reason: "money_returned" });
  });

  it("leaves the product to the next payment", async () => {
    const user = randomUUID();
    session = await openSession(first, keyDigest, user);
    const next = await openSession(first, keyDigest, user);
    await plan(session)(first);
    await plan(session, { amountReturned: PRICE })(first);
    expect(await plan(next)(first)).toMatchObject(FULFIL);
  });

  it("says to its customer that the order was not completed", async () => {
    await plan(session, { amountReturned: PRICE })(first);
    const ended = await first.call("record_refund", {
      p_session_id: session.sessionId,
      p_stripe_refund_id: "re_1",
      p_status: "succeeded",
      p_failures: 0,
    });
    expect(ended).toMatchObject({
      outcome: "refunded",
      snapshot: {
        status: "failed",
        error: { message: "Your order was not completed. Your payment has been refunded." },
      },
    });
  });
});

describe("a payment of which a part went back", () => {
  it.each(part)("is fulfilled: %s", async (_what, amountReturned, facts) => {
    for (const fact of facts) await fact();
    expect(await plan(session, { amountReturned })(first)).toMatchObject(FULFIL);
    expect(await complete(first, session)).toMatchObject({ outcome: "succeeded" });
  });
});

describe("a set-up, for which nothing was charged", () => {
  it("has not gone back", async () => {
    const trial = await openSession(first, keyDigest, randomUUID(), { p_price_id: SCALE });
    const planned = await plan(trial, { fingerprint: randomUUID(), amountReturned: 0 })(first);
    expect(planned).toMatchObject(FULFIL);
    expect(await record(first, trial, "succeeded")).toMatchObject(FULFIL);
  });
});

describe("a change of which all the money went back", () => {
  it("is not decided", async () => {
    const change = await openChange(await subscribed(), SCALE);
    expect(await paid(change, { amountReturned: 3_000 })(first)).toMatchObject(RETURNED);
    expect(
      await owner.row(
        "select claimed_at from billing.subscription_changes where checkout_session_id = $1",
        [change.sessionId],
      ),
    ).toEqual({ claimed_at: null });
  });

  it("leaves the subscription to the next change, also where it had been decided", async () => {
    const customer = await subscribed();
    const [change, next] = [await openChange(customer, SCALE), await openChange(customer, YEARLY)];
    expect(await paid(change)(first)).toMatchObject(FULFIL);
    expect(await paid(change, { amountReturned: 3_000 })(first)).toMatchObject(RETURNED);
    expect(await paid(next)(first)).toMatchObject(FULFIL);
  });
});
