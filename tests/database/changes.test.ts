import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  attach,
  changePreview,
  changesOf,
  type Customer,
  done,
  EUROS,
  featuresOf,
  FREE,
  paid,
  type PlannedChange,
  preview,
  SCALE,
  subscriptionRow,
  synced,
} from "./changing.ts";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  MONTHLY,
  newToken,
  type OpenSession,
  openSession,
  record,
  statusOf,
  subscriptionFacts,
  YEARLY,
} from "./support.ts";

const { first, owner, keyDigest, race } = await openRaces();
const { begin, onFreePlan, openChange, openDowngrade, subscribed } = changesOf(first, keyDigest);

type Downgrade = Awaited<ReturnType<typeof openDowngrade>>;
const confirmed = (free: Downgrade) => (connection: Connection) =>
  connection.call<PlannedChange & { plan: { revision: number } }>("complete_free_checkout", free);
const rowOf = (customer: Customer) => subscriptionRow(owner, customer);
const keysOf = (customer: Customer) => featuresOf(owner, customer);

/** A checkout and a change that would bring the same product. */
async function both() {
  const customer = await subscribed();
  const bought = await openSession(first, keyDigest, customer.user, { p_price_id: SCALE });
  const change = await openChange(customer, SCALE);
  await record(first, bought, "succeeded", {
    p_intent: {
      id: bought.intentId,
      status: "succeeded",
      fingerprint: randomUUID(),
      paymentMethodId: "pm_1",
    },
  });
  return { customer, bought, change };
}
const completed = (session: OpenSession) => (connection: Connection) =>
  complete(connection, session);

describe("begin_checkout for a subscription that exists", () => {
  it("answers at once what it changes", async () => {
    const customer = await subscribed();
    expect(await begin(customer, SCALE)).toMatchObject({
      outcome: "created",
      session: { change: { stripeSubscriptionId: customer.facts["id"] } },
    });
  });

  it("refuses one of more seats than the other price is sold for, and says how many it is", async () => {
    const customer = await subscribed();
    await owner.rows("update billing.subscriptions set quantity = 3 where id = $1", [
      customer.subscriptionId,
    ]);
    expect(await begin(customer, SCALE)).toEqual({
      outcome: "quantity_not_allowed",
      details: { minQuantity: 1, maxQuantity: 1 },
    });
  });

  it.each<[string, (customer: Customer) => Promise<{ outcome: string }>, string]>([
    [
      "nobody's",
      ({ user }) => begin({ user, subscriptionId: randomUUID() }, SCALE),
      "subscription_not_found",
    ],
    [
      "another's",
      ({ subscriptionId }) => begin({ user: randomUUID(), subscriptionId }, SCALE),
      "subscription_not_found",
    ],
    ["on this price", (customer) => begin(customer, MONTHLY), "already_on_price"],
    ["in another currency", (customer) => begin(customer, EUROS), "currency_mismatch"],
    ["paid, to a free price", (customer) => begin(customer, FREE), "change_to_free"],
    ["past due", async (customer) => {
      await first.call("record_subscription", {
        p_seen_revision: (await rowOf(customer)).revision,
        p_subscription: { ...customer.facts, status: "past_due" },
      });
      return begin(customer, SCALE);
    }, "payment_overdue"],
    ["paused, which is owed nothing", async (customer) => {
      await first.call("record_subscription", {
        p_seen_revision: (await rowOf(customer)).revision,
        p_subscription: { ...customer.facts, status: "paused" },
      });
      return begin(customer, SCALE);
    }, "change_unavailable"],
    ["ended", async (customer) => {
      await first.call("record_subscription", {
        p_seen_revision: (await rowOf(customer)).revision,
        p_subscription: { ...customer.facts, status: "canceled" },
      });
      return begin(customer, SCALE);
    }, "subscription_ended"],
    ["being changed", async (customer) => {
      await paid(await openChange(customer, YEARLY))(first);
      return begin(customer, SCALE);
    }, "change_in_progress"],
    ["beside one that has the product", async (customer) => {
      const other = await openSession(first, keyDigest, customer.user, { p_price_id: SCALE });
      await record(first, other, "succeeded", {
        p_intent: {
          id: other.intentId,
          status: "succeeded",
          fingerprint: randomUUID(),
          paymentMethodId: "pm_1",
        },
      });
      await complete(first, other);
      return begin(customer, SCALE);
    }, "already_subscribed"],
  ])("refuses one %s", async (_what, attempt, outcome) => {
    expect(await attempt(await subscribed())).toEqual({ outcome });
  });

  it("gives the open session back, and another one once the subscription has changed", async () => {
    const customer = await subscribed();
    const tokenId = await newToken(first, keyDigest, customer.user);
    const ask = () => begin(customer, SCALE, { p_token_id: tokenId });
    const created = await ask();
    expect(await ask()).toMatchObject({ outcome: "existing", session: { id: created.session.id } });
    const yearly = await openChange(customer, YEARLY);
    const { plan } = await paid(yearly)(first);
    await done(yearly.sessionId, customer, plan.change.revision)(first);
    const again = await ask();
    expect(again.outcome).toBe("created");
    expect(again.session.id).not.toBe(created.session.id);
  });
});

