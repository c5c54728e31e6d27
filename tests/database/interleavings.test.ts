import { readdir, readFile } from "node:fs/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { racing } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  newToken,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  receive,
  record,
  revision,
  statusOf,
  subscriptionFacts,
  untilBlocked,
} from "./support.ts";

// Two real connections: the first is inside its transaction when the second arrives, so that the order is certain.

const database = await openDatabase();
const [first, second, owner, observer] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
const race = racing({ first, second, observer });
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
const recordAt = (seen: number, facts: object, eventId?: string) => (connection: Connection) =>
  connection.call("record_intent", {
    p_session_id: session.sessionId,
    p_seen_revision: seen,
    p_intent: facts,
    ...(eventId === undefined ? {} : { p_event_id: eventId }),
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

const event = (id: string) =>
  first.row("select status, attempts from billing.webhook_events where id = $1", [id]);

const finish = (eventId: string) => (connection: Connection) =>
  connection.call("finish_event", { p_event_id: eventId, p_outcome: "applied" });

const fail = (eventId: string) => (connection: Connection) =>
  connection.call("fail_event", { p_event_id: eventId, p_error: "x", p_max_attempts: 5 });

const prune = (connection: Connection) =>
  connection.call<{ events: number }>("prune", { p_limit: 100, p_days: 35 });

const replay = (connection: Connection) =>
  connection.call<boolean>("replay_event", { p_stripe_event_id: "evt_worked" });

describe("the inbox", () => {
  it("keeps an event processed whose second worker fails at the same instant", async () => {
    const { eventId } = await receive(first);
    await race(finish(eventId), fail(eventId), "fail_event");
    expect(await event(eventId)).toMatchObject({ status: "processed" });
  });

  it("commits a mark with its effect although the lease went to another meanwhile", async () => {
    const { eventId } = await receive(first, undefined, -1);
    const seen = await revision(first, session);
    await race(
      recordAt(seen, intent("processing"), eventId),
      (connection) =>
        connection.call("claim_events", { p_limit: 10, p_lease_seconds: 60 })
          .then(() => finish(eventId)(connection)),
      "finish_event",
    );
    expect(await event(eventId)).toMatchObject({ status: "processed" });
  });

  it("does not replay an event that is being worked on, at the same instant or later", async () => {
    const { eventId } = await receive(first, "evt_worked");
    await first.rows("begin");
    await fail(eventId)(first);
    expect(await replay(second)).toBe(false);
    await first.rows("commit");
    expect(await replay(second)).toBe(true);
    await receive(first, "evt_worked");
    expect(await replay(second)).toBe(false);
  });

  it("is pruned by two runs at once without one waiting for the other", async () => {
    const { eventId } = await receive(first);
    await first.call("finish_event", { p_event_id: eventId, p_outcome: "ignored" });
    await owner.rows("update billing.webhook_events set received_at = now() - interval '60 days'");
    await first.rows("begin");
    const one = await prune(first);
    const other = await prune(second);
    await first.rows("commit");
    expect(one.events).toBeGreaterThan(0);
    expect(other.events).toBe(0);
  });
});

describe("session tokens", () => {
  it("open nothing once they are being revoked", async () => {
    const tokenId = await newToken(first, keyDigest);
    const [, begun] = await race(
      (connection) =>
        connection.call("revoke_session_token", {
          p_key_digest: keyDigest,
          p_token_id: tokenId,
          p_livemode: false,
        }),
      (connection) => connection.call("begin_checkout", beginArguments(tokenId)),
      "begin_checkout",
    );
    expect(begun).toEqual({ outcome: "unauthorized" });
  });

  it("are issued by no key that is being revoked", async () => {
    await owner.rows("begin");
    await owner.rows("update billing.api_keys set revoked_at = now() where digest = $1", [
      keyDigest,
    ]);
    const issuing = newToken(second, keyDigest);
    try {
      await untilBlocked(observer, "issue_session_token");
    } finally {
      await owner.rows("commit");
    }
    const tokenId = await issuing;
    const tokens = await first.rows("select 1 from billing.session_tokens where id = $1", [
      tokenId,
    ]);
    expect(tokens).toEqual([]);
    await owner.rows("update billing.api_keys set revoked_at = null where digest = $1", [
      keyDigest,
    ]);
  });
});

const advance = (to: number) => (connection: Connection) =>
  connection.call("advance_account", {
    p_stripe_account_id: "",
    p_livemode: false,
    p_events_until: to,
  });

describe("cursors", () => {
  it("only go forward, whichever run writes last", async () => {
    await owner.rows("update billing.stripe_cursors set events_until = now() - interval '1 day'");
    const ahead = Math.floor(Date.now() / 1000) - 10_000;
    await race(advance(ahead), advance(ahead - 500), "advance_account");
    const { until } = await first.row<{ until: string }>(
      "select extract(epoch from events_until)::bigint as until from billing.stripe_cursors where stripe_account_id = ''",
    );
    expect(Number(until)).toBe(ahead);
  });

  it("that are left alone for a while are claimed by nobody, also where one is just being read", async () => {
    const claim = { p_interval_seconds: 0, p_livemode: false };
    const claimAll = async () => {
      while (await second.call("claim_account", { ...claim, p_interval_seconds: 1 }) !== null);
    };
    await owner.rows("update billing.stripe_cursors set checked_at = '-infinity'");
    await claimAll();
    await race(
      advance(1),
      (connection) =>
        connection.call("postpone_account", {
          p_stripe_account_id: "",
          p_livemode: false,
          p_seconds: 3_600,
        }),
      "postpone_account",
    );
    expect(await second.call("claim_account", claim)).toBeNull();
    await owner.rows("update billing.stripe_cursors set checked_at = now()");
  });
});

describe("record_subscription", () => {
  it("sends the second of two writers back to read", async () => {
    const facts = subscriptionFacts();
    await record(first, session, "succeeded");
    await complete(first, session, facts);
    const write = (status: string) => (connection: Connection) =>
      connection.call("record_subscription", {
        p_seen_revision: 1,
        p_subscription: { ...facts, status },
      });
    const [won, lost] = await race(write("past_due"), write("active"), "record_subscription");
    expect([won, lost]).toEqual([{ outcome: "recorded", changed: true }, { outcome: "stale" }]);
  });
});

describe("these tests", () => {
  it("name every function that claims or moves state in a race with another connection", async () => {
    const moving = await owner.rows<{ name: string }>(
      `select proname as name from pg_proc
       where pronamespace = 'billing'::regnamespace and provolatile = 'v' order by 1`,
    );
    expect(moving.length).toBeGreaterThan(15);
    const folder = new URL(".", import.meta.url);
    const files = (await readdir(folder)).filter((file) => file.endsWith(".test.ts"));
    const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
    const raced = texts.filter((text) => /untilBlocked|skipped|at the same instant/.test(text))
      .join("\n");
    expect(moving.filter(({ name }) => !raced.includes(`"${name}"`))).toEqual([]);
  });
});
