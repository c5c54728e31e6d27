import { describe, expect, it } from "vitest";
import {
  changesOf,
  type Customer,
  done,
  paid,
  type PlannedChange,
  SCALE,
  SEATS,
  subscriptionRow,
} from "./changing.ts";
import { openRaces } from "./races.ts";
import type { Connection } from "./support.ts";

// A customer has one live subscription of a product. Of two that would both change to it, Stripe would make both, and neither could be
// written down.

const { first, owner, keyDigest, race } = await openRaces();
const { begin, openChange, openDowngrade, subscribed } = changesOf(first, keyDigest);

/** Two subscriptions of one customer, of different products. */
async function two(): Promise<[Customer, Customer]> {
  const one = await subscribed();
  return [one, await subscribed(one.user, { p_price_id: SEATS })];
}

type Downgrade = Awaited<ReturnType<typeof openDowngrade>>;
const confirmed = (free: Downgrade) => (connection: Connection) =>
  connection.call<PlannedChange & { plan: { revision: number } }>("complete_free_checkout", free);

describe("of two subscriptions of one customer that change to one product", () => {
  it("and are paid for at the same instant, one is changed and the other's money goes back", async () => {
    const [one, other] = await two();
    const [change, late] = [await openChange(one, SCALE), await openChange(other, SCALE)];
    const [won, lost] = await race(paid(change), paid(late), "record_intent");
    expect(won.outcome).toBe("fulfill");
    expect(lost).toMatchObject({ outcome: "refund", plan: { refundReason: "already_subscribed" } });
    expect(await done(change.sessionId, one, won.plan.change.revision)(first))
      .toMatchObject({ outcome: "succeeded" });
    expect(await subscriptionRow(owner, other)).toMatchObject({ price_id: SEATS });
  });

  it("and are confirmed with nothing due at the same instant, one is changed and the other's owner is told", async () => {
    const [one, other] = await two();
    const [change, late] = [await openDowngrade(one, SCALE), await openDowngrade(other, SCALE)];
    const [won, lost] = await race(confirmed(change), confirmed(late), "complete_free_checkout");
    expect([won.outcome, lost.outcome]).toEqual(["apply", "already_subscribed"]);
    expect(
      await owner.row("select status, error_code from billing.checkout_sessions where id = $1", [
        late.p_session_id,
      ]),
    ).toEqual({ status: "failed", error_code: "already_subscribed" });
    expect(await done(change.p_session_id, one, won.plan.revision)(first))
      .toMatchObject({ outcome: "succeeded" });
  });

  it("the second is neither opened nor charged once the first is decided", async () => {
    const [one, other] = await two();
    const late = await openChange(other, SCALE);
    await paid(await openChange(one, SCALE))(first);
    expect(
      await first.call("begin_attempt", {
        p_session_id: late.sessionId,
        p_stripe_payment_method_id: "pm_1",
        p_intent_status: "requires_payment_method",
      }),
    ).toEqual({ outcome: "already_subscribed" });
    expect(await begin(other, SCALE, { p_request_hash: "anew" }))
      .toEqual({ outcome: "already_subscribed" });
  });

  it("the second may come once the first is given up", async () => {
    const [one, other] = await two();
    const [given, change] = [await openDowngrade(one, SCALE), await openDowngrade(other, SCALE)];
    expect(await confirmed(given)(first)).toMatchObject({ outcome: "apply" });
    await first.call("fail_change", { p_session_id: given.p_session_id });
    const { outcome, plan } = await confirmed(change)(first);
    expect(outcome).toBe("apply");
    expect(await done(change.p_session_id, other, plan.revision)(first))
      .toMatchObject({ outcome: "succeeded" });
    expect(await subscriptionRow(owner, other)).toMatchObject({ price_id: SCALE });
  });
});
