import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SCALE, SEATS } from "./changing.ts";
import { fulfillingSince, paidSession, plan, refuse, subscriptionsOf } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import {
  complete,
  type Connection,
  openSession,
  ORGANIZATION,
  record,
  statusOf,
} from "./support.ts";

const { first, second, owner, keyDigest, race } = await openRaces();

const open = (user: string, price?: string) =>
  openSession(first, keyDigest, user, price === undefined ? {} : { p_price_id: price });
const known = (user: string) =>
  owner.rows("insert into billing.customers (organization_id, external_id) values ($1, $2)", [
    ORGANIZATION,
    user,
  ]);
/** One call inside a transaction that is still open when the other, which does not wait for it, is done. */
async function beside<A, B>(
  one: (connection: Connection) => Promise<A>,
  other: (connection: Connection) => Promise<B>,
): Promise<[A, B]> {
  await first.rows("begin");
  try {
    return [await one(first), await other(second)];
  } finally {
    await first.rows("commit");
  }
}
const ALREADY = { outcome: "refund", plan: { refundReason: "already_subscribed" } };

describe("of two sessions of one customer that are paid for one product at the same instant", () => {
  it.each<[string, (user: string) => Promise<unknown>]>([
    ["a new customer's", () => Promise.resolve()],
    ["a returning customer's", known],
  ])(
    "one is fulfilled and the other goes back before anything is made at Stripe: %s",
    async (_whose, before) => {
      const user = randomUUID();
      await before(user);
      const [one, other] = [await open(user), await open(user)];
      const [won, lost] = await race(plan(one), plan(other), "record_intent");
      expect(won).toMatchObject({ outcome: "fulfill", plan: { refundReason: null } });
      expect(lost).toMatchObject(ALREADY);
      expect(lost.plan.customer).toMatchObject({
        id: won.plan.customer.id,
        stripeCustomerId: null,
      });
      for (const session of [one, other]) expect(await subscriptionsOf(first, session)).toEqual([]);
      expect(await fulfillingSince(first, one)).not.toBeNull();
      expect(await fulfillingSince(first, other)).toBeNull();
    },
  );

  it("the same one is fulfilled however often each is planned again", async () => {
    const user = randomUUID();
    const [one, other] = [await open(user), await open(user)];
    await plan(one)(first);
    for (let times = 0; times < 2; times += 1) {
      expect(await plan(other)(first)).toMatchObject(ALREADY);
      expect(await plan(one)(first)).toMatchObject({ outcome: "fulfill" });
    }
    expect(await complete(first, other)).toEqual({ outcome: "refund" });
    expect(await complete(first, one)).toMatchObject({ outcome: "succeeded" });
  });

  it("the other ends as refunded, and says so", async () => {
    const user = randomUUID();
    const one = await paidSession(first, keyDigest, user);
    const other = await paidSession(first, keyDigest, user);
    await first.call("record_refund", {
      p_session_id: other.sessionId,
      p_stripe_refund_id: "re_1",
      p_status: "succeeded",
      p_failures: 0,
    });
    expect(await first.call("read_checkout", { p_session_id: other.sessionId })).toMatchObject({
      snapshot: { status: "failed", error: { code: "payment_refunded" } },
    });
    await complete(first, one);
    expect(await statusOf(first, one)).toBe("succeeded");
  });

  it("of two set-ups for one trial the second takes no trial", async () => {
    const user = randomUUID();
    const [one, other] = [await open(user, SCALE), await open(user, SCALE)];
    const [won, lost] = await race(
      plan(one, { fingerprint: randomUUID() }),
      plan(other, { fingerprint: randomUUID() }),
      "record_intent",
    );
    expect([won.outcome, lost.outcome]).toEqual(["fulfill", "refund"]);
    const trials = await owner.rows(
      "select checkout_session_id from billing.trials where checkout_session_id in ($1, $2)",
      [one.sessionId, other.sessionId],
    );
    expect(trials).toEqual([{ checkout_session_id: one.sessionId }]);
  });
});

describe("a product that is being fulfilled", () => {
  it("is free again once that was refused, for a third payment and not for one that goes back", async () => {
    const user = randomUUID();
    const [one, other, third] = [await open(user), await open(user), await open(user)];
    await plan(one)(first);
    await plan(other)(first);
    expect(await refuse(one)(first)).toBe(true);
    expect(await fulfillingSince(first, one)).toBeNull();
    expect(await plan(other)(first)).toMatchObject(ALREADY);
    expect(await plan(third)(first)).toMatchObject({ outcome: "fulfill" });
    expect(await plan(one)(first)).toMatchObject({ outcome: "refund" });
    expect(await complete(first, third)).toMatchObject({ outcome: "succeeded" });
  });

  it("is not free for a payment that comes at the same instant as the refusal", async () => {
    const user = randomUUID();
    const [one, other] = [await open(user), await open(user)];
    await plan(one)(first);
    const [, late] = await beside(refuse(one), plan(other));
    expect(late).toMatchObject(ALREADY);
  });

  it("is had, and no longer promised, once that is complete", async () => {
    const user = randomUUID();
    const [one, other] = [await open(user), await open(user)];
    await plan(one)(first);
    await complete(first, one);
    expect(await fulfillingSince(first, one)).toBeNull();
    expect(await plan(other)(first)).toMatchObject(ALREADY);
  });

  it("holds up no other product of the customer", async () => {
    const user = randomUUID();
    const [one, other] = [await open(user), await open(user, SEATS)];
    const plans = await race(plan(one), plan(other), "record_intent");
    expect(plans.map(({ outcome }) => outcome)).toEqual(["fulfill", "fulfill"]);
    for (const session of [one, other]) {
      expect(await complete(first, session)).toMatchObject({ outcome: "succeeded" });
    }
  });

  it("holds up no other customer, not even for a moment", async () => {
    const [one, other] = [await open(randomUUID()), await open(randomUUID())];
    const plans = await beside(plan(one), plan(other));
    expect(plans.map(({ outcome }) => outcome)).toEqual(["fulfill", "fulfill"]);
  });

  it("is promised to one session alone, whoever writes it", async () => {
    const user = randomUUID();
    const [one, other] = [await open(user), await open(user)];
    const promise = ({ sessionId }: typeof one) =>
      owner.rows("update billing.checkout_sessions set fulfilling_since = now() where id = $1", [
        sessionId,
      ]);
    await promise(one);
    await expect(promise(other)).rejects.toMatchObject({
      constraint: "checkout_sessions_one_fulfillment",
    });
  });

  it("is no news to whoever listens", async () => {
    const session = await open(randomUUID());
    await record(first, session, "processing");
    const read = () => first.call("read_checkout", { p_session_id: session.sessionId });
    const before = await read();
    await plan(session)(first);
    expect(await fulfillingSince(first, session)).not.toBeNull();
    expect(await read()).toEqual(before);
  });
});
