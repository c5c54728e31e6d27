import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { racing } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  MONTHLY,
  newToken,
  openDatabase,
  openSession,
  openShop,
  record,
  statusOf,
  subscriptionFacts,
  untilBlocked,
} from "./support.ts";

const FREE = "0b500000-0000-4000-8000-0000000000b1";
const TRIAL = "0b500000-0000-4000-8000-0000000000b6";

const database = await openDatabase();
const [first, second, owner, observer, operator] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
  database.owner(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);

const race = racing({ first, second, observer });

async function openFree(user: string = randomUUID(), key?: string) {
  const tokenId = await newToken(first, keyDigest, user);
  const begun = await first.call<{ session: { id: string } }>(
    "begin_checkout",
    beginArguments(tokenId, {
      p_price_id: FREE,
      ...(key === undefined ? {} : { p_idempotency_key: key }),
    }),
  );
  return { p_session_id: begun.session.id, p_token_id: tokenId, p_livemode: false };
}
type Free = Awaited<ReturnType<typeof openFree>>;
const activate = (free: Free) => (connection: Connection) =>
  connection.call("complete_free_checkout", free);
const subscriptionOf = async ({ p_session_id: id }: Free) => {
  const { subscription_id } = await first.row<{ subscription_id: string }>(
    "select subscription_id from billing.checkout_sessions where id = $1",
    [id],
  );
  return subscription_id;
};
const end = (id: string) => (connection: Connection) =>
  connection.call<boolean>("cancel_free_subscription", { p_subscription_id: id });

const run = (connection: Connection) =>
  connection.call<number>("renew_free_subscriptions", { p_limit: 10 });

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
    const id = await subscriptionOf(ended);
    expect(await end(id)(first)).toBe(true);
    const [one, other] = [await openFree(user, "a"), await openFree(user, "b")];
    const ends = await race(activate(one), activate(other), "complete_free_checkout");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["succeeded", "already_subscribed"]);
    expect(await subscriptionOf(one)).toBe(id);
  });
});

/** A session of a customer, another one by which its ended free subscription would live on, and the subscription. */
async function returning() {
  const user = randomUUID();
  const ended = await openFree(user);
  await activate(ended)(first);
  const id = await subscriptionOf(ended);
  await end(id)(first);
  return { ended, again: await openFree(user, "again"), id };
}

/** Holds a session as whoever writes about it does, and has the other function come to wait for it. */
async function holding<T>(
  { p_session_id: id }: Free,
  other: (connection: Connection) => Promise<T>,
  waitingIn: string,
  then: () => Promise<unknown>,
): Promise<T> {
  await owner.rows("begin");
  await owner.rows("select from billing.checkout_sessions where id = $1 for update", [id]);
  const arriving = other(second);
  try {
    await untilBlocked(observer, waitingIn);
    await then();
  } finally {
    await owner.rows("commit");
  }
  return arriving;
}
const takeSubscription = (id: string) => () =>
  owner.rows("select from billing.subscriptions where id = $1 for update", [id]);

describe("whoever writes a free subscription locks its sessions first, as every writer does, and never deadlocks", () => {
  it("complete_free_checkout", async () => {
    const { ended, again, id } = await returning();
    const held = holding(ended, activate(again), "complete_free_checkout", takeSubscription(id));
    expect(await held).toMatchObject({ outcome: "succeeded" });
  });

  it("complete_free_checkout, which takes its own before those that were completed", async () => {
    const { ended, again } = await returning();
    const takeEnded = () =>
      owner.rows("select from billing.checkout_sessions where id = $1 for update", [
        ended.p_session_id,
      ]);
    const held = holding(again, activate(again), "complete_free_checkout", takeEnded);
    expect(await held).toMatchObject({ outcome: "succeeded" });
  });

  it("cancel_free_subscription", async () => {
    const free = await openFree();
    await activate(free)(first);
    const id = await subscriptionOf(free);
    expect(await holding(free, end(id), "cancel_free_subscription", takeSubscription(id)))
      .toBe(true);
  });

  it("rebuild_grants, for two subscriptions of one customer", async () => {
    const user = randomUUID();
    const subscribe = async (priceId: string) => {
      const session = await openSession(first, keyDigest, user, { p_price_id: priceId });
      await record(first, session, "succeeded");
      await complete(first, session);
      return {
        session,
        id: await subscriptionOf({
          p_session_id: session.sessionId,
          p_token_id: "",
          p_livemode: false,
        }),
      };
    };
    const [one, other] = [await subscribe(MONTHLY), await subscribe(TRIAL)];
    // The order of the subscriptions is made the opposite of that in which their sessions were completed.
    if (one.id < other.id) {
      await owner.rows(
        `update billing.checkout_sessions set subscription_id = case id when $1 then $4::uuid else $3::uuid end
         where id in ($1, $2)`,
        [one.session.sessionId, other.session.sessionId, one.id, other.id],
      );
    }
    const take = ({ session }: typeof one) => () =>
      owner.rows("select from billing.checkout_sessions where id = $1 for update", [
        session.sessionId,
      ]);
    await owner.rows("begin");
    await take(one)();
    const arriving = operator.call<{ checked: number }>("billing_private.rebuild_grants", {
      p_limit: 1000,
      p_apply: true,
    });
    try {
      await untilBlocked(observer, "rebuild_grants");
      await take(other)();
    } finally {
      await owner.rows("commit");
    }
    expect((await arriving).checked).toBeGreaterThan(1);
  });

  it("renew_free_subscriptions, which skips what is held", async () => {
    const free = await openFree();
    await activate(free)(first);
    const id = await subscriptionOf(free);
    await owner.rows(
      "update billing.subscriptions set current_period_end = now() - interval '1 hour' where id = $1",
      [id],
    );
    await owner.rows("begin");
    await owner.rows("select from billing.checkout_sessions where id = $1 for update", [
      free.p_session_id,
    ]);
    await second.rows("set statement_timeout = '3s'");
    const skipped = await run(second);
    await owner.rows("commit");
    await second.rows("reset statement_timeout");
    expect([skipped, await run(first)]).toEqual([0, 1]);
  });
});

describe("cancel_free_subscription", () => {
  it("ends a subscription for one of two callers", async () => {
    const free = await openFree();
    await activate(free)(first);
    const id = await subscriptionOf(free);
    expect(await race(end(id), end(id), "cancel_free_subscription")).toEqual([true, false]);
  });

  it("does not touch a subscription that Stripe has", async () => {
    const session = await openSession(first, keyDigest);
    await record(first, session, "succeeded");
    await complete(first, session);
    const { id } = await first.row<{ id: string }>(
      "select id from billing.subscriptions where checkout_session_id = $1",
      [session.sessionId],
    );
    expect(await end(id)(first)).toBe(false);
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
    const renewed = await run(first);
    const skipped = await run(second);
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
const open = () => openSession(first, keyDigest, undefined, { p_price_id: TRIAL });

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
