import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { type Customer, openPeople, stripeEvent } from "./data-rights/people.ts";
import { invoiceFacts } from "./billing.ts";
import { racing } from "./races.ts";
import { beginArguments, complete, openSession, record, untilBlocked } from "./support.ts";

// Two real connections: the first is inside its transaction when the second arrives, so that the order is certain.

const { database, service, owner, keyDigest, subscribed, receive, erase, dump } =
  await openPeople();
const [second, observer] = await Promise.all([database.service(), database.owner()]);
let customer: Customer;

beforeEach(async () => {
  customer = await subscribed(randomUUID());
});

const race = racing({ first: service, second, observer });

const begin = (connection = service) =>
  connection.call<{ outcome: string }>("begin_checkout", beginArguments(customer.tokenId));

describe("erase_customer at the same instant as", () => {
  it("a new checkout: the checkout that came first holds it up", async () => {
    const [, erasure] = await race(
      () => begin(),
      () => erase(customer.user, second),
      "erase_customer",
    );
    expect(erasure).toMatchObject({ outcome: "unfinished" });
  });

  it("a new checkout: the token of an erased customer opens none", async () => {
    const [, begun] = await race(() => erase(customer.user), () => begin(second), "begin_checkout");
    expect(begun).toEqual({ outcome: "unauthorized" });
  });

  it("a subscription that ends in success: it finds the subscription", async () => {
    const user = `late ${randomUUID()}`;
    const session = await openSession(service, keyDigest, user);
    await record(service, session, "succeeded");
    const [, erasure] = await race(
      () => complete(service, session),
      () => erase(user, second),
      "erase_customer",
    );
    expect(erasure).toMatchObject({ outcome: "live_subscription" });
  });

  it("Stripe's last word on a session: what is said of an erased customer names nobody", async () => {
    const user = `visitor ${randomUUID()}`;
    const session = await openSession(service, keyDigest, user);
    await observer.rows("update billing.checkout_sessions set status = 'expired' where id = $1", [
      session.sessionId,
    ]);
    const [erasure, recorded] = await race(
      () => erase(user),
      () => record(second, session, "canceled"),
      "record_intent",
    );
    expect(erasure).toMatchObject({ outcome: "erased" });
    expect(JSON.stringify(recorded)).not.toContain(user);
    expect(await dump()).not.toContain(user);
  });

  it("a late payment of a session that is over: it is fulfilled or given back under the pseudonym", async () => {
    const user = `visitor ${randomUUID()}`;
    const session = await openSession(service, keyDigest, user);
    await observer.rows("update billing.checkout_sessions set status = 'expired' where id = $1", [
      session.sessionId,
    ]);
    const [erasure, recorded] = await race(
      () => erase(user),
      () => record(second, session, "succeeded"),
      "record_intent",
    );
    expect(erasure).toMatchObject({ outcome: "erased" });
    expect(recorded).toMatchObject({
      outcome: "fulfill",
      plan: { customer: { externalId: erasure.pseudonym, email: null, name: null } },
    });
    expect(await dump()).not.toContain(user);
  });

  it("itself: one erases, the other finds nothing", async () => {
    const [won, lost] = await race(
      () => erase(customer.user),
      () => erase(customer.user, second),
      "erase_customer",
    );
    expect([won.outcome, lost.outcome]).toEqual(["erased", "not_found"]);
  });

  it("events about the customer that come again: neither fails for the other", async () => {
    const aboutIt = stripeEvent("payment_intent.succeeded", { id: customer.intentId });
    const events = ["c", "m", "a"].map((letter) => {
      const id = `evt_again_${letter}`;
      return {
        id,
        type: aboutIt.type,
        livemode: false,
        payload: Object.assign({}, aboutIt, { id }),
      };
    });
    for (const { payload } of events) await receive(payload);
    // Whoever takes them in another order than by their ids has one of the outer two before it waits for this one.
    await owner.rows("begin");
    await owner.rows(
      "select from billing.webhook_events where stripe_event_id = 'evt_again_m' for update",
    );
    const erasing = erase(customer.user);
    await untilBlocked(observer, "erase_customer");
    const again = second.call("receive_events", {
      p_events: JSON.stringify(events),
      p_lease_seconds: 60,
    });
    await untilBlocked(observer, "receive_events");
    await owner.rows("commit");
    expect((await Promise.allSettled([erasing, again])).map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
    ]);
  });

  it("an invoice of a subscription that was moved in, which has no session: neither fails for the other", async () => {
    const id = `sub_moved_${randomUUID()}`;
    await observer.rows(
      `insert into billing.subscriptions
       select (jsonb_populate_record(sub, jsonb_build_object(
         'id', gen_random_uuid(), 'stripe_subscription_id', $2::text, 'payment_intent_id', null, 'checkout_session_id', null,
         'imported_at', now(), 'metadata', jsonb_build_object('plan', 'old')))).*
       from billing.subscriptions sub where sub.stripe_subscription_id = $1`,
      [customer.subscription, id],
    );
    const aboutIt = stripeEvent("payment_intent.succeeded", { id: customer.intentId });
    await receive({ ...aboutIt, id: "evt_held" });
    // The erasure waits for it with the customer in its hands.
    await owner.rows("begin");
    await owner.rows(
      "select from billing.webhook_events where stripe_event_id = 'evt_held' for update",
    );
    const erasing = erase(customer.user);
    await untilBlocked(observer, "erase_customer");
    const invoice = invoiceFacts({ session: customer, facts: { id } });
    const writing = second.call("record_invoice", { p_seen_revision: 0, p_invoice: invoice });
    await untilBlocked(observer, "record_invoice");
    await owner.rows("commit");
    expect((await Promise.allSettled([erasing, writing])).map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
    ]);
  });
});
