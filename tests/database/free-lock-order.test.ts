import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { attach, changesOf, type Owner, paid, subscriptionRow } from "./changing.ts";
import { activate, endFree, type Free, freeOf, renew } from "./free.ts";
import { openRaces, racing } from "./races.ts";
import {
  complete,
  type Connection,
  MONTHLY,
  newToken,
  openSession,
  record,
  subscriptionFacts,
  untilBlocked,
} from "./support.ts";

// Whoever writes a free subscription takes its sessions first: two who take them in two orders wait for each other, and Postgres ends one.

const TRIAL = "0b500000-0000-4000-8000-0000000000b6";

const { database, first, second, owner, observer, keyDigest } = await openRaces();
const operator = await database.owner();
const raceBehindOwner = racing({ first: owner, second, observer });
const { begin, onFreePlan } = changesOf(second, keyDigest);
const { openFree, subscriptionOf } = freeOf(first, keyDigest);

/** A session of a customer, another one by which its ended free subscription would live on, and the subscription. */
async function returning() {
  const user = randomUUID();
  const ended = await openFree(user);
  await activate(ended)(first);
  const id = await subscriptionOf(ended.p_session_id);
  await endFree(id)(first);
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

  it("complete_free_checkout, whichever of the two sessions comes first", async () => {
    const { ended, again } = await returning();
    const [low, high] = [ended, again].toSorted((one, other) =>
      one.p_session_id < other.p_session_id ? -1 : 1
    );
    const takeHigh = () =>
      owner.rows("select from billing.checkout_sessions where id = $1 for update", [
        high?.p_session_id,
      ]);
    const held = holding(low ?? ended, activate(again), "complete_free_checkout", takeHigh);
    expect(await held).toMatchObject({ outcome: "succeeded" });
  });

  it("cancel_free_subscription", async () => {
    const free = await openFree();
    await activate(free)(first);
    const id = await subscriptionOf(free.p_session_id);
    expect(await holding(free, endFree(id), "cancel_free_subscription", takeSubscription(id)))
      .toBe(true);
  });

  it("rebuild_grants, for two subscriptions of one customer", async () => {
    const user = randomUUID();
    const subscribe = async (priceId: string) => {
      const session = await openSession(first, keyDigest, user, { p_price_id: priceId });
      await record(first, session, "succeeded");
      await complete(first, session);
      return { session, id: await subscriptionOf(session.sessionId) };
    };
    const [one, other] = [await subscribe(MONTHLY), await subscribe(TRIAL)];
    // The order of the subscriptions is the opposite of that of their sessions, or both are swapped.
    const [low, high] = one.session.sessionId < other.session.sessionId
      ? [one, other]
      : [other, one];
    if (low.id < high.id) {
      await owner.rows(
        `update billing.checkout_sessions set subscription_id = case id when $1 then $4::uuid else $3::uuid end
         where id in ($1, $2)`,
        [low.session.sessionId, high.session.sessionId, low.id, high.id],
      );
    }
    const take = ({ session }: typeof low) => () =>
      owner.rows("select from billing.checkout_sessions where id = $1 for update", [
        session.sessionId,
      ]);
    await owner.rows("begin");
    await take(low)();
    const arriving = operator.call<{ checked: number }>("billing_private.rebuild_grants", {
      p_limit: 1000,
      p_apply: true,
    });
    try {
      await untilBlocked(observer, "rebuild_grants");
      await take(high)();
    } finally {
      await owner.rows("commit");
    }
    expect((await arriving).checked).toBeGreaterThan(1);
  });

  it("renew_free_subscriptions, which skips what is held", async () => {
    const free = await openFree();
    await activate(free)(first);
    const id = await subscriptionOf(free.p_session_id);
    await owner.rows(
      "update billing.subscriptions set current_period_end = now() - interval '1 hour' where id = $1",
      [id],
    );
    await owner.rows("begin");
    await owner.rows("select from billing.checkout_sessions where id = $1 for update", [
      free.p_session_id,
    ]);
    await second.rows("set statement_timeout = '3s'");
    const skipped = await renew(second);
    await owner.rows("commit");
    await second.rows("reset statement_timeout");
    expect([skipped, await renew(first)]).toEqual([0, 1]);
  });
});

/** Somebody else, for whom all others wait. */
const hold = ({ subscriptionId }: Owner) => (connection: Connection) =>
  connection.rows("select from billing.subscriptions where id = $1 for update", [subscriptionId]);

describe("a free subscription that is paid for at the instant", () => {
  it.each<[string, string, unknown, (customer: Owner) => Promise<unknown>]>([
    [
      "its owner lets it end",
      "begin_ending",
      expect.objectContaining({ outcome: "at_stripe" }),
      async ({ user, subscriptionId }) =>
        first.call("begin_ending", {
          p_token_id: await newToken(first, keyDigest, user, ["subscription"]),
          p_livemode: false,
          p_subscription_id: subscriptionId,
          p_ending: true,
        }),
    ],
    [
      "the merchant ends it",
      "cancel_free_subscription",
      false,
      ({ subscriptionId }) =>
        first.call("cancel_free_subscription", { p_subscription_id: subscriptionId }),
    ],
  ])("that %s is changed, and neither call fails", async (_what, name, answer, end) => {
    const customer = await onFreePlan();
    const { session: { id: sessionId } } = await begin(customer, MONTHLY);
    const change = await attach(second, sessionId);
    await paid(change)(second);
    const [, [changed, ended]] = await raceBehindOwner(hold(customer), async (connection) => {
      const changing = complete(connection, change, subscriptionFacts());
      await untilBlocked(observer, "complete_checkout");
      return Promise.all([changing, end(customer)]);
    }, name);
    expect(changed).toMatchObject({ outcome: "succeeded" });
    expect(ended).toEqual(answer);
    expect(await subscriptionRow(owner, customer)).toMatchObject({
      price_id: MONTHLY,
      status: "active",
    });
  });
});
