import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  beginArguments,
  type Connection,
  newToken,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  receive,
  record,
  statusOf,
} from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);

/** As if nobody had touched the session for that long. */
async function leaveAlone({ sessionId }: OpenSession, interval = "1 minute"): Promise<void> {
  await owner.rows("alter table billing.checkout_sessions disable trigger checkout_sessions_guard");
  // Before the session, whose repair follows from it.
  await owner.rows(
    `update billing.checkout_attempts set created_at = created_at - $2::interval
     where checkout_session_id = $1`,
    [sessionId, interval],
  );
  await owner.rows(
    `update billing.checkout_sessions set created_at = created_at - $2::interval,
       updated_at = updated_at - $2::interval, expires_at = expires_at - $2::interval,
       checked_at = checked_at - $2::interval where id = $1`,
    [sessionId, interval],
  );
  await owner.rows("alter table billing.checkout_sessions enable trigger checkout_sessions_guard");
}

const claimSessions = (connection: Connection, limit = 100) =>
  connection.call<string[]>("claim_sessions", { p_limit: limit });
const claimEvents = async (connection: Connection, limit = 100) =>
  (await connection.call<{ eventId: string }[]>("claim_events", {
    p_limit: limit,
    p_lease_seconds: 60,
  })).map(({ eventId }) => eventId);

describe("claim_sessions", () => {
  it.each([
    ["processing", "processing"],
    ["waiting for the customer", "requires_action"],
  ])("takes up a session that is %s, once", async (_name, status) => {
    const session = await openSession(service, keyDigest);
    await record(service, session, status);
    expect(await claimSessions(service)).not.toContain(session.sessionId);
    await leaveAlone(session);
    expect(await claimSessions(service)).toContain(session.sessionId);
    expect(await claimSessions(service)).not.toContain(session.sessionId);
  });

  it("takes up an open session whose card was begun and never answered", async () => {
    const session = await openSession(service, keyDigest);
    await service.call("begin_attempt", {
      p_session_id: session.sessionId,
      p_stripe_payment_method_id: "pm_1",
      p_intent_status: "requires_payment_method",
    });
    await leaveAlone(session);
    expect(await claimSessions(service)).toContain(session.sessionId);
  });

  it("leaves an open session without an attempt alone until it has expired", async () => {
    const session = await openSession(service, keyDigest);
    await leaveAlone(session);
    expect(await claimSessions(service)).not.toContain(session.sessionId);
    await leaveAlone(session, "1 hour");
    expect(await claimSessions(service)).toContain(session.sessionId);
  });

  it("takes up an ended session whose money was neither honored nor given back", async () => {
    const session = await openSession(service, keyDigest);
    await leaveAlone(session, "1 hour");
    await record(service, session, "canceled");
    expect(await statusOf(service, session)).toBe("expired");
    await leaveAlone(session);
    expect(await claimSessions(service)).not.toContain(session.sessionId);
    await owner.rows(
      "update billing.payment_intents set status = 'succeeded' where checkout_session_id = $1",
      [session.sessionId],
    );
    expect(await claimSessions(service)).toContain(session.sessionId);
  });

  it("gives each of many runs at the same instant other sessions", async () => {
    const sessions = await Promise.all(
      Array.from({ length: 6 }, () => openSession(service, keyDigest)),
    );
    for (const session of sessions) {
      await record(service, session, "processing");
      await leaveAlone(session);
    }
    await service.rows("begin");
    const first = await claimSessions(service, 3);
    // Not blocked by the first: what it holds is skipped.
    const other = await claimSessions(second, 100);
    await service.rows("commit");
    expect(first).toHaveLength(3);
    expect(other.filter((id) => first.includes(id))).toEqual([]);
    expect(sessions.every(({ sessionId }) => [...first, ...other].includes(sessionId))).toBe(true);
  });

  it("asks after a payment that takes days less and less often", async () => {
    const session = await openSession(service, keyDigest);
    await record(service, session, "processing");
    await leaveAlone(session, "2 days");
    expect(await claimSessions(service)).toContain(session.sessionId);
    await owner.rows(
      "update billing.checkout_sessions set checked_at = now() - interval '50 minutes' where id = $1",
      [session.sessionId],
    );
    expect(await claimSessions(service)).not.toContain(session.sessionId);
    await owner.rows(
      "update billing.checkout_sessions set checked_at = now() - interval '61 minutes' where id = $1",
      [session.sessionId],
    );
    expect(await claimSessions(service)).toContain(session.sessionId);
  });
});

