import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  type OpenSession,
  openSession,
  record,
  YEARLY,
} from "./support.ts";

const { first, second, owner, keyDigest, race } = await openRaces();

const attempt = (session: OpenSession, card = "pm_a") => (connection: Connection) =>
  connection.call("begin_attempt", {
    p_session_id: session.sessionId,
    p_stripe_payment_method_id: card,
    p_intent_status: "requires_payment_method",
  });
const ended = ({ sessionId }: OpenSession) =>
  owner.row(
    `select status, error_code as error, expires_at <= now() as over, version::int
     from billing.checkout_sessions where id = $1`,
    [sessionId],
  );

async function twoTabs() {
  const user = randomUUID();
  return [
    await openSession(first, keyDigest, user),
    await openSession(first, keyDigest, user, { p_price_id: YEARLY, p_request_hash: "other" }),
  ] as const;
}

it("of two tabs that confirm at once, the second is refused before its card is charged", async () => {
  const [one, other] = await twoTabs();
  const [won, late] = await race(attempt(one), attempt(other, "pm_b"), "begin_attempt");
  expect([won.outcome, late.outcome]).toEqual(["confirm", "payment_in_progress"]);
  const rows = await owner.rows(
    "select 1 from billing.checkout_attempts where checkout_session_id = $1",
    [other.sessionId],
  );
  expect(rows).toEqual([]);
});

it.each([
  ["was refused", "requires_payment_method"],
  ["waits for the customer's bank, whose page may have been left", "requires_action"],
])("the other tab may pay once the first one's card %s", async (_what, status) => {
  const [one, other] = await twoTabs();
  await attempt(one)(first);
  await record(first, one, status, { p_attempt_number: 1 });
  expect(await attempt(other)(second)).toMatchObject({ outcome: "confirm" });
});

it("a confirm that died holds up the other tab for two minutes at most", async () => {
  const [one, other] = await twoTabs();
  await attempt(one)(first);
  expect(await attempt(other)(second)).toMatchObject({ outcome: "payment_in_progress" });
  await owner.rows(
    "update billing.checkout_attempts set created_at = now() - interval '121 s' where checkout_session_id = $1",
    [one.sessionId],
  );
  expect(await attempt(other)(second)).toMatchObject({ outcome: "confirm" });
});

it("nobody else's confirm is held up", async () => {
  const [one] = await twoTabs();
  const stranger = await openSession(first, keyDigest);
  await attempt(one)(first);
  expect(await attempt(stranger)(second)).toMatchObject({ outcome: "confirm" });
});

it("a session whose product was bought otherwise expires at once, says why, and ends as failed", async () => {
  const [one, other] = await twoTabs();
  await record(first, one, "succeeded");
  await complete(first, one);
  const before = await ended(other);
  expect(await attempt(other)(first)).toEqual({ outcome: "already_subscribed" });
  const over = { error: "already_subscribed", over: true };
  expect(await ended(other)).toMatchObject({ status: "open", ...over });
  expect((await ended(other))["version"]).toBe(Number(before["version"]) + 1);
  // What a late event tells of the intent takes the reason away no more than its cancellation does.
  await record(first, other, "requires_payment_method");
  expect(await ended(other)).toMatchObject({ status: "open", ...over });
  await record(first, other, "canceled");
  expect(await ended(other)).toMatchObject({ status: "failed", ...over });
});

it("one that was paid past that confirm gives the payment back", async () => {
  const [one, other] = await twoTabs();
  await record(first, one, "succeeded");
  await complete(first, one);
  await attempt(other)(first);
  expect(await record(first, other, "succeeded")).toMatchObject({
    outcome: "refund",
    plan: { refundReason: "already_subscribed" },
  });
});

it("a confirm does not wait for a create with the same token, nor the other way round", async () => {
  const user = randomUUID();
  const session = await openSession(first, keyDigest, user);
  await second.rows("begin");
  try {
    const { id } = await owner.row<{ id: string }>(
      "select session_token_id as id from billing.checkout_sessions where id = $1",
      [session.sessionId],
    );
    await second.call("begin_checkout", beginArguments(id, { p_price_id: YEARLY }));
    // A wait would end in an error.
    await first.rows("set lock_timeout = '2s'");
    expect((await attempt(session)(first)).outcome).toBe("confirm");
  } finally {
    await second.rows("rollback");
    await first.rows("reset lock_timeout");
  }
});

it.each(["processing", "requires_action"])(
  "a session that ended because its product was bought still says so where its intent is %s",
  async (status) => {
    const [one, other] = await twoTabs();
    await record(first, one, "succeeded");
    await complete(first, one);
    expect((await attempt(other)(first)).outcome).toBe("already_subscribed");
    await record(first, other, status);
    expect(await ended(other)).toMatchObject({ error: "already_subscribed" });
  },
);
