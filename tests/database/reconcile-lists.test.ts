import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import {
  complete,
  type Connection,
  newToken,
  openDatabase,
  openSession,
  openShop,
  ORGANIZATION,
  receive,
  record,
  untilBlocked,
} from "./support.ts";

const database = await openDatabase();
const [service, second, owner, other, observer] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
  database.owner(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);

interface Claimed {
  readonly stripeAccountId: string | null;
  readonly eventsUntil: number;
  readonly intentsUntil: number;
}
const claimAccount = (connection: Connection, livemode = false) =>
  connection.call<Claimed | null>("claim_account", {
    p_interval_seconds: 50,
    p_livemode: livemode,
  });
const advance = (until: object) =>
  service.call("advance_account", { p_stripe_account_id: "", p_livemode: false, ...until });

describe("claim_account", () => {
  it("gives an account to one run in its interval, and its cursor only goes forward", async () => {
    await service.rows("begin");
    expect(await claimAccount(service)).toMatchObject({ stripeAccountId: null });
    expect(await claimAccount(second)).toBeNull();
    await service.rows("commit");
    expect(await claimAccount(second)).toBeNull();

    await owner.rows(
      "update billing.stripe_cursors set checked_at = '-infinity', events_until = now() - interval '1 day'",
    );
    const until = Math.floor(Date.now() / 1000) - 5_000;
    for (const events of [until, until - 500]) await advance({ p_events_until: events });
    expect(await claimAccount(service)).toMatchObject({ eventsUntil: until });
  });

  it("is advanced in its events or its intents, and the other stays", async () => {
    const before = "2026-01-01T00:00:00.000Z";
    const at = () => owner.row("select events_until, intents_until from billing.stripe_cursors");
    await owner.rows("update billing.stripe_cursors set events_until = $1, intents_until = $1", [
      before,
    ]);
    const was = new Date(before);
    await advance({ p_events_until: was.getTime() / 1000 + 60 });
    const events_until = new Date(was.getTime() + 60_000);
    expect(await at()).toEqual({ events_until, intents_until: was });
    await advance({ p_intents_until: was.getTime() / 1000 + 60 });
    expect(await at()).toEqual({ events_until, intents_until: events_until });
  });

  it("goes on from now at most, whatever a run's clock says", async () => {
    const tomorrow = Math.floor(Date.now() / 1000) + 86_400;
    await advance({ p_events_until: tomorrow, p_intents_until: tomorrow });
    await owner.rows("update billing.stripe_cursors set checked_at = '-infinity'");
    const { eventsUntil = 0, intentsUntil = 0 } = await claimAccount(service) ?? {};
    const now = Math.floor(Date.now() / 1000);
    // Of what is younger, a delivery may still be under way.
    expect(Math.abs(now - 900 - eventsUntil)).toBeLessThan(60);
    expect(Math.abs(now - intentsUntil)).toBeLessThan(60);
  });

  it("knows an account from the moment that an organization sells on it, each mode by itself", async () => {
    await owner.rows("begin");
    await owner.rows("update billing.stripe_cursors set checked_at = now()");
    for (const livemode of [true, true, false]) {
      await owner.rows(
        "insert into billing.organizations (name, livemode, stripe_account_id) values ('New', $1, 'acct_new')",
        [livemode],
      );
    }
    const both = [];
    for (const livemode of [true, false, true]) both.push(await claimAccount(owner, livemode));
    await owner.rows("rollback");
    expect(both).toMatchObject([
      { stripeAccountId: "acct_new" },
      { stripeAccountId: "acct_new" },
      null,
    ]);
  });
});

