import { beforeEach, describe, expect, it } from "vitest";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  newToken,
  type OpenSession,
  openSession,
  record,
  revision,
  statusOf,
} from "./support.ts";

// Two real connections: the first is inside its transaction when the second arrives, so that the order is certain.

const { first, owner, keyDigest, race } = await openRaces();
let session: OpenSession;

beforeEach(async () => {
  session = await openSession(first, keyDigest);
});

const intent = (status: string, changes: object = {}) => ({
  id: session.intentId,
  status,
  ...(status === "succeeded"
    ? { succeededAt: Math.floor(Date.now() / 1000), paymentMethodId: "pm_1", chargeId: "ch_1" }
    : {}),
  ...changes,
});
const recordAt = (seen: number, facts: object) => (connection: Connection) =>
  connection.call("record_intent", {
    p_session_id: session.sessionId,
    p_seen_revision: seen,
    p_intent: facts,
  });
const refundOf = (id: string, status = "succeeded", failures = 0) => (connection: Connection) =>
  connection.call("record_refund", {
    p_session_id: session.sessionId,
    p_stripe_refund_id: id,
    p_status: status,
    p_failures: failures,
  });

const pay = ({ sessionId, intentId }: OpenSession) => async (connection: Connection) =>
  connection.call<{ plan: { customer: { id: string } } }>("record_intent", {
    p_session_id: sessionId,
    p_seen_revision: await revision(owner, { sessionId, intentId }),
    p_intent: { ...intent("succeeded"), id: intentId },
  });

describe("record_intent", () => {
  it("lets a failure that was read earlier not undo a success that is being written", async () => {
    const seen = await revision(first, session);
    const [won, lost] = await race(
      recordAt(seen, intent("succeeded")),
      recordAt(seen, intent("requires_payment_method")),
      "record_intent",
    );
    expect([won.outcome, lost.outcome]).toEqual(["fulfill", "stale"]);
    expect(await statusOf(first, session)).toBe("processing");
  });

  it("lets a success pass a failure that is being written", async () => {
    const seen = await revision(first, session);
    const [, lost] = await race(
      recordAt(seen, intent("requires_payment_method")),
      recordAt(seen, intent("succeeded")),
      "record_intent",
    );
    expect(lost.outcome).toBe("fulfill");
    expect(await statusOf(first, session)).toBe("processing");
  });

  it("makes one customer row of two first payments of one customer", async () => {
    const user = "two-at-once";
    const [one, other] = [
      await openSession(first, keyDigest, user),
      await openSession(first, keyDigest, user),
    ];
    const [won, lost] = await race(pay(one), pay(other), "record_intent");
    expect(lost.plan.customer.id).toBe(won.plan.customer.id);
  });
});

describe("begin_attempt", () => {
  it("takes no card while the payment is being written", async () => {
    const seen = await revision(first, session);
    const [, attempt] = await race(
      recordAt(seen, intent("succeeded")),
      (connection) =>
        connection.call("begin_attempt", {
          p_session_id: session.sessionId,
          p_stripe_payment_method_id: "pm_2",
          p_intent_status: "requires_payment_method",
        }),
      "begin_attempt",
    );
    expect(attempt).toEqual({ outcome: "closed" });
  });
});

describe("record_refund and refuse_fulfillment", () => {
  it("keep the first of two refunds", async () => {
    await record(first, session, "succeeded");
    await first.call("refuse_fulfillment", { p_session_id: session.sessionId });
    const [won, lost] = await race(refundOf("re_1"), refundOf("re_2"), "record_refund");
    expect(won).toMatchObject({ outcome: "refunded", moved: true });
    expect(lost).toEqual({ ...won, moved: false });
    const kept = await first.row(
      "select stripe_refund_id from billing.payment_intents where stripe_payment_intent_id = $1",
      [session.intentId],
    );
    expect(kept).toEqual({ stripe_refund_id: "re_1" });
  });

  it("let a refund that was read earlier not undo what became of it", async () => {
    await record(first, session, "succeeded");
    await first.call("refuse_fulfillment", { p_session_id: session.sessionId });
    const [won, lost] = await race(
      refundOf("re_2", "pending", 1),
      refundOf("re_1", "succeeded", 0),
      "record_refund",
    );
    expect(won).toMatchObject({ outcome: "pending" });
    expect(lost).toEqual({ ...won, moved: false });
  });

  it("cannot refuse what is being fulfilled", async () => {
    await record(first, session, "succeeded");
    const [, refused] = await race(
      (connection) => complete(connection, session),
      (connection) =>
        connection.call<boolean>("refuse_fulfillment", { p_session_id: session.sessionId }),
      "refuse_fulfillment",
    );
    expect(refused).toBe(false);
    expect(await statusOf(first, session)).toBe("succeeded");
  });

  it("cannot fulfill what is being refused", async () => {
    await record(first, session, "succeeded");
    const [, completed] = await race(
      (connection) => connection.call("refuse_fulfillment", { p_session_id: session.sessionId }),
      (connection) => complete(connection, session),
      "complete_checkout",
    );
    expect(completed).toEqual({ outcome: "refund" });
  });
});