describe("claim_session", () => {
  it("sends one of many callers to Stripe, every few seconds", async () => {
    const session = await openSession(service, keyDigest);
    await record(service, session, "processing");
    const claim = (connection: Connection) =>
      connection.call<boolean>("claim_session", { p_session_id: session.sessionId });
    expect(await claim(service)).toBe(false);
    await leaveAlone(session, "10 seconds");
    await service.rows("begin");
    expect(await claim(service)).toBe(true);
    expect(await claim(second)).toBe(false);
    await service.rows("commit");
    expect(await claim(second)).toBe(false);
    await leaveAlone(session, "6 seconds");
    expect(await claim(second)).toBe(true);
  });

  it("changes no version: looking is no change", async () => {
    const session = await openSession(service, keyDigest);
    await record(service, session, "processing");
    await leaveAlone(session);
    const before = await service.row(
      "select version, updated_at from billing.checkout_sessions where id = $1",
      [
        session.sessionId,
      ],
    );
    await service.call("claim_session", { p_session_id: session.sessionId });
    expect(
      await service.row("select version, updated_at from billing.checkout_sessions where id = $1", [
        session.sessionId,
      ]),
    ).toEqual(before);
  });
});

describe("expire_bare_session", () => {
  it("ends a session that never had an intent, and no other", async () => {
    const token = await newToken(service, keyDigest);
    const { session: { id: sessionId } } = await service.call<{ session: { id: string } }>(
      "begin_checkout",
      beginArguments(token),
    );
    const bare = { sessionId, intentId: "" };
    const expire = () => service.call("expire_bare_session", { p_session_id: sessionId });
    await expire();
    expect(await statusOf(service, bare)).toBe("open");
    await leaveAlone(bare, "1 hour");
    await expire();
    expect(await statusOf(service, bare)).toBe("expired");
    const attached = await service.call("attach_payment_intent", {
      p_session_id: sessionId,
      p_stripe_payment_intent_id: `pi_${randomUUID().slice(0, 8)}`,
      p_client_secret_digest: randomUUID(),
      p_status: "requires_payment_method",
    });
    expect(attached).toEqual({ outcome: "closed" });
  });
});

describe("claim_events", () => {
  it("gives a due event to one run, and a failed one after its wait", async () => {
    const { eventId } = await receive(service);
    await service.call("fail_event", { p_event_id: eventId, p_error: "x", p_max_attempts: 9 });
    expect(await claimEvents(service)).not.toContain(eventId);
    await owner.rows("update billing.webhook_events set next_attempt_at = now() where id = $1", [
      eventId,
    ]);
    await service.rows("begin");
    expect(await claimEvents(service)).toContain(eventId);
    expect(await claimEvents(second)).not.toContain(eventId);
    await service.rows("commit");
    expect(await claimEvents(second)).not.toContain(eventId);
  });

  it("gives an event whose worker died to the next run once the lease is over", async () => {
    const { eventId } = await receive(service, undefined, -1);
    expect(await claimEvents(service)).toContain(eventId);
  });

  it("leaves a dead event to a person, and takes it up again once it is replayed", async () => {
    const { eventId } = await receive(service, "evt_replayed");
    await service.call("fail_event", { p_event_id: eventId, p_error: "x", p_max_attempts: 1 });
    await owner.rows("update billing.webhook_events set next_attempt_at = now() where id = $1", [
      eventId,
    ]);
    expect(await claimEvents(service)).not.toContain(eventId);
    expect(await service.call<boolean>("replay_event", { p_stripe_event_id: "evt_replayed" })).toBe(
      true,
    );
    expect(await claimEvents(service)).toContain(eventId);
    expect(await service.call<boolean>("replay_event", { p_stripe_event_id: "evt_unknown" })).toBe(
      false,
    );
  });
});
