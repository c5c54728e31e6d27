import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { type Customer, openPeople } from "./data-rights/people.ts";
import { openSession, record } from "./support.ts";

const { service, owner, keyDigest, subscribed, erase, dump } = await openPeople();
let customer: Customer;

beforeEach(async () => {
  customer = await subscribed(randomUUID());
});

describe("erase_customer", () => {
  it.each(["active", "trialing", "past_due", "unpaid", "incomplete", "paused"])(
    "refuses while a subscription is %s, and changes nothing",
    async (status) => {
      await owner.rows(
        "update billing.subscriptions set status = $2 where stripe_subscription_id = $1",
        [customer.subscription, status],
      );
      const before = await dump();
      expect(await erase(customer.user)).toEqual({
        outcome: "live_subscription",
        stripeSubscriptionIds: [customer.subscription],
      });
      expect(await dump()).toBe(before);
    },
  );

  it.each(["requires_payment_method", "requires_action", "processing", "succeeded"])(
    "refuses while a payment is %s, and changes nothing",
    async (status) => {
      const session = await openSession(service, keyDigest, customer.user);
      await record(service, session, status);
      const before = await dump();
      expect(await erase(customer.user)).toEqual({
        outcome: "unfinished",
        sessionIds: [session.sessionId],
      });
      expect(await dump()).toBe(before);
    },
  );

  it("refuses while money that came too late is neither honored nor given back", async () => {
    const session = await openSession(service, keyDigest, customer.user);
    await owner.rows("update billing.checkout_sessions set status = 'canceled' where id = $1", [
      session.sessionId,
    ]);
    await record(service, session, "succeeded");
    expect(await erase(customer.user)).toMatchObject({ outcome: "unfinished" });
    const refunded = (status: string) =>
      service.call("record_refund", {
        p_session_id: session.sessionId,
        p_stripe_refund_id: "re_1",
        p_status: status,
        p_failures: 0,
      });
    await refunded("pending");
    expect(await erase(customer.user)).toMatchObject({ outcome: "unfinished" });
    await refunded("succeeded");
    expect(await erase(customer.user)).toMatchObject({ outcome: "erased", sessions: 2 });
  });

  it("refuses while a refund that was given up is not settled by other means", async () => {
    const session = await openSession(service, keyDigest, customer.user);
    await record(service, session, "succeeded");
    await service.call("refuse_fulfillment", { p_session_id: session.sessionId });
    await service.call("record_refund", {
      p_session_id: session.sessionId,
      p_stripe_refund_id: "re_5",
      p_status: "failed",
      p_failures: 5,
    });
    expect(await erase(customer.user)).toEqual({
      outcome: "unfinished",
      sessionIds: [session.sessionId],
    });
    await owner.call("billing_private.settle_refund", { p_session_id: session.sessionId });
    expect(await erase(customer.user)).toMatchObject({ outcome: "erased", sessions: 2 });
  });
});
