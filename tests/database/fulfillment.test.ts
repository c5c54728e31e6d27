import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  complete,
  type Completed,
  openDatabase,
  openSession,
  openShop,
  receive,
  record,
  statusOf,
  subscriptionFacts,
  untilBlocked,
} from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);

const paidSession = async (user?: string) => {
  const session = await openSession(service, keyDigest, user);
  await record(service, session, "succeeded");
  return session;
};
const count = async (table: string, column: string, id: string) =>
  (await service.row<{ n: number }>(
    `select count(*)::int as n from billing.${table} where ${column} = $1`,
    [id],
  )).n;

describe("complete_checkout", () => {
  it("writes subscription, customer, grants and session in one transaction", async () => {
    const session = await paidSession();
    const before = await service.call<{ snapshot: { features: string[] } }>("read_checkout", {
      p_session_id: session.sessionId,
    });
    expect(before.snapshot).toMatchObject({ status: "processing", features: [] });
    const { snapshot } = await complete(service, session);
    expect(snapshot).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
      features: ["api-access", "projects"],
    });
  });

  it("changes nothing the second time", async () => {
    const session = await paidSession();
    const facts = subscriptionFacts();
    const first = await complete(service, session, facts);
    const again = await complete(service, session, facts);
    expect(again).toEqual(first);
    expect(await count("subscriptions", "checkout_session_id", session.sessionId)).toBe(1);
  });

  it("makes one subscription of two at the same instant", async () => {
    const session = await paidSession();
    const facts = subscriptionFacts();
    await service.rows("begin");
    const first = await complete(service, session, facts);
    const racing = complete(second, session, facts);
    await untilBlocked(owner, "complete_checkout");
    await service.rows("commit");
    expect((await racing).snapshot).toEqual(first.snapshot);
    expect(await count("subscriptions", "checkout_session_id", session.sessionId)).toBe(1);
  });

  it("names a second subscription surplus, at the same instant too, and does not finish its event", async () => {
    const session = await paidSession();
    const { eventId } = await receive(service);
    await service.rows("begin");
    await complete(service, session);
    const racing = second.call<Completed>("complete_checkout", {
      p_session_id: session.sessionId,
      p_subscription: subscriptionFacts(),
      p_event_id: eventId,
    });
    await untilBlocked(owner, "complete_checkout");
    await service.rows("commit");
    expect(await racing).toEqual({ outcome: "surplus" });
    expect(await count("subscriptions", "checkout_session_id", session.sessionId)).toBe(1);
    expect(await owner.rows("select status from billing.webhook_events where id = $1", [eventId]))
      .toEqual([{ status: "processing" }]);
  });

  it("never honors what was promised back, even once the other subscription has ended", async () => {
    const user = randomUUID();
    const [one, other] = [await paidSession(user), await openSession(service, keyDigest, user)];
    const facts = subscriptionFacts();
    await complete(service, one, facts);
    expect((await record(service, other, "succeeded")).outcome).toBe("refund");
    await service.call("record_subscription", {
      p_seen_revision: 1,
      p_subscription: { ...facts, status: "canceled" },
    });
    expect((await record(service, other, "succeeded")).outcome).toBe("refund");
    expect(await complete(service, other)).toEqual({ outcome: "refund" });
  });

  it("refuses a session that nobody paid", async () => {
    const session = await openSession(service, keyDigest);
    await expect(complete(service, session)).rejects.toMatchObject({ code: "BO003" });
  });

  it("honors money that lands after expiry", async () => {
    const session = await openSession(service, keyDigest);
    await owner.rows("update billing.checkout_sessions set expires_at = now() where id = $1", [
      session.sessionId,
    ]);
    await owner.rows("update billing.checkout_sessions set status = 'expired' where id = $1", [
      session.sessionId,
    ]);
    expect((await record(service, session, "succeeded")).outcome).toBe("fulfill");
    await complete(service, session);
    expect(await statusOf(service, session)).toBe("succeeded");
  });

  it("gives late money back where the product is gone, and says so", async () => {
    await owner.rows("begin");
    const session = await openSession(owner, keyDigest);
    await owner.rows("update billing.checkout_sessions set status = 'expired' where id = $1", [
      session.sessionId,
    ]);
    await owner.rows("update billing.products set active = false");
    const outcome = await record(owner, session, "succeeded");
    await owner.call("record_refund", {
      p_session_id: session.sessionId,
      p_stripe_refund_id: "re_1",
      p_status: "succeeded",
      p_failures: 0,
    });
    const { snapshot } = await owner.call<{ snapshot: object }>("read_checkout", {
      p_session_id: session.sessionId,
    });
    await owner.rows("rollback");
    expect(outcome.outcome).toBe("refund");
    expect(snapshot).toMatchObject({ status: "expired", error: { code: "payment_refunded" } });
  });

  it("commits its event's mark with its effect, and neither alone", async () => {
    const session = await paidSession();
    const { eventId } = await receive(service);
    const finish = {
      p_session_id: session.sessionId,
      p_subscription: subscriptionFacts(),
      p_event_id: eventId,
    };
    await service.rows("begin");
    await service.call("complete_checkout", finish);
    await service.rows("rollback");
    const event = () =>
      service.row("select status, outcome from billing.webhook_events where id = $1", [eventId]);
    expect(await event()).toMatchObject({ status: "processing" });
    expect(await statusOf(service, session)).toBe("processing");
    await service.call("complete_checkout", finish);
    expect(await event()).toEqual({ status: "processed", outcome: "applied" });
  });

  it("moves no succeeded session, whatever Stripe said earlier", async () => {
    const session = await paidSession();
    await complete(service, session);
    for (const status of ["requires_payment_method", "requires_action", "processing", "canceled"]) {
      expect((await record(service, session, status)).outcome).toBe("succeeded");
    }
    expect(await statusOf(service, session)).toBe("succeeded");
  });
});