describe("the cursor of an account", () => {
  const ACCOUNT = "acct_left";
  const begin = (connection: Connection) =>
    connection.rows(
      "insert into billing.organizations (name, stripe_account_id) values ('Left', $1)",
      [ACCOUNT],
    );
  const rests = async () => {
    const { checked_at: at } = await owner.row<{ checked_at: unknown }>(
      "select checked_at from billing.stripe_cursors where stripe_account_id = $1",
      [ACCOUNT],
    );
    return at === Infinity;
  };
  const leave = [
    ["is deleted", "delete from billing.organizations where stripe_account_id = $1"],
    [
      "sells elsewhere",
      "update billing.organizations set stripe_account_id = null where stripe_account_id = $1",
    ],
  ] as const;
  afterEach(async () => {
    await owner.rows("delete from billing.organizations where name = 'Left'");
    await owner.rows("delete from billing.stripe_accounts");
    await owner.rows("delete from billing.stripe_cursors where stripe_account_id = $1", [ACCOUNT]);
  });

  it.each(leave)("rests once its last organization %s, until one is back", async (_how, sql) => {
    await begin(owner);
    await begin(owner);
    await owner.rows(
      `delete from billing.organizations where ctid = (
         select ctid from billing.organizations where stripe_account_id = $1 limit 1)`,
      [ACCOUNT],
    );
    expect(await rests()).toBe(false);
    await service.rows(sql, [ACCOUNT]);
    expect(await rests()).toBe(true);
    await begin(owner);
    expect(await rests()).toBe(false);
  });

  it("does not rest while it bills a subscription of ours", async () => {
    const session = await openSession(service, keyDigest);
    await record(service, session, "succeeded");
    await complete(service, session);
    for (const [status, resting] of [["active", false], ["canceled", true]]) {
      await begin(owner);
      await owner.rows(
        "update billing.subscriptions set status = $2, stripe_account_id = $1 where checkout_session_id = $3",
        [ACCOUNT, status, session.sessionId],
      );
      await owner.rows("delete from billing.organizations where stripe_account_id = $1", [ACCOUNT]);
      expect(await rests()).toBe(resting);
    }
  });

  it("goes on resting where its merchant took it away, whoever says to sell there", async () => {
    await begin(owner);
    await service.call("record_account", {
      p_seen_revision: 0,
      p_stripe_account_id: ACCOUNT,
      p_charges_enabled: false,
      p_authorized: false,
    });
    await begin(owner);
    expect(await rests()).toBe(true);
  });

  it("does not rest where another organization begins at the same instant", async () => {
    await begin(owner);
    await other.rows("begin");
    await begin(other);
    const leaving = owner.rows("delete from billing.organizations where stripe_account_id = $1", [
      ACCOUNT,
    ]);
    await untilBlocked(observer, "delete from billing.organizations");
    await other.rows("commit");
    await leaving;
    expect(await rests()).toBe(false);
  });
});

describe("unknown_intents", () => {
  it("names those that no session has taken, and none that another database's session may have", async () => {
    const { intentId } = await openSession(service, keyDigest);
    const unknown = await service.call("unknown_intents", {
      p_stripe_payment_intent_ids: [intentId, "pi_stray", "pi_theirs", "pi_nobodys", "pi_odd"],
      p_organization_ids: [ORGANIZATION, ORGANIZATION, randomUUID(), "", "no id of ours"],
    });
    expect(unknown).toEqual(["pi_stray"]);
  });
});

describe("prune", () => {
  it("takes old worked events and tokens that opened nothing, and nothing that is needed", async () => {
    const session = await openSession(service, keyDigest);
    const idle = await newToken(service, keyDigest);
    const { eventId: worked } = await receive(service);
    await service.call("finish_event", { p_event_id: worked, p_outcome: "ignored" });
    const { eventId: open } = await receive(service);
    await owner.rows(
      "update billing.session_tokens set created_at = created_at - interval '9 d', expires_at = expires_at - interval '9 d'",
    );
    await owner.rows("update billing.webhook_events set received_at = now() - interval '40 days'");
    await service.call("prune", { p_limit: 1000, p_days: 35 });
    const left = await service.rows<{ id: string }>(
      `select id from billing.webhook_events union all select id from billing.session_tokens`,
    );
    const ids = left.map(({ id }) => id);
    expect(ids).not.toContain(worked);
    expect(ids).not.toContain(idle);
    expect(ids).toContain(open);
    const { session_token_id: used } = await service.row<{ session_token_id: string }>(
      "select session_token_id from billing.checkout_sessions where id = $1",
      [session.sessionId],
    );
    expect(ids).toContain(used);
  });

  it("takes the records of old runs, and leaves those of late", async () => {
    await service.call("record_reconcile_run", { p_report: { late: true } });
    await service.call("record_reconcile_run", { p_report: { old: true } });
    await owner.rows(
      "update billing.reconcile_runs set finished_at = now() - interval '36 days' where report ? 'old'",
    );
    await service.call("prune", { p_limit: 1000, p_days: 35 });
    const left = await service.rows("select report from billing.reconcile_runs");
    expect(left).toEqual([{ report: { late: true } }]);
  });
});
