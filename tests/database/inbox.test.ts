import { describe, expect, it } from "vitest";
import { randomBytes } from "node:crypto";
import { bought, invoiceFacts, write } from "./billing.ts";
import { openDatabase, openShop, receive, untilBlocked } from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
const event = (id: string) =>
  service.row("select status, attempts, last_error from billing.webhook_events where id = $1", [
    id,
  ]);

const asking = (
  command: string,
  object: object,
  changes: Readonly<Record<string, unknown>> = {},
) =>
  service.call<{ outcome: string; eventId: string }>("receive_event", {
    p_stripe_event_id: `evt_${randomBytes(8).toString("hex")}`,
    p_type: "any",
    p_livemode: false,
    p_payload: { data: { object } },
    p_lease_seconds: 60,
    p_command: command,
    ...changes,
  });

const group = (connection: typeof service, ids: readonly string[]) =>
  connection.call<readonly { outcome: string; eventId: string }[]>("receive_events", {
    p_events: JSON.stringify(
      ids.map((id) => ({ id, type: "any", livemode: false, payload: { id } })),
    ),
    p_lease_seconds: 60,
  });

/** Whom the merchant bills for something that was not bought here. */
const stranger = { customer_email: "stranger@example.com", customer_address: { city: "Ghent" } };

describe("the webhook inbox", () => {
  it("gives one of two deliveries at the same instant the event", async () => {
    await service.rows("begin");
    const first = await receive(service, "evt_twice");
    const racing = receive(second, "evt_twice");
    await untilBlocked(owner, "receive_event");
    await service.rows("commit");
    expect([first.outcome, (await racing).outcome]).toEqual(["claimed", "in_work"]);
  });

  it("answers several in their order, each as if it had come alone", async () => {
    await receive(service, "evt_group_c");
    const answers = await group(service, [
      "evt_group_d",
      "evt_group_c",
      "evt_group_a",
      "evt_group_a",
    ]);
    expect(answers.map(({ outcome }) => outcome)).toEqual([
      "claimed",
      "in_work",
      "claimed",
      "in_work",
    ]);
    expect(
      await owner.rows(
        "select stripe_event_id as id from billing.webhook_events where id = any($1) order by 1",
        [answers.map(({ eventId }) => eventId)],
      ),
    ).toEqual([{ id: "evt_group_a" }, { id: "evt_group_c" }, { id: "evt_group_d" }]);
  });

  it("answers two calls that have several the other way round: neither fails for the other", async () => {
    const ids = ["evt_round_a", "evt_round_b", "evt_round_c"];
    await group(service, ids);
    // Each would have its first one before it waits for this one, and then want the other's.
    await owner.rows("begin");
    await owner.rows(
      "select from billing.webhook_events where stripe_event_id = 'evt_round_b' for update",
    );
    const calls = [group(service, ids.toReversed()), group(second, ids)];
    await untilBlocked(owner, "receive_events", 2);
    await owner.rows("commit");
    const answers = await Promise.all(calls);
    expect(answers.flat().map(({ outcome }) => outcome)).toEqual(Array(6).fill("in_work"));
  });

  it.each<[string, string, object]>([
    ["that asks for nothing", "ignore", { id: "pi_1" }],
    ["about an intent of no session", "settle_intent", { id: "pi_nobodys" }],
  ])("is done with an event %s, of which it keeps ids alone", async (_what, command, object) => {
    const { outcome, eventId } = await asking(command, { ...object, ...stranger });
    expect(outcome).toBe("processed");
    expect(
      await service.row(
        "select status, outcome, payload::text as payload from billing.webhook_events where id = $1",
        [eventId],
      ),
    ).toEqual({
      status: "processed",
      outcome: "ignored",
      payload: expect.not.stringContaining("stranger") as unknown,
    });
  });

  it("answers with an event what it is about", async () => {
    const { session, facts } = await bought(service, keyDigest);
    const invoice = invoiceFacts({ session, facts });
    await write(service, "record_invoice", invoice);
    const subscription = await service.call("locate_subscription", {
      p_stripe_subscription_id: facts["id"],
    });
    expect(await asking("settle_intent", { id: session.intentId }))
      .toMatchObject({ outcome: "claimed", session: { sessionId: session.sessionId } });
    expect(await asking("sync_subscription", { id: facts["id"] }))
      .toMatchObject({ outcome: "claimed", subscription });
    expect(await asking("sync_subscription", { id: "sub_foreign" }))
      .toMatchObject({ outcome: "claimed", subscription: null });
    expect(await asking("sync_invoice", { id: invoice["id"] }))
      .toMatchObject({ outcome: "claimed", invoice: { revision: 1, subscription } });
    const parent = { subscription_details: { subscription: facts["id"] } };
    expect(await asking("sync_invoice", { id: "in_unheard", parent }))
      .toMatchObject({ outcome: "claimed", invoice: { revision: 0, subscription } });
    expect(await asking("sync_invoice", { id: "in_unheard" }))
      .toMatchObject({ outcome: "claimed", invoice: { revision: 0, subscription: null } });
  });

  it("is done with an event about an intent that another account tells of", async () => {
    const { session } = await bought(service, keyDigest);
    const account = { p_stripe_account_id: "acct_inbox" };
    await owner.rows(
      "insert into billing.organizations (name, stripe_account_id) values ('Another', 'acct_inbox')",
    );
    expect(await asking("settle_intent", { id: session.intentId }, account))
      .toMatchObject({ outcome: "processed" });
  });

  it("answers a duplicate of a processed event without running it", async () => {
    const { eventId } = await receive(service, "evt_done");
    await service.call("finish_event", { p_event_id: eventId, p_outcome: "ignored" });
    expect(await receive(service, "evt_done")).toEqual({ outcome: "processed", eventId });
  });

  it("says of an event that its worker gives back in the midst of a delivery that it is in work", async () => {
    const { eventId } = await receive(service, "evt_given_back");
    await second.rows("begin");
    expect(await receive(second, "evt_given_back")).toEqual({ outcome: "in_work", eventId });
    const given = service.call("fail_event", {
      p_event_id: eventId,
      p_error: "x",
      p_max_attempts: 5,
    });
    await untilBlocked(owner, "fail_event");
    await second.rows("commit");
    await given;
    expect((await receive(second, "evt_given_back")).outcome).toBe("claimed");
  });

  it("gives an event whose worker died to the next delivery once the lease is over", async () => {
    await receive(service, "evt_dead_worker", -1);
    expect((await receive(service, "evt_dead_worker")).outcome).toBe("claimed");
  });

  it("keeps the failure and gives the event to the next delivery", async () => {
    const { eventId } = await receive(service, "evt_failed");
    await service.call("fail_event", {
      p_event_id: eventId,
      p_error: "stripe_unavailable",
      p_max_attempts: 5,
    });
    expect(await event(eventId)).toEqual({
      status: "received",
      attempts: 1,
      last_error: "stripe_unavailable",
    });
    expect((await receive(service, "evt_failed")).outcome).toBe("claimed");
  });

  it("puts nothing back with a later delivery that was taken out of an event", async () => {
    const object = { id: "sub_1", ...stranger };
    const again = { p_stripe_event_id: "evt_erased" };
    const { eventId } = await asking("sync_subscription", object, again);
    await service.call("fail_event", { p_event_id: eventId, p_error: "x", p_max_attempts: 5 });
    await owner.rows(
      "update billing.webhook_events set payload = billing_private.bare_event(payload) where id = $1",
      [eventId],
    );
    expect((await asking("sync_subscription", object, again)).outcome).toBe("claimed");
    expect(
      await owner.row("select payload::text as payload from billing.webhook_events where id = $1", [
        eventId,
      ]),
    ).toEqual({ payload: expect.not.stringContaining("stranger") as unknown });
  });

  it("gives up after the set number of attempts, visibly", async () => {
    const { eventId } = await receive(service, "evt_hopeless");
    await service.call("fail_event", {
      p_event_id: eventId,
      p_error: "internal_error",
      p_max_attempts: 1,
    });
    expect(await event(eventId)).toMatchObject({ status: "dead", last_error: "internal_error" });
    expect((await receive(service, "evt_hopeless")).outcome).toBe("dead");
  });

  it("waits at most an hour before the next try, however often it failed", async () => {
    const { eventId } = await receive(service, "evt_often");
    await owner.rows("update billing.webhook_events set attempts = 60 where id = $1", [eventId]);
    await service.call("fail_event", { p_event_id: eventId, p_error: "x", p_max_attempts: 99 });
    const { wait } = await service.row<{ wait: number }>(
      "select extract(epoch from next_attempt_at - clock_timestamp())::float as wait from billing.webhook_events where id = $1",
      [eventId],
    );
    expect(wait).toBeGreaterThan(1700);
    expect(wait).toBeLessThanOrEqual(5400);
  });

  it("does not unmark a processed event when a slow worker fails late", async () => {
    const { eventId } = await receive(service, "evt_late_failure");
    await service.call("finish_event", { p_event_id: eventId, p_outcome: "ignored" });
    await service.call("fail_event", { p_event_id: eventId, p_error: "x", p_max_attempts: 5 });
    expect(await event(eventId)).toMatchObject({ status: "processed" });
  });

  it.each([
    ["ignored", {}],
    ["applied", stranger],
  ])("of an event that was %s, keeps of a person: %j", async (outcome, kept) => {
    const object = { id: "in_1", object: "invoice", ...stranger };
    const { eventId } = await service.call<{ eventId: string }>("receive_event", {
      p_stripe_event_id: `evt_stranger_${outcome}`,
      p_type: "invoice.paid",
      p_livemode: false,
      p_payload: { id: "evt_1", type: "invoice.paid", livemode: false, data: { object } },
      p_lease_seconds: 60,
    });
    await service.call("finish_event", { p_event_id: eventId, p_outcome: outcome });
    const { payload } = await service.row<{ payload: object }>(
      "select payload from billing.webhook_events where id = $1",
      [eventId],
    );
    expect(payload).toEqual({
      id: "evt_1",
      type: "invoice.paid",
      livemode: false,
      data: { object: { id: "in_1", object: "invoice", ...kept } },
    });
  });
});
