import { describe, expect, it } from "vitest";
import {
  type Connection,
  newToken,
  openDatabase,
  openSession,
  openShop,
  receive,
} from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);

const claimAccounts = (connection: Connection) =>
  connection.call<{ stripeAccountId: string | null; eventsUntil: number }[]>("claim_accounts", {
    p_limit: 10,
    p_interval_seconds: 50,
    p_livemode: false,
  });

describe("claim_accounts", () => {
  it("gives an account to one run in its interval, and its cursor only goes forward", async () => {
    await service.rows("begin");
    const first = await claimAccounts(service);
    expect(first).toMatchObject([{ stripeAccountId: null }]);
    expect(await claimAccounts(second)).toEqual([]);
    await service.rows("commit");
    expect(await claimAccounts(second)).toEqual([]);

    const until = (first[0]?.eventsUntil ?? 0) + 1000;
    for (const events of [until, until - 500]) {
      await service.call("advance_account", {
        p_stripe_account_id: "",
        p_livemode: false,
        p_events_until: events,
      });
    }
    await owner.rows("update public.stripe_cursors set checked_at = '-infinity'");
    expect(await claimAccounts(service)).toMatchObject([{ eventsUntil: until }]);
  });

  it("knows an account from the moment that an organization sells on it, each mode by itself", async () => {
    await owner.rows("begin");
    await owner.rows("update public.stripe_cursors set checked_at = now()");
    for (const livemode of [true, true, false]) {
      await owner.rows(
        "insert into public.organizations (name, livemode, stripe_account_id) values ('New', $1, 'acct_new')",
        [livemode],
      );
    }
    const claimed = (livemode: boolean) =>
      owner.call<{ stripeAccountId: string }[]>("claim_accounts", {
        p_limit: 10,
        p_interval_seconds: 50,
        p_livemode: livemode,
      });
    const both = [await claimed(true), await claimed(false), await claimed(true)];
    await owner.rows("rollback");
    expect(both).toMatchObject([
      [{ stripeAccountId: "acct_new" }],
      [{ stripeAccountId: "acct_new" }],
      [],
    ]);
  });
});

describe("unknown_intents", () => {
  it("names those that no session has taken", async () => {
    const { intentId } = await openSession(service, keyDigest);
    const unknown = await service.call("unknown_intents", {
      p_stripe_payment_intent_ids: [intentId, "pi_stray"],
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
      "update public.session_tokens set created_at = created_at - interval '9 d', expires_at = expires_at - interval '9 d'",
    );
    await owner.rows("update public.webhook_events set received_at = now() - interval '40 days'");
    await service.call("prune", { p_limit: 1000, p_days: 35 });
    const left = await service.rows<{ id: string }>(
      `select id from public.webhook_events union all select id from public.session_tokens`,
    );
    const ids = left.map(({ id }) => id);
    expect(ids).not.toContain(worked);
    expect(ids).not.toContain(idle);
    expect(ids).toContain(open);
    const { session_token_id: used } = await service.row<{ session_token_id: string }>(
      "select session_token_id from public.checkout_sessions where id = $1",
      [session.sessionId],
    );
    expect(ids).toContain(used);
  });
});
