import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { attach, changesOf, paid, SCALE } from "./changing.ts";
import { decision, fulfillingSince, paidSession, plan, refuse } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import { complete, MONTHLY, nowSeconds, type OpenSession, openSession, record } from "./support.ts";

const { first, owner, keyDigest, race } = await openRaces();
const { begin, onFreePlan, openChange, openDowngrade, subscribed } = changesOf(first, keyDigest);
const DAY = 86_400;

/** Lets time pass since a session was first planned, or since its change was decided. */
const letPass = async ({ sessionId }: OpenSession, interval: string) => {
  await owner.rows(
    "update billing.checkout_sessions set fulfilling_since = fulfilling_since - $2::interval where id = $1",
    [sessionId, interval],
  );
  await owner.rows(
    `update billing.subscription_changes set claimed_at = claimed_at - $2::interval
     where checkout_session_id = $1`,
    [sessionId, interval],
  );
};
const ages: [string, boolean][] = [
  ["0 seconds", false],
  ["11 hours 59 minutes", false],
  ["12 hours", true],
  ["3 days", true],
];

describe("a payment that is being fulfilled", () => {
  it.each(ages)("for %s is overdue: %s", async (age, overdue) => {
    const session = await paidSession(first, keyDigest);
    await letPass(session, age);
    const planned = await plan(session)(first);
    expect(planned).toMatchObject({ outcome: "fulfill", plan: { overdue } });
  });

  it.each(ages)("into a change for %s is overdue: %s", async (age, overdue) => {
    const change = await openChange(await subscribed(), SCALE);
    await paid(change)(first);
    await letPass(change, age);
    const planned = await paid(change)(first);
    expect(planned).toMatchObject({ outcome: "fulfill", plan: { change: { overdue } } });
  });

  it.each(ages)(
    "into a change with nothing due for %s is overdue: %s",
    async (age, overdue) => {
      const free = await openDowngrade(await subscribed(), SCALE);
      await first.call("complete_free_checkout", free);
      await letPass({ sessionId: free.p_session_id, intentId: "" }, age);
      expect(await first.call("resume_change", { p_session_id: free.p_session_id }))
        .toMatchObject({ overdue });
    },
  );

  it("is so since it was first planned, however often it is planned again", async () => {
    const session = await paidSession(first, keyDigest);
    await letPass(session, "1 hour");
    const since = await fulfillingSince(first, session);
    await plan(session)(first);
    await plan(session)(first);
    expect(await fulfillingSince(first, session)).toEqual(since);
  });

  it("is so since the first of two plans at the same instant", async () => {
    const session = await openSession(first, keyDigest);
    await race(plan(session), plan(session), "record_intent");
    const since = await fulfillingSince(first, session);
    await plan(session)(first);
    expect(await fulfillingSince(first, session)).toEqual(since);
  });

  it("is not overdue when it was paid long before anybody knew", async () => {
    const session = await openSession(first, keyDigest);
    const planned = await plan(session, { succeededAt: nowSeconds() - 2 * DAY })(first);
    expect(planned.plan).toMatchObject({ overdue: false });
  });

  it("is so no longer once it is complete", async () => {
    const session = await paidSession(first, keyDigest);
    expect(await fulfillingSince(first, session)).not.toBeNull();
    await complete(first, session);
    expect(await fulfillingSince(first, session)).toBeNull();
  });

  it("is so no longer once it was refused, for good", async () => {
    const session = await paidSession(first, keyDigest);
    await refuse(session, "deadline_passed")(first);
    expect(await fulfillingSince(first, session)).toBeNull();
    expect(await plan(session)(first)).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "deadline_passed", overdue: false },
    });
    expect(await fulfillingSince(first, session)).toBeNull();
  });
});

/** How many seconds ago the search for a customer of no address begins. */
const soughtFor = async (session: OpenSession) => {
  const { plan: { customer } } = await plan(session)(first);
  return nowSeconds() - customer.soughtSince;
};

describe("a customer at Stripe whose id is not known", () => {
  it("is sought among those made since a payment was to be honored, however old the row is", async () => {
    const user = randomUUID();
    const refused = await paidSession(first, keyDigest, user);
    await refuse(refused, "deadline_passed")(first);
    await owner.rows(
      "update billing.customers set created_at = now() - interval '1 year' where external_id = $1",
      [user],
    );
    const session = await paidSession(first, keyDigest, user);
    await letPass(session, "1 hour");
    expect(Math.abs(await soughtFor(session) - 3_600)).toBeLessThan(60);
    await owner.rows(
      "update billing.payment_intents set succeeded_at = now() - interval '2 days' where stripe_payment_intent_id = $1",
      [refused.intentId],
    );
    expect(Math.abs(await soughtFor(refused) - 2 * DAY)).toBeLessThan(60);
  });
});

describe("a customer who comes from a free plan", () => {
  it("is sought among those made since the payment, as after a first purchase", async () => {
    const customer = await onFreePlan();
    await owner.rows(
      "update billing.customers set created_at = now() - interval '1 year' where external_id = $1",
      [customer.user],
    );
    const change = await attach(first, (await begin(customer, MONTHLY)).session.id);
    expect(await soughtFor(change)).toBeLessThan(60);
  });
});

describe("a decision to refund", () => {
  const REASONS = [
    "fulfillment_refused",
    "subscription_changed",
    "amount_mismatch",
    "deadline_passed",
  ];
  it.each(REASONS)("is dated, once, and keeps its reason (%s)", async (reason) => {
    const session = await paidSession(first, keyDigest);
    expect(await decision(first, session)).toEqual({ reason: null, since: null });
    await refuse(session, reason)(first);
    const decided = await decision(first, session);
    expect(decided).toMatchObject({ reason });
    expect(decided.since?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    await refuse(session, "fulfillment_refused")(first);
    await refuse(session, "deadline_passed")(first);
    await plan(session, { amountReturned: 2900 })(first);
    expect(await decision(first, session)).toEqual(decided);
  });

  it("made by the plan is dated, once", async () => {
    const session = await openSession(first, keyDigest);
    await plan(session, { amountReturned: 2900 })(first);
    const decided = await decision(first, session);
    expect(decided.reason).toBe("money_returned");
    expect(decided.since).not.toBeNull();
    await refuse(session)(first);
    expect(await decision(first, session)).toEqual(decided);
  });

  it("is the first of two at the same instant", async () => {
    const session = await paidSession(first, keyDigest);
    await race(
      refuse(session, "amount_mismatch"),
      refuse(session, "deadline_passed"),
      "refuse_fulfillment",
    );
    expect(await decision(first, session)).toMatchObject({ reason: "amount_mismatch" });
  });

  it("is made of no payment that has not come", async () => {
    const session = await openSession(first, keyDigest);
    await record(first, session, "processing");
    expect(await refuse(session)(first)).toBe(false);
    expect(await decision(first, session)).toEqual({ reason: null, since: null });
  });

  it("has one of the reasons that are known", async () => {
    const session = await paidSession(first, keyDigest);
    await expect(refuse(session, "whim")(first)).rejects.toMatchObject({
      constraint: "payment_intents_refund_reason_known",
    });
  });

  it.each(["refund_reason = 'session_closed'", "refunding_since = now()"])(
    "has a reason and a date together: not %s alone",
    async (change) => {
      const { intentId } = await paidSession(first, keyDigest, randomUUID());
      await expect(
        owner.rows(
          `update billing.payment_intents set ${change} where stripe_payment_intent_id = $1`,
          [intentId],
        ),
      ).rejects.toMatchObject({ constraint: "payment_intents_refund_is_dated" });
    },
  );
});