describe("the preview of a change", () => {
  it("keeps the first figures of two that are read at the same instant", async () => {
    const { session } = await begin(await subscribed(), SCALE);
    const [one, other] = await race(
      preview(session.id, changePreview()),
      preview(session.id, changePreview({}, 1_000, 9_000)),
      "record_preview",
    );
    expect(one).toMatchObject({ totalAmount: 3_000, intentKind: "payment" });
    expect(other).toEqual(one);
  });

  it("asks for no intent where less is charged than credited", async () => {
    const { session } = await begin(await subscribed(), SCALE);
    expect(await preview(session.id, changePreview({}, 4_000, 1_000))(first))
      .toMatchObject({ totalAmount: 0, intentKind: "none" });
  });

  it("is of a change alone", async () => {
    const tokenId = await newToken(first, keyDigest);
    const { session } = await first.call<{ session: { id: string } }>(
      "begin_checkout",
      beginArguments(tokenId),
    );
    await expect(preview(session.id, changePreview())(first))
      .rejects.toMatchObject({ code: "BO002" });
  });
});

describe("of two changes of one subscription", () => {
  it("that are paid at the same instant, one is made and the other's money goes back", async () => {
    const customer = await subscribed();
    const [one, other] = [await openChange(customer, SCALE), await openChange(customer, YEARLY)];
    const [won, lost] = await race(paid(one), paid(other), "record_intent");
    expect(won.outcome).toBe("fulfill");
    expect(lost).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "subscription_changed" },
    });
    // Decided for good, also when the winner is given up later.
    await first.call("refuse_fulfillment", { p_session_id: one.sessionId });
    expect(await paid(other)(first)).toMatchObject({ outcome: "refund" });
    expect(await rowOf(customer)).toMatchObject({ price_id: MONTHLY });
  });

  it("a payment and a confirmation at the same instant are one", async () => {
    const customer = await subscribed();
    const [one, other] = [await openChange(customer, SCALE), await openDowngrade(customer, YEARLY)];
    const [won, lost] = await race(paid(one), confirmed(other), "complete_free_checkout");
    expect([won.outcome, lost.outcome]).toEqual(["fulfill", "subscription_changed"]);
  });

  it("one that was given up leaves the subscription to the next", async () => {
    const customer = await subscribed();
    const one = await openDowngrade(customer, SCALE);
    expect(await confirmed(one)(first)).toMatchObject({ outcome: "apply" });
    const ends = await race(
      (connection) => connection.call("fail_change", { p_session_id: one.p_session_id }),
      (connection) => connection.call("fail_change", { p_session_id: one.p_session_id }),
      "fail_change",
    );
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[0]).toMatchObject({ status: "failed", error: { code: "subscription_changed" } });
    expect(await first.call("resume_change", { p_session_id: one.p_session_id })).toBeNull();
    expect(await confirmed(await openDowngrade(customer, SCALE))(first))
      .toMatchObject({ outcome: "apply" });
  });
});

describe("a change", () => {
  it("is one however often it is confirmed and completed at the same instant", async () => {
    const customer = await subscribed();
    const free = await openDowngrade(customer, SCALE);
    const [one, other] = await race(confirmed(free), confirmed(free), "complete_free_checkout");
    expect(other).toEqual(one);
    const end = done(free.p_session_id, customer, one.plan.revision);
    const ends = await race(end, end, "complete_checkout");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded"]);
    expect(await rowOf(customer)).toMatchObject({ price_id: SCALE });
  });

  it("takes the features that the new product lacks, and gives those that it has", async () => {
    const customer = await subscribed();
    expect(await keysOf(customer)).toEqual(["api-access", "projects"]);
    const up = await openChange(customer, SCALE);
    const { plan } = await paid(up)(first);
    await done(up.sessionId, customer, plan.change.revision)(first);
    expect(await keysOf(customer)).toEqual(["api-access", "audit-log", "projects"]);
    const down = await openDowngrade(customer, YEARLY);
    const { plan: next } = await confirmed(down)(first);
    await done(down.p_session_id, customer, next.revision)(first);
    expect(await keysOf(customer)).toEqual(["api-access", "projects"]);
  });

  it("is the next version of each session that shows the subscription", async () => {
    const customer = await subscribed();
    const versionOf = async () =>
      (await owner.row<{ version: string }>(
        "select version from billing.checkout_sessions where id = $1",
        [customer.session.sessionId],
      )).version;
    const before = Number(await versionOf());
    const up = await openChange(customer, SCALE);
    const { plan } = await paid(up)(first);
    await done(up.sessionId, customer, plan.change.revision)(first);
    expect(Number(await versionOf())).toBe(before + 1);
  });

  it("that was read before the subscription was written is read again", async () => {
    const customer = await subscribed();
    const up = await openChange(customer, SCALE);
    const { plan } = await paid(up)(first);
    const seen = plan.change.revision;
    const [, late] = await race(
      synced(customer, seen),
      done(up.sessionId, customer, seen),
      "complete_checkout",
    );
    expect(late).toEqual({ outcome: "stale" });
    const again = await paid(up)(first);
    expect(again.plan.change.revision).toBe(seen + 1);
    expect(await done(up.sessionId, customer, seen + 1)(first))
      .toMatchObject({ outcome: "succeeded" });
    expect(await statusOf(first, up)).toBe("succeeded");
  });

  it("that is written first makes the news of Stripe be read again", async () => {
    const customer = await subscribed();
    const up = await openChange(customer, SCALE);
    const { plan } = await paid(up)(first);
    const seen = plan.change.revision;
    const [, late] = await race(
      done(up.sessionId, customer, seen),
      synced(customer, seen, { status: "past_due" }),
      "record_subscription",
    );
    expect(late).toEqual({ outcome: "stale" });
  });

  it("attempts no card once the subscription is another", async () => {
    const customer = await subscribed();
    const [one, other] = [await openChange(customer, SCALE), await openChange(customer, YEARLY)];
    await paid(one)(first);
    expect(
      await first.call("begin_attempt", {
        p_session_id: other.sessionId,
        p_stripe_payment_method_id: "pm_1",
        p_intent_status: "requires_payment_method",
      }),
    ).toEqual({ outcome: "subscription_changed" });
  });

  it("is not completed unless it was paid and decided", async () => {
    const customer = await subscribed();
    const up = await openChange(customer, SCALE);
    await expect(done(up.sessionId, customer, 1)(first)).rejects.toMatchObject({ code: "BO003" });
    const down = await openDowngrade(customer, SCALE);
    await expect(done(down.p_session_id, customer, 1)(first))
      .rejects.toMatchObject({ code: "BO003" });
  });
});

