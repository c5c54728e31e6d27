import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openMembers } from "./members/members.ts";
import { racing } from "./races.ts";
import {
  complete,
  type Connection,
  MONTHLY,
  openSession,
  ORGANIZATION,
  receive,
  record,
  subscriptionFacts,
} from "./support.ts";

// What customers and members call for themselves, by two real connections at the same instant.

const { database, owner, service, keyDigest, member, auth } = await openMembers();
const [first, second, observer] = await Promise.all([
  database.owner(),
  database.owner(),
  database.owner(),
]);
const race = racing({ first, second, observer });

/** A customer with a subscription, and a token for its own calls. */
async function customer() {
  const user = randomUUID();
  const session = await openSession(service, keyDigest, user, { p_price_id: MONTHLY });
  await record(service, session, "succeeded");
  await complete(service, session, subscriptionFacts());
  const tokenId = randomUUID();
  await service.call("issue_session_token", {
    p_key_digest: keyDigest,
    p_token_id: tokenId,
    p_external_user_id: user,
    p_allowed_operations: ["subscription", "portal"],
    p_lifetime_seconds: 3600,
    p_livemode: false,
  });
  return { session, caller: { p_token_id: tokenId, p_livemode: false } };
}

interface Answer {
  readonly outcome: string;
}

describe("a free subscription that is ended and resumed at the same instant", () => {
  it("is as the later of the two says, by one revision each", async () => {
    const { session, caller } = await customer();
    const { id } = await owner.row<{ id: string }>(
      `update billing.subscriptions set stripe_subscription_id = null, stripe_item_id = null
       where checkout_session_id = $1 returning id`,
      [session.sessionId],
    );
    const state = () =>
      owner.row<{ ending: boolean; revision: string }>(
        "select cancel_at_period_end as ending, revision from billing.subscriptions where id = $1",
        [id],
      );
    const before = await state();
    const call = (ending: boolean) => (connection: Connection) =>
      connection.call<Answer>("begin_ending", {
        ...caller,
        p_subscription_id: id,
        p_ending: ending,
      });
    const [ended, resumed] = await race(call(true), call(false), "begin_ending");
    expect([ended.outcome, resumed.outcome]).toEqual(["read", "read"]);
    expect(await state()).toEqual({
      ending: false,
      revision: String(Number(before.revision) + 2),
    });
  });
});

describe("a free subscription whose change to a price at Stripe commits while it is", () => {
  it.each<[what: string, ending: boolean]>([["ended", true], ["resumed", false]])(
    "%s is Stripe's to carry that out, and nothing is lost",
    async (_what, ending) => {
      const { session, caller } = await customer();
      const { id, stripe } = await owner.row<{ id: string; stripe: string }>(
        "select id, stripe_subscription_id as stripe from billing.subscriptions where checkout_session_id = $1",
        [session.sessionId],
      );
      await owner.rows(
        `update billing.subscriptions set stripe_subscription_id = null, stripe_item_id = null, cancel_at_period_end = $2,
           cancel_at = case when $2 then current_period_end end
         where id = $1`,
        [id, !ending],
      );
      // As complete_change writes it.
      const change = (connection: Connection) =>
        connection.rows(
          `update billing.subscriptions set stripe_subscription_id = $2, cancel_at_period_end = false, cancel_at = null
           where id = $1`,
          [id, stripe],
        );
      const [, answer] = await race(
        change,
        (connection) =>
          connection.call<Answer>("begin_ending", {
            ...caller,
            p_subscription_id: id,
            p_ending: ending,
          }),
        "begin_ending",
      );
      expect(answer).toMatchObject({ outcome: "at_stripe", stripeSubscriptionId: stripe });
    },
  );

  it("ended by reconcile at that instant stays ended", async () => {
    const { session, caller } = await customer();
    const { id } = await owner.row<{ id: string }>(
      `update billing.subscriptions set stripe_subscription_id = null, stripe_item_id = null
       where checkout_session_id = $1 returning id`,
      [session.sessionId],
    );
    const end = (connection: Connection) =>
      connection.rows(
        "update billing.subscriptions set status = 'canceled', ended_at = now() where id = $1",
        [id],
      );
    const [, answer] = await race(end, (connection) =>
      connection.call<Answer>("begin_ending", {
        ...caller,
        p_subscription_id: id,
        p_ending: false,
      }), "begin_ending");
    expect(answer).toEqual({ outcome: "subscription_ended" });
  });
});

describe("two calls of one customer at the same instant", () => {
  it.each<[name: string, limit: string, args: object, outcome: string]>([
    ["open_portal", "portal_per_customer", {}, "found"],
    ["read_subscriptions", "subscription_per_customer", { p_preview: true }, "read"],
  ])("of %s count as two", async (name, limit, args, outcome) => {
    const { caller } = await customer();
    await owner.rows("update billing.rate_limits set max_count = 1 where name = $1", [limit]);
    await owner.rows(
      "update billing.customers set stripe_customer_id = 'cus_' || replace(id::text, '-', '') where stripe_customer_id is null",
    );
    const call = (connection: Connection) => connection.call<Answer>(name, { ...caller, ...args });
    const [one, other] = await race(call, call, name);
    expect([one.outcome, other.outcome]).toEqual([outcome, "rate_limited"]);
  });
});

describe("a dead event that two members replay at the same instant", () => {
  it("is replayed by one of them, and is due once", async () => {
    const { session } = await customer();
    const colleague = await auth.signIn();
    await owner.rows("insert into billing.organization_members values ($1, $2)", [
      ORGANIZATION,
      colleague.userId,
    ]);
    const stripeEventId = `evt_${randomUUID().replaceAll("-", "")}`;
    const { eventId } = await receive(service, stripeEventId);
    await service.call("fail_event", {
      p_event_id: eventId,
      p_error: "unreachable",
      p_max_attempts: 1,
    });
    await owner.rows(
      "update billing.webhook_events set payload = $2 where stripe_event_id = $1",
      [stripeEventId, { data: { object: { id: session.intentId } } }],
    );
    const replay = ({ userId, sessionId }: typeof member) => async (connection: Connection) => {
      const claims = { sub: userId, session_id: sessionId, role: "authenticated" };
      await connection.rows("select set_config('request.jwt.claims', $1, false)", [
        JSON.stringify(claims),
      ]);
      await connection.rows("set role authenticated");
      const { replayed } = await connection.row<{ replayed: boolean }>(
        "select billing.replay_dead_event($1) as replayed",
        [stripeEventId],
      );
      await connection.rows("reset role");
      return replayed;
    };
    expect(await race(replay(member), replay(colleague), "replay_dead_event"))
      .toEqual([true, false]);
  });
});
