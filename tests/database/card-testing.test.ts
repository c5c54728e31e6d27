import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openLimits } from "./limits.ts";
import {
  beginArguments,
  type Connection,
  newToken,
  type OpenSession,
  openSession,
  receive,
  record,
} from "./support.ts";

// What somebody can do who holds a session token, a client secret and a publishable key: attempt cards at Stripe past our
// confirm, as often as Stripe lets them. Only events tell of it.

const { service, owner, keyDigest, race, limit } = await openLimits();

/** Stripe's word that a card was refused: every refused card is a charge of its own. */
async function refusal(
  session: OpenSession,
  { chargeId = `ch_${randomUUID()}`, connection = service, ...told }: {
    readonly chargeId?: string;
    readonly connection?: Connection;
    readonly p_attempt_number?: number;
    readonly p_event_id?: string;
  } = {},
) {
  return record(connection, session, "requires_payment_method", {
    p_intent: {
      id: session.intentId,
      status: "requires_payment_method",
      chargeId,
      error: { code: "card_declined", declineCode: "generic_decline", message: "No." },
    },
    ...told,
  });
}
const told = async (session: OpenSession, chargeId?: string) => {
  const { eventId } = await receive(service);
  return refusal(session, { p_event_id: eventId, ...(chargeId === undefined ? {} : { chargeId }) });
};

const counted = async (name: string) =>
  Number(
    (await owner.row<{ sum: string }>(
      "select coalesce(sum(count), 0) as sum from billing.rate_counters where name = $1",
      [name],
    )).sum,
  );
const guards = () => owner.rows("select 1 from billing.organization_guards");
const begin = (tokenId: string, changes: object = {}) =>
  service.call("begin_checkout", beginArguments(tokenId, { ...changes }));
const attempt = (session: OpenSession) =>
  service.call("begin_attempt", {
    p_session_id: session.sessionId,
    p_stripe_payment_method_id: `pm_${randomUUID()}`,
    p_intent_status: "requires_payment_method",
  });

describe("a refused card", () => {
  it("is counted once, whoever tells of it and however often", async () => {
    const session = await openSession(service, keyDigest);
    await attempt(session);
    await refusal(session, { chargeId: "ch_1", p_attempt_number: 1 });
    await told(session, "ch_1");
    await told(session, "ch_1");
    await refusal(session, { chargeId: "ch_1" });
    expect(await counted("declines_per_organization")).toBe(1);
  });

  it("past our confirm is counted also just after an attempt by our confirm", async () => {
    const session = await openSession(service, keyDigest);
    await attempt(session);
    await refusal(session, { p_attempt_number: 1 });
    await told(session);
    await told(session);
    expect(await counted("declines_per_organization")).toBe(3);
  });
});

describe("one session", () => {
  it("is to be closed once more cards were declined than it may attempt", async () => {
    await limit("declines_per_session", 3);
    const session = await openSession(service, keyDigest);
    const answers = [];
    for (let n = 0; n < 5; n += 1) answers.push((await told(session))["exhausted"]);
    expect(answers).toEqual([false, false, false, true, true]);
  });
});

describe("one customer", () => {
  it("is stopped by refused cards, in every session and with every token, and nobody else is", async () => {
    await limit("declines_per_customer", 3);
    const user = randomUUID();
    const [first, other, stranger] = [
      await openSession(service, keyDigest, user),
      await openSession(service, keyDigest, user),
      await openSession(service, keyDigest),
    ];
    await told(first);
    await told(other);
    expect(await attempt(first)).toMatchObject({ outcome: "confirm" });
    await refusal(first, { chargeId: "ch_3", p_attempt_number: 1 });
    for (const session of [first, other]) {
      const limited = await attempt(session);
      expect(limited).toMatchObject({ outcome: "rate_limited" });
      expect(limited["retryAfter"]).toBeGreaterThan(500);
    }
    const token = await newToken(service, keyDigest, user);
    expect(await begin(token, { p_request_hash: "new" })).toMatchObject({
      outcome: "rate_limited",
    });
    expect(await attempt(stranger)).toMatchObject({ outcome: "confirm" });
    expect(await begin(await newToken(service, keyDigest))).toMatchObject({ outcome: "created" });
  });

  it("is let in again when the window is over", async () => {
    await limit("declines_per_customer", 1);
    const session = await openSession(service, keyDigest);
    await told(session);
    expect(await attempt(session)).toMatchObject({ outcome: "rate_limited" });
    await owner.rows(
      "update billing.rate_counters set window_started_at = window_started_at - interval '601 s'",
    );
    expect(await attempt(session)).toMatchObject({ outcome: "confirm" });
  });

  it("cannot raise the guard against all others of the organization", async () => {
    await limit("declines_per_customer", 3);
    await limit("declines_per_organization", 4);
    const user = randomUUID();
    const sessions = [
      await openSession(service, keyDigest, user),
      await openSession(service, keyDigest, user),
      await openSession(service, keyDigest, user),
    ];
    for (const session of sessions) for (let card = 0; card < 5; card += 1) await told(session);
    expect(await guards()).toEqual([]);
    // Two of them can.
    const accomplice = await openSession(service, keyDigest);
    for (let card = 0; card < 3; card += 1) await told(accomplice);
    expect(await guards()).toHaveLength(1);
  });

  it("is kept under no name: a counter's subject shows neither the id nor the organization", async () => {
    const user = `person@example.com ${randomUUID()}`;
    await told(await openSession(service, keyDigest, user));
    const rows = await owner.rows<{ subject: string }>(
      "select subject from billing.rate_counters where name = 'declines_per_customer'",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.subject).toMatch(/^[0-9a-f]{64}$/);
  });
});

const refuse = (session: OpenSession) => (connection: Connection) =>
  refusal(session, { connection, p_attempt_number: 1 });

describe("refused cards at the same instant", () => {
  it("are all counted: the one past the limit raises the guard, whichever it is", async () => {
    await limit("declines_per_organization", 1);
    const sessions = [
      await openSession(service, keyDigest),
      await openSession(service, keyDigest),
    ] as const;
    await race(refuse(sessions[0]), refuse(sessions[1]), "record_intent");
    expect(await guards()).toHaveLength(1);
  });
});

const ask = async () =>
  begin(await newToken(service, keyDigest), { p_address_digest: "an address" });

describe("a window", () => {
  it("lets no more than two windows' worth through in the time of one, at its very edge", async () => {
    await limit("create_per_address", 5, 600);
    const seen = [];
    for (let n = 0; n < 7; n += 1) seen.push((await ask()).outcome);
    await owner.rows(
      "update billing.rate_counters set window_started_at = window_started_at - interval '600 s'",
    );
    for (let n = 0; n < 7; n += 1) seen.push((await ask()).outcome);
    expect(seen.filter((outcome) => outcome === "created")).toHaveLength(10);
  });

  it("is not prolonged by asking in vain", async () => {
    await limit("create_per_address", 1, 600);
    await ask();
    await owner.rows(
      "update billing.rate_counters set window_started_at = window_started_at - interval '590 s'",
    );
    for (let n = 0; n < 3; n += 1) {
      const { outcome, retryAfter } = await ask();
      expect(outcome).toBe("rate_limited");
      expect(retryAfter).toBeLessThanOrEqual(10);
      expect(retryAfter).toBeGreaterThanOrEqual(1);
    }
  });
});
