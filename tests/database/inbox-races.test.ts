import { describe, expect, it } from "vitest";
import { openRaces } from "./races.ts";
import {
  complete,
  type Connection,
  openSession,
  receive,
  record,
  revision,
  subscriptionFacts,
} from "./support.ts";

const { first, second, owner, keyDigest, race } = await openRaces();

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
    const session = await openSession(first, keyDigest);
    const seen = await revision(first, session);
    await race(
      (connection) =>
        connection.call("record_intent", {
          p_session_id: session.sessionId,
          p_seen_revision: seen,
          p_intent: { id: session.intentId, status: "processing" },
          p_event_id: eventId,
        }),
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
    const session = await openSession(first, keyDigest);
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