describe("expire_bare_session", () => {
  it("ends nothing that is being given its intent", async () => {
    const token = await newToken(first, keyDigest);
    const { session: { id: sessionId } } = await first.call<{ session: { id: string } }>(
      "begin_checkout",
      beginArguments(token, { p_lifetime_seconds: 0 }),
    );
    await race(
      (connection) =>
        connection.call("attach_payment_intent", {
          p_session_id: sessionId,
          p_stripe_payment_intent_id: `pi_${sessionId}`,
          p_client_secret_digest: sessionId,
          p_status: "requires_payment_method",
        }),
      (connection) => connection.call("expire_bare_session", { p_session_id: sessionId }),
      "expire_bare_session",
    );
    expect(await statusOf(first, { sessionId, intentId: "" })).toBe("open");
  });
});

const expire = (connection: Connection) =>
  connection.call<boolean>("expire_unreachable_session", { p_session_id: session.sessionId });
const overdue = () =>
  owner.rows("update billing.checkout_sessions set expires_at = now() where id = $1", [
    session.sessionId,
  ]);

describe("expire_unreachable_session", () => {
  it("ends nothing before its expiry, and nothing that is being paid", async () => {
    expect(await expire(first)).toBe(false);
    await overdue();
    const seen = await revision(first, session);
    const [, expired] = await race(
      recordAt(seen, intent("succeeded")),
      expire,
      "expire_unreachable_session",
    );
    expect(expired).toBe(false);
    expect(await statusOf(first, session)).toBe("processing");
  });

  it("does not keep a payment that lands at the same instant from being honored", async () => {
    await overdue();
    const seen = await revision(first, session);
    const [, paid] = await race(expire, recordAt(seen, intent("succeeded")), "record_intent");
    expect(paid.outcome).toBe("fulfill");
    expect(await statusOf(first, session)).toBe("expired");
    await complete(first, session);
    expect(await statusOf(first, session)).toBe("succeeded");
  });
});

/** A session that has no intent yet, and the two calls that race for it. */
async function bareSession() {
  const tokenId = await newToken(first, keyDigest);
  const begun = await first.call<{ session: { id: string } }>(
    "begin_checkout",
    beginArguments(tokenId),
  );
  const sessionId = begun.session.id;
  return {
    sessionId,
    attach: (connection: Connection) =>
      connection.call("attach_payment_intent", {
        p_session_id: sessionId,
        p_stripe_payment_intent_id: `pi_${sessionId}`,
        p_client_secret_digest: sessionId,
        p_status: "requires_payment_method",
      }),
    cancel: (connection: Connection) =>
      connection.call("cancel_session", {
        p_session_id: sessionId,
        p_token_id: tokenId,
        p_livemode: false,
      }),
  };
}

describe("cancel_session", () => {
  it("sees the intent that is being attached, and leaves its end to Stripe", async () => {
    const { sessionId, attach, cancel } = await bareSession();
    const [attached, canceled] = await race(attach, cancel, "cancel_session");
    expect([attached.outcome, canceled.outcome]).toEqual(["attached", "in_hand"]);
    expect(canceled).toMatchObject({ located: { stripePaymentIntentId: `pi_${sessionId}` } });
    expect(await statusOf(first, { sessionId, intentId: "" })).toBe("open");
  });

  it("lets no intent be attached to a session that is being canceled", async () => {
    const { sessionId, attach, cancel } = await bareSession();
    const [canceled, attached] = await race(cancel, attach, "attach_payment_intent");
    expect([canceled.outcome, attached.outcome]).toEqual(["ended", "closed"]);
    expect(await statusOf(first, { sessionId, intentId: "" })).toBe("canceled");
  });

  it("answers the end that a session is just coming to", async () => {
    const tokenId = await newToken(first, keyDigest, "cancels-too-late");
    session = await openSession(first, keyDigest, "cancels-too-late");
    await record(first, session, "succeeded");
    const [, canceled] = await race(
      (connection) => complete(connection, session),
      (connection) =>
        connection.call("cancel_session", {
          p_session_id: session.sessionId,
          p_token_id: tokenId,
          p_livemode: false,
        }),
      "cancel_session",
    );
    expect(canceled).toMatchObject({ outcome: "ended", snapshot: { status: "succeeded" } });
  });
});

describe("forget_stripe_customer", () => {
  it("forgets an id once, and not the one that was made in its place", async () => {
    const { plan } = await record<{ plan: { customer: { id: string } } }>(
      first,
      session,
      "succeeded",
    );
    const gone = `cus_${session.intentId}`;
    await first.call("record_stripe_customer", {
      p_customer_id: plan.customer.id,
      p_stripe_customer_id: gone,
    });
    const forget = (connection: Connection) =>
      connection.call("forget_stripe_customer", { p_stripe_customer_id: gone });
    await race(forget, forget, "forget_stripe_customer");
    const row = await first.row(
      "select stripe_customer_id, stripe_generation from billing.customers where id = $1",
      [plan.customer.id],
    );
    expect(row).toEqual({ stripe_customer_id: null, stripe_generation: 2 });
  });
});
