import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { attach, changesOf, paid } from "./changing.ts";
import { paidSession, plan, subscriptionsOf } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import {
  complete,
  type Connection,
  MONTHLY,
  type OpenSession,
  receive,
  statusOf,
  subscriptionFacts,
} from "./support.ts";

const { first, keyDigest, race } = await openRaces();
const { begin, onFreePlan } = changesOf(first, keyDigest);

const note = ({ sessionId }: OpenSession, eventId?: string) => (connection: Connection) =>
  connection.call<boolean>("note_subscription_news", {
    p_session_id: sessionId,
    ...(eventId === undefined ? {} : { p_event_id: eventId }),
  });
const completed = (session: OpenSession, seenNews: number) => (connection: Connection) =>
  complete(connection, session, subscriptionFacts({ seenNews }));
const event = (id: string) =>
  first.row("select status, outcome from billing.webhook_events where id = $1", [id]);
const sessionRow = ({ sessionId }: OpenSession) =>
  first.row<{ subscription_news: string; version: string }>(
    "select * from billing.checkout_sessions where id = $1",
    [sessionId],
  );

describe("news of a subscription that is being written down", () => {
  it("makes it be read again, as of the new count", async () => {
    const session = await paidSession(first, keyDigest);
    expect(await note(session)(first)).toBe(true);
    expect(await completed(session, 0)(first)).toEqual({ outcome: "news", news: 1 });
    expect(await statusOf(first, session)).toBe("processing");
    expect(await subscriptionsOf(first, session)).toEqual([]);
    expect(await completed(session, 1)(first)).toMatchObject({ outcome: "succeeded" });
  });

  it("is what the next plan starts from", async () => {
    const session = await paidSession(first, keyDigest);
    expect((await plan(session)(first)).plan.news).toBe(0);
    await note(session)(first);
    expect((await plan(session)(first)).plan.news).toBe(1);
  });

  it("that comes at the same instant, before the subscription is written, is seen", async () => {
    const session = await paidSession(first, keyDigest);
    const [noted, late] = await race(note(session), completed(session, 0), "complete_checkout");
    expect(noted).toBe(true);
    expect(late).toEqual({ outcome: "news", news: 1 });
  });

  it("that comes at the same instant, after the subscription is written, is left to its row", async () => {
    const session = await paidSession(first, keyDigest);
    const { eventId } = await receive(first);
    const [won, noted] = await race(
      completed(session, 0),
      note(session, eventId),
      "note_subscription_news",
    );
    expect(won.outcome).toBe("succeeded");
    expect(noted).toBe(false);
    expect(await event(eventId)).toMatchObject({ status: "processing" });
  });

  it("is counted by each of two that come at the same instant", async () => {
    const session = await paidSession(first, keyDigest);
    expect(await race(note(session), note(session), "note_subscription_news"))
      .toEqual([true, true]);
    expect(await completed(session, 1)(first)).toEqual({ outcome: "news", news: 2 });
    expect(await completed(session, 2)(first)).toMatchObject({ outcome: "succeeded" });
  });

  it("leaves the event of whoever has to read again unmarked", async () => {
    const session = await paidSession(first, keyDigest);
    const { eventId } = await receive(first);
    await note(session)(first);
    await first.call("complete_checkout", {
      p_session_id: session.sessionId,
      p_subscription: subscriptionFacts({ seenNews: 0 }),
      p_event_id: eventId,
    });
    expect(await event(eventId)).toMatchObject({ status: "processing" });
  });

  it("of a free subscription that is paid for makes it be read again too", async () => {
    const customer = await onFreePlan();
    const { session } = await begin(customer, MONTHLY);
    const change = await attach(first, session.id);
    expect(await paid(change)(first)).toMatchObject({ outcome: "fulfill", plan: { news: 0 } });
    expect(await note(change)(first)).toBe(true);
    expect(await completed(change, 0)(first)).toEqual({ outcome: "news", news: 1 });
    expect(await completed(change, 1)(first)).toMatchObject({ outcome: "succeeded" });
  });
});

describe("note_subscription_news", () => {
  it("commits with the mark of its event, and neither alone", async () => {
    const session = await paidSession(first, keyDigest);
    const { eventId } = await receive(first);
    await first.rows("begin");
    await note(session, eventId)(first);
    await first.rows("rollback");
    expect(await event(eventId)).toMatchObject({ status: "processing" });
    expect(await sessionRow(session)).toMatchObject({ subscription_news: "0" });
    await note(session, eventId)(first);
    expect(await event(eventId)).toEqual({ status: "processed", outcome: "applied" });
    expect(await sessionRow(session)).toMatchObject({ subscription_news: "1" });
  });

  it("shows nothing new to whoever listens", async () => {
    const session = await paidSession(first, keyDigest);
    const read = () => first.call("read_checkout", { p_session_id: session.sessionId });
    const before = [await read(), await sessionRow(session)];
    await note(session)(first);
    expect([await read(), { ...await sessionRow(session), subscription_news: "0" }])
      .toEqual(before);
  });

  it("is false and changes nothing once the session has its subscription", async () => {
    const session = await paidSession(first, keyDigest);
    await completed(session, 0)(first);
    const { eventId } = await receive(first);
    const before = await sessionRow(session);
    expect(await note(session, eventId)(first)).toBe(false);
    expect(await sessionRow(session)).toEqual(before);
    expect(await event(eventId)).toMatchObject({ status: "processing" });
  });

  it("is false where there is no session", async () => {
    expect(await note({ sessionId: randomUUID(), intentId: "" })(first)).toBe(false);
  });
});
