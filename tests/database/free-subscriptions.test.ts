import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { activate, endFree, freeOf, renew } from "./free.ts";
import { openRaces } from "./races.ts";
import { complete, openSession, record } from "./support.ts";

const { first, second, owner, keyDigest, race } = await openRaces();
const { openFree, subscriptionOf } = freeOf(first, keyDigest);

describe("complete_free_checkout", () => {
  it("called twice at the same instant is one subscription", async () => {
    const free = await openFree();
    const ends = await race(activate(free), activate(free), "complete_free_checkout");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded"]);
    expect(
      await first.rows("select from billing.subscriptions where checkout_session_id = $1", [
        free.p_session_id,
      ]),
    ).toHaveLength(1);
  });

  it("for two sessions of one customer is one subscription", async () => {
    const user = randomUUID();
    const [one, other] = [await openFree(user, "a"), await openFree(user, "b")];
    const ends = await race(activate(one), activate(other), "complete_free_checkout");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["succeeded", "already_subscribed"]);
  });

  it("reactivates a canceled subscription once, however many ask", async () => {
    const user = randomUUID();
    const ended = await openFree(user);
    await activate(ended)(first);
    const id = await subscriptionOf(ended.p_session_id);
    expect(await endFree(id)(first)).toBe(true);
    const [one, other] = [await openFree(user, "a"), await openFree(user, "b")];
    const ends = await race(activate(one), activate(other), "complete_free_checkout");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["succeeded", "already_subscribed"]);
    expect(await subscriptionOf(one.p_session_id)).toBe(id);
  });
});

describe("cancel_free_subscription", () => {
  it("ends a subscription for one of two callers", async () => {
    const free = await openFree();
    await activate(free)(first);
    const id = await subscriptionOf(free.p_session_id);
    expect(await race(endFree(id), endFree(id), "cancel_free_subscription")).toEqual([true, false]);
  });

  it("does not touch a subscription that Stripe has", async () => {
    const session = await openSession(first, keyDigest);
    await record(first, session, "succeeded");
    await complete(first, session);
    expect(await endFree(await subscriptionOf(session.sessionId))(first)).toBe(false);
  });
});

describe("renew_free_subscriptions", () => {
  it("renews a subscription in one of two runs at the same instant: the other skips it", async () => {
    const free = await openFree();
    await activate(free)(first);
    await owner.rows(
      `update billing.subscriptions set started_at = '2026-01-31T12:00:00Z',
         current_period_end = '2026-02-28T12:00:00Z' where checkout_session_id = $1`,
      [free.p_session_id],
    );
    await first.rows("begin");
    const renewed = await renew(first);
    const skipped = await renew(second);
    await first.rows("commit");
    expect([renewed, skipped]).toEqual([1, 0]);
  });

  it.each([
    ["2026-01-31T12:00:00Z", "month", 1, "2026-02-28T11:59:59Z", "2026-01-31", "2026-02-28"],
    ["2026-01-31T12:00:00Z", "month", 1, "2026-02-28T12:00:00Z", "2026-02-28", "2026-03-31"],
    ["2026-01-31T12:00:00Z", "month", 1, "2026-04-15T12:00:00Z", "2026-03-31", "2026-04-30"],
    ["2028-02-29T00:00:00Z", "year", 1, "2029-03-01T00:00:00Z", "2029-02-28", "2030-02-28"],
    ["2028-02-29T00:00:00Z", "year", 4, "2032-03-01T00:00:00Z", "2032-02-29", "2036-02-29"],
    ["2026-01-01T00:00:00Z", "week", 2, "2026-01-20T00:00:00Z", "2026-01-15", "2026-01-29"],
    ["2026-01-01T00:00:00Z", "day", 1, "2029-01-01T00:00:00Z", "2029-01-01", "2029-01-02"],
    ["2026-01-31T12:00:00Z", "month", 3, "2026-01-31T12:00:00Z", "2026-01-31", "2026-04-30"],
  ])("counts from %s by each %s × %d at %s", async (anchor, interval, count, at, start, till) => {
    const { from, to } = await owner.row<{ from: string; to: string }>(
      `select to_char(period_start at time zone 'UTC', 'YYYY-MM-DD') as from,
         to_char(period_end at time zone 'UTC', 'YYYY-MM-DD') as to
       from billing_private.running_period($1, $2, $3, $4)`,
      [anchor, interval, count, at],
    );
    expect([from, to]).toEqual([start, till]);
  });
});
