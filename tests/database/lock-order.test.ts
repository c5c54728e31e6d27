import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { attach, changesOf, done, paid, SCALE, synced } from "./changing.ts";
import { openRaces } from "./races.ts";
import {
  MONTHLY,
  newToken,
  nowSeconds,
  openSession,
  ORGANIZATION,
  untilBlocked,
} from "./support.ts";

// Whoever writes about a subscription takes its sessions and then itself, all in one order: two who take them in two orders wait for each
// other, and Postgres ends one.

const { database, first, second, owner, observer, keyDigest } = await openRaces();
const third = await database.owner();
const { begin, onFreePlan, openDowngrade, subscribed } = changesOf(first, keyDigest);

/**
 * Holds all subscriptions, as who takes one up to be read again does with that for a moment: of the table, whose lock is given in the
 * order of asking, where that of a row which was written meanwhile is given to whoever comes first.
 */
async function hold() {
  await owner.rows("begin");
  return owner.rows("lock table billing.subscriptions in exclusive mode");
}

/** A change with nothing due whose session comes before the one that began the subscription, in the order of their ids. */
async function openEarlier(): ReturnType<typeof openOne> {
  const opened = await openOne();
  return opened.change.p_session_id < opened.customer.session.sessionId ? opened : openEarlier();
}
async function openOne() {
  const customer = await subscribed();
  return { customer, change: await openDowngrade(customer, SCALE) };
}

it("a change may bring its session to a subscription while news of that waits, and no other news deadlocks", async () => {
  const { customer, change } = await openEarlier();
  const { plan } = await first.call<{ plan: { revision: number } }>("complete_free_checkout", {
    ...change,
  });
  await first.rows("begin");
  await done(change.p_session_id, customer, plan.revision)(first);
  const news = synced(customer, plan.revision + 1, { quantity: 2 })(second);
  await untilBlocked(observer, "record_subscription");
  const held = hold();
  await untilBlocked(observer, "lock table");
  await first.rows("commit");
  await held;
  await untilBlocked(observer, "record_subscription");
  const other = third.call("record_invoice", {
    p_seen_revision: 0,
    p_invoice: {
      id: "in_1",
      subscriptionId: customer.facts["id"],
      status: "paid",
      billingReason: "subscription_update",
      currency: "usd",
      amountDue: 0,
      amountPaid: 0,
      amountRefunded: 0,
      periodStart: nowSeconds(),
      periodEnd: nowSeconds() + 1,
      attemptCount: 0,
    },
  });
  await untilBlocked(observer, "record_invoice");
  await owner.rows("commit");
  expect(await Promise.all([news, other]))
    .toMatchObject([{ outcome: "recorded" }, { outcome: "recorded" }]);
});

it("a change of a free plan that comes to nothing waits for its owner's cancellation, or that for it", async () => {
  const card = { fingerprint: randomUUID() };
  const tried = await openSession(first, keyDigest, randomUUID(), { p_price_id: SCALE });
  expect(await paid(tried, card)(first)).toMatchObject({ outcome: "fulfill" });
  const customer = await onFreePlan();
  const { session: { id } } = await begin(customer, SCALE);
  const change = await attach(first, id, "seti");
  const token = await newToken(first, keyDigest, customer.user, ["subscription"]);
  await hold();
  const changed = paid(change, card)(first);
  await untilBlocked(observer, "record_intent");
  const canceled = second.call("begin_ending", {
    p_token_id: token,
    p_livemode: false,
    p_subscription_id: customer.subscriptionId,
    p_ending: true,
  });
  await untilBlocked(observer, "begin_ending");
  await owner.rows("commit");
  expect(await changed).toMatchObject({ outcome: "refund", plan: { refundReason: "trial_used" } });
  expect(await canceled).toMatchObject({
    outcome: "read",
    subscription: { cancelAtPeriodEnd: true },
  });
});

it("whoever erases a customer waits for a session that is being paid before those that it will lock", async () => {
  const customer = await onFreePlan();
  const begun = () =>
    owner.row<{ id: string }>(
      "select checkout_session_id as id from billing.subscriptions where id = $1",
      [customer.subscriptionId],
    );
  const open = async (): Promise<string> => {
    const { session: { id } } = await begin(customer, MONTHLY, { p_request_hash: randomUUID() });
    return id > (await begun()).id ? id : open();
  };
  const change = await attach(first, await open());
  await third.rows("begin");
  await third.rows("select from billing.checkout_sessions where id = $1 for update", [
    change.sessionId,
  ]);
  const erased = owner.call("erase_customer", {
    p_organization_id: ORGANIZATION,
    p_external_id: customer.user,
  });
  await untilBlocked(observer, "erase_customer");
  expect(await paid(change)(third)).toMatchObject({ outcome: "fulfill" });
  await third.rows("commit");
  expect(await erased).toMatchObject({ outcome: "live_subscription" });
});
