import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { refuse } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import {
  complete,
  type Connection,
  type OpenSession,
  openSession,
  receive,
  record,
  version,
} from "./support.ts";

const { first, second, owner, keyDigest, race } = await openRaces();

const open = () => openSession(first, keyDigest, randomUUID());
interface Recorded {
  readonly outcome: string;
  readonly milliseconds?: number;
}

/** What a run learns that has read the session's payment and would wait for another. */
const plan = (session: OpenSession, changes = {}) => (connection: Connection) =>
  record<Recorded>(connection, session, "succeeded", { p_gives_way: true, ...changes });
const shift = (session: OpenSession, by: string) =>
  owner.rows(
    "update billing.checkout_sessions set planned_at = planned_at - $2::interval where id = $1",
    [session.sessionId, by],
  );

it("of two runs that learn of a payment at the same instant one is told what to make at Stripe, the other to wait", async () => {
  const session = await open();
  const [one, other] = await race(plan(session), plan(session), "record_intent");
  expect(one.outcome).toBe("fulfill");
  expect(other).toMatchObject({
    outcome: "being_fulfilled",
    version: await version(first, session),
  });
  expect(other.milliseconds).toBeGreaterThan(0);
  expect(other.milliseconds).toBeLessThanOrEqual(5_000);
});

it("a run that was told what to make and asks again waits for nobody", async () => {
  const session = await open();
  await plan(session)(first);
  expect(await plan(session, { p_gives_way: false })(second)).toMatchObject({ outcome: "fulfill" });
  expect(await plan(session)(first)).toMatchObject({ outcome: "being_fulfilled" });
});

it("a run that was told too long ago is not waited for; who is told then is waited for in turn", async () => {
  const session = await open();
  await plan(session)(first);
  await shift(session, "4 seconds");
  expect(await plan(session)(second)).toMatchObject({ outcome: "being_fulfilled" });
  await shift(session, "1 second");
  expect(await plan(session)(second)).toMatchObject({ outcome: "fulfill" });
  expect(await plan(session)(first)).toMatchObject({ outcome: "being_fulfilled" });
});

it("an event that waits is not processed before the session is", async () => {
  const session = await open();
  await plan(session)(first);
  const { eventId } = await receive(first);
  const status = () =>
    owner.row<{ status: string }>("select status from billing.webhook_events where id = $1", [
      eventId,
    ]);
  const waiting = await status();
  await plan(session, { p_event_id: eventId })(second);
  expect(await status()).toEqual(waiting);
  expect(await complete(first, session)).toMatchObject({ outcome: "succeeded" });
  expect(await plan(session, { p_event_id: eventId })(second)).toMatchObject({
    outcome: "succeeded",
  });
  expect(await status()).toEqual({ status: "processed" });
});

it("nobody waits for a run whose payment goes back", async () => {
  const session = await open();
  await plan(session)(first);
  await refuse(session)(first);
  expect(await plan(session)(second)).toMatchObject({ outcome: "refund" });
});

it("a run that has read that all the money went back waits for nobody, and nothing is fulfilled", async () => {
  const session = await open();
  await plan(session)(first);
  const { amount } = await owner.row<{ amount: string }>(
    "select amount from billing.payment_intents where checkout_session_id = $1",
    [session.sessionId],
  );
  const p_intent = {
    id: session.intentId,
    status: "succeeded",
    amountReturned: Number(amount),
  };
  expect(await plan(session, { p_intent })(second)).toMatchObject({ outcome: "refund" });
  expect(await complete(first, session)).toEqual({ outcome: "refund" });
});

it("nobody waits until a clock that was set back has caught up", async () => {
  const session = await open();
  await plan(session)(first);
  await shift(session, "-1 hour");
  expect(await plan(session)(second)).toMatchObject({ outcome: "fulfill" });
});
