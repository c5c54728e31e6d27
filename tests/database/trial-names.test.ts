import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openRaces } from "./races.ts";
import {
  complete,
  type Connection,
  openSession,
  record,
  statusOf,
  subscriptionFacts,
} from "./support.ts";

const { first, keyDigest, race } = await openRaces();

const succeed =
  (session: Awaited<ReturnType<typeof openSession>>, fingerprint: string) =>
  async (connection: Connection) =>
    record(connection, session, "succeeded", {
      p_intent: {
        id: session.intentId,
        status: "succeeded",
        paymentMethodId: "pm_1",
        fingerprint,
      },
    });
const open = () =>
  openSession(first, keyDigest, undefined, {
    p_price_id: "0b500000-0000-4000-8000-0000000000b6",
  });

describe("a trial's names", () => {
  it("are taken by one of two sessions with one card at the same instant", async () => {
    const [one, other] = [await open(), await open()];
    const card = randomUUID();
    const ends = await race(succeed(one, card), succeed(other, card), "record_intent");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["fulfill", "refund"]);
  });

  it("stay taken by the session that took them, however often it is planned", async () => {
    const session = await open();
    const card = randomUUID();
    expect(await succeed(session, card)(first)).toMatchObject({ outcome: "fulfill" });
    expect(await succeed(session, card)(first)).toMatchObject({ outcome: "fulfill" });
  });

  it("are given back when Stripe refuses the subscription for good", async () => {
    const [one, other] = [await open(), await open()];
    const card = randomUUID();
    await succeed(one, card)(first);
    await first.call("refuse_fulfillment", { p_session_id: one.sessionId });
    await first.call("record_release", { p_session_id: one.sessionId });
    expect(await statusOf(first, one)).toBe("failed");
    expect(await succeed(other, card)(first)).toMatchObject({ outcome: "fulfill" });
  });

  it("are not given back by a session that never had them", async () => {
    const [one, other, third] = [await open(), await open(), await open()];
    const card = randomUUID();
    await succeed(one, card)(first);
    await succeed(other, card)(first);
    const release = (connection: Connection) =>
      connection.call("record_release", { p_session_id: other.sessionId });
    const ends = await race(release, release, "record_release");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["released", "released"]);
    expect(await succeed(third, card)(first)).toMatchObject({ outcome: "refund" });
    expect(await complete(first, one, subscriptionFacts({ status: "trialing" })))
      .toMatchObject({ outcome: "succeeded" });
  });
});
