import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  complete,
  MONTHLY,
  openDatabase,
  openSession,
  openShop,
  record,
  subscriptionFacts,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);

interface Answer {
  readonly outcome: string;
}

async function tokenOf(user: string, operations = ["subscription", "portal"]): Promise<string> {
  const tokenId = randomUUID();
  await service.call("issue_session_token", {
    p_key_digest: keyDigest,
    p_token_id: tokenId,
    p_external_user_id: user,
    p_allowed_operations: operations,
    p_lifetime_seconds: 3600,
    p_livemode: false,
  });
  return tokenId;
}

/** A customer with a subscription at Stripe. */
async function subscribed() {
  const user = randomUUID();
  const session = await openSession(service, keyDigest, user, { p_price_id: MONTHLY });
  await record(service, session, "succeeded");
  await complete(service, session, subscriptionFacts());
  const { id } = await owner.row<{ id: string }>(
    "select id from billing.subscriptions where checkout_session_id = $1",
    [session.sessionId],
  );
  return { user, id };
}
const set = (id: string, change: string) =>
  owner.rows(`update billing.subscriptions set ${change} where id = $1`, [id]);

type Call = (token: string, id: string) => Promise<Answer>;
const of = (token: string, id: string) => ({
  p_token_id: token,
  p_livemode: false,
  p_subscription_id: id,
});
const read: Call = (token, id) => service.call("read_own_subscription", of(token, id));
const end: Call = (token, id) => service.call("begin_ending", { ...of(token, id), p_ending: true });
const resume: Call = (token, id) =>
  service.call("begin_ending", { ...of(token, id), p_ending: false });
const calls: [what: string, call: Call][] = [
  ["to read one", read],
  ["to let one end", end],
  ["to let one go on", resume],
];

describe.each(calls)("the call %s", (_what, call) => {
  it("finds its customer's own, and nobody else's", async () => {
    const { user, id } = await subscribed();
    expect(["read", "at_stripe"]).toContain((await call(await tokenOf(user), id)).outcome);
    expect(await call(await tokenOf(randomUUID()), id)).toEqual({
      outcome: "subscription_not_found",
    });
  });

  it("is for a living token that allows it", async () => {
    const { user, id } = await subscribed();
    const other = await tokenOf(user, ["checkout", "entitlements", "portal"]);
    expect(await call(other, id)).toEqual({ outcome: "forbidden" });
    const token = await tokenOf(user);
    await owner.rows("update billing.session_tokens set revoked_at = now() where id = $1", [token]);
    expect(await call(token, id)).toEqual({ outcome: "unauthorized" });
  });
});

describe("a subscription at Stripe", () => {
  it("is left to Stripe while it lives, and stays ended", async () => {
    const { user, id } = await subscribed();
    const token = await tokenOf(user);
    const before = await owner.row("select * from billing.subscriptions where id = $1", [id]);
    expect(await end(token, id)).toMatchObject({ outcome: "at_stripe" });
    expect(await owner.row("select * from billing.subscriptions where id = $1", [id]))
      .toEqual(before);
    await set(id, "status = 'canceled'");
    expect(await end(token, id)).toMatchObject({ outcome: "read" });
    expect(await resume(token, id)).toEqual({ outcome: "subscription_ended" });
  });
});

describe("a free subscription", () => {
  it("that reconcile is late for ends with the period that runs", async () => {
    const { user, id } = await subscribed();
    await set(
      id,
      `stripe_subscription_id = null, stripe_item_id = null, started_at = now() - interval '40 days',
       current_period_start = now() - interval '40 days', current_period_end = now() - interval '9 days'`,
    );
    const token = await tokenOf(user);
    expect(await end(token, id)).toMatchObject({
      outcome: "read",
      subscription: { status: "active", cancelAtPeriodEnd: true },
    });
    const row = await owner.row<{ ahead: boolean; equal: boolean }>(
      `select current_period_end > now() as ahead, cancel_at = current_period_end as equal
       from billing.subscriptions where id = $1`,
      [id],
    );
    expect(row).toEqual({ ahead: true, equal: true });
    expect(await service.call("renew_free_subscriptions", { p_limit: 10 })).toBe(0);
    await set(
      id,
      "cancel_at = now() - interval '1 second', current_period_end = now() - interval '1 second'",
    );
    expect(await resume(token, id)).toEqual({ outcome: "subscription_ended" });
    expect(await service.call("renew_free_subscriptions", { p_limit: 10 })).toBe(1);
    expect(await owner.row("select status from billing.subscriptions where id = $1", [id]))
      .toEqual({ status: "canceled" });
  });
});