describe("refuse_fulfillment", () => {
  it("turns a paid session into one to refund, and a fulfilled one into nothing", async () => {
    const refused = await paidSession();
    const refuse = (id: string) =>
      service.call<boolean>("refuse_fulfillment", { p_session_id: id });
    expect(await refuse(refused.sessionId)).toBe(true);
    expect(await complete(service, refused)).toEqual({ outcome: "refund" });
    const fulfilled = await paidSession();
    await complete(service, fulfilled);
    expect(await refuse(fulfilled.sessionId)).toBe(false);
    expect(await statusOf(service, fulfilled)).toBe("succeeded");
  });
});

describe("record_stripe_customer", () => {
  it("keeps no id of one account for another", async () => {
    const session = await openSession(service, keyDigest);
    const { plan } = await record<{ plan: { customer: { id: string } } }>(
      service,
      session,
      "succeeded",
    );
    const keep = (id: string, account?: string, replaces = true) =>
      service.call<string>("record_stripe_customer", {
        p_customer_id: plan.customer.id,
        p_stripe_customer_id: id,
        ...(account === undefined ? {} : { p_stripe_account_id: account }),
        p_replaces: replaces,
      });
    const [here, there] = [`cus_${randomUUID().slice(0, 8)}`, `cus_${randomUUID().slice(0, 8)}`];
    expect(await keep(here)).toBe(here);
    expect(await keep(there, "acct_1")).toBe(there);
    // What a refunded session left on the account before.
    expect(await keep(here, undefined, false)).toBe(there);
    expect(await keep("cus_later", "acct_1")).toBe(there);
  });

  it("keeps the first of two ids", async () => {
    const session = await openSession(service, keyDigest);
    const { plan } = await record<{ plan: { customer: { id: string } } }>(
      service,
      session,
      "succeeded",
    );
    const keep = (connection: typeof service, id: string) =>
      connection.call<string>("record_stripe_customer", {
        p_customer_id: plan.customer.id,
        p_stripe_customer_id: id,
      });
    await service.rows("begin");
    const first = `cus_${randomUUID().slice(0, 8)}`;
    await keep(service, first);
    const racing = keep(second, "cus_other");
    await untilBlocked(owner, "record_stripe_customer");
    await service.rows("commit");
    expect(await racing).toBe(first);
  });
});
