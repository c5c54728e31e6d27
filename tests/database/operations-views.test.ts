import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { databaseFacts as facts } from "../../shared/contract/health.ts";
import {
  complete,
  openDatabase,
  openSession,
  openShop,
  ORGANIZATION,
  receive,
  record,
} from "./support.ts";

const database = await openDatabase();
const [owner, service] = await Promise.all([database.owner(), database.service()]);
const { keyDigest } = await openShop(owner);

const today = "(now() at time zone 'UTC')::date";
const read = (view: string, where = "true") =>
  service.rows(`select * from billing.${view} where ${where}`);
const health = (check: string) => service.call("health", { p_digest_key_check: check });

describe("the views of an operator, read as service_role", () => {
  it("checkout_funnel counts how far the checkouts of a day came", async () => {
    await openSession(service, keyDigest, randomUUID());
    const paid = await openSession(service, keyDigest, randomUUID());
    await record(service, paid, "succeeded");
    await complete(service, paid);
    expect(await read("checkout_funnel", `day = ${today}`)).toMatchObject([{
      organization_id: ORGANIZATION,
      checkout_mode: "standard",
      livemode: false,
      opened: "2",
      succeeded: "1",
      unfinished: "1",
      paid_back: "0",
    }]);
  });

  it("time_to_active measures from the payment to the commit that shows it", async () => {
    const [row] = await read("time_to_active");
    expect(row).toMatchObject({ succeeded: "1" });
    expect(Number(row?.["paid_to_active_p50"])).toBeGreaterThan(-2);
    expect(Number(row?.["paid_to_active_p50"])).toBeLessThan(600);
    expect(Number(row?.["opened_to_active_p50"])).toBeGreaterThanOrEqual(0);
  });

  it("decline_codes counts refused attempts by Stripe's word, and each session once", async () => {
    const { sessionId } = await openSession(service, keyDigest, randomUUID());
    await owner.rows(
      `insert into billing.checkout_attempts
       (checkout_session_id, organization_id, payment_intent_id, number, stripe_payment_method_id, status, decline_code,
        error_code, finished_at)
       select s.id, s.organization_id, s.payment_intent_id, n, 'pm_1', 'failed',
         case when n < 3 then 'insufficient_funds' end, 'card_declined', now()
       from billing.checkout_sessions s, generate_series(1, 3) n where s.id = $1`,
      [sessionId],
    );
    expect(await read("decline_codes", "true order by code")).toMatchObject([
      { code: "card_declined", attempts: "1", sessions: "1" },
      { code: "insufficient_funds", attempts: "2", sessions: "1" },
    ]);
  });

  it("inbox_lag tells what came, what waits, what is dead, and how long the rest took", async () => {
    const { eventId: worked } = await receive(service);
    await service.call("finish_event", { p_event_id: worked, p_outcome: "applied" });
    const { eventId: failed } = await receive(service);
    await service.call("fail_event", { p_event_id: failed, p_error: "x", p_max_attempts: 1 });
    await receive(service);
    const [row] = await read("inbox_lag");
    expect(row).toMatchObject({ received: "3", processed: "1", waiting: "1", dead: "1" });
    expect(Number(row?.["lag_p95"])).toBeGreaterThanOrEqual(0);
  });

  it("reconcile_repairs adds up what the runs of a day did", async () => {
    const report = {
      events: { worked: 1, failed: 1 },
      sessions: { settled: 2, failed: 0 },
      missedEvents: { worked: 0, failed: 2 },
      subscriptions: { read: 9, changed: 1, failed: 0 },
      strayIntents: { canceled: 3, failed: 0 },
      freeSubscriptions: { renewed: 0 },
      grants: { expired: 4 },
      pruned: { events: 0, tokens: 0 },
    };
    await service.call("record_reconcile_run", { p_report: report });
    await service.call("record_reconcile_run", { p_report: report });
    expect(await read("reconcile_repairs", `day = ${today}`)).toMatchObject([{
      runs: "2",
      events_worked: "2",
      sessions_settled: "4",
      missed_events_worked: "0",
      subscriptions_changed: "2",
      stray_intents_canceled: "6",
      grants_expired: "8",
      failed: "6",
    }]);
  });
});

describe("billing.health", () => {
  it.each([
    ["unused", "while no organization key was made", "any", undefined],
    ["matches", "where it is the key of the organization keys", "one", "one"],
    ["differs", "where it is not", "other", "one"],
  ])("says of the digest key %s %s", async (told, _when, check, stored) => {
    await owner.rows("delete from billing_private.digest_key_check");
    if (stored !== undefined) {
      await owner.rows("insert into billing_private.digest_key_check (value) values ($1)", [
        stored,
      ]);
    }
    expect(await health(check)).toMatchObject({ digestKey: told });
  });

  it("counts events that are due and dead, and not those that wait or are being worked on", async () => {
    await owner.rows("delete from billing.webhook_events");
    await receive(service);
    const late = await receive(service, undefined, -1);
    await owner.rows(
      "update billing.webhook_events set next_attempt_at = now() - interval '90 s' where id = $1",
      [late.eventId],
    );
    const { eventId } = await receive(service);
    await service.call("fail_event", { p_event_id: eventId, p_error: "x", p_max_attempts: 1 });
    const told = facts.parse(await health("any"));
    expect(told.inbox).toMatchObject({ due: 1, dead: 1 });
    expect(told.inbox.oldestDueSeconds).toBeGreaterThanOrEqual(90);
  });
});