describe("a product that a change brings and a checkout sells at the same instant is had once", () => {
  it("by the change, where it is decided first", async () => {
    const { bought, change } = await both();
    const [decided, sold] = await race(paid(change), completed(bought), "complete_checkout");
    expect(decided.outcome).toBe("fulfill");
    expect(sold).toMatchObject({ outcome: "refund" });
  });

  it("by the checkout, where it is completed first", async () => {
    const { bought, change } = await both();
    const [sold, decided] = await race(completed(bought), paid(change), "record_intent");
    expect(sold.outcome).toBe("succeeded");
    expect(decided).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "already_subscribed" },
    });
  });
});

describe("a free subscription", () => {
  it("is the same row when it is paid for, and not a second one", async () => {
    const customer = await onFreePlan();
    const { session: { id: sessionId, totalAmount } } = await begin(customer, MONTHLY);
    expect(totalAmount).toBe(2_900);
    const change = await attach(first, sessionId);
    expect(await paid(change)(first)).toMatchObject({ outcome: "fulfill", plan: { change: null } });
    const facts = subscriptionFacts();
    const ends = await race(
      (connection) => complete(connection, change, facts),
      (connection) => complete(connection, change, facts),
      "complete_checkout",
    );
    expect(ends.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded"]);
    expect(
      await owner.rows(
        `select sub.id, sub.price_id, sub.stripe_subscription_id from billing.subscriptions sub
         join billing.customers c on c.id = sub.customer_id where c.external_id = $1`,
        [customer.user],
      ),
    ).toEqual([
      { id: customer.subscriptionId, price_id: MONTHLY, stripe_subscription_id: facts["id"] },
    ]);
  });

  it("of which a second subscription was made at Stripe is told which one is surplus", async () => {
    const customer = await onFreePlan();
    const { session: { id: sessionId } } = await begin(customer, MONTHLY);
    const change = await attach(first, sessionId);
    await paid(change)(first);
    await complete(first, change, subscriptionFacts());
    expect(await complete(first, change, subscriptionFacts())).toEqual({ outcome: "surplus" });
  });

  it("is not told that it ends while its paid change is carried out, which would write over that", async () => {
    const customer = await onFreePlan();
    const { session: { id: sessionId } } = await begin(customer, MONTHLY);
    const change = await attach(first, sessionId);
    await paid(change)(first);
    const ending = async () =>
      first.call("begin_ending", {
        p_token_id: await newToken(first, keyDigest, customer.user, ["subscription"]),
        p_livemode: false,
        p_subscription_id: customer.subscriptionId,
        p_ending: true,
      });
    expect(await ending()).toEqual({ outcome: "change_in_progress" });
    await complete(first, change, subscriptionFacts());
    expect(await ending()).toMatchObject({ outcome: "at_stripe" });
  });

  it("that ends before it is paid for gives the money back", async () => {
    const customer = await onFreePlan();
    const { session: { id: sessionId } } = await begin(customer, MONTHLY);
    const change = await attach(first, sessionId);
    const [, late] = await race(
      (connection) =>
        connection.call<boolean>("cancel_free_subscription", {
          p_subscription_id: customer.subscriptionId,
        }),
      paid(change),
      "record_intent",
    );
    expect(late).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "subscription_changed" },
    });
  });
});
