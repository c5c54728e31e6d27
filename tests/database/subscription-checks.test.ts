import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  nowSeconds,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  record,
  subscriptionFacts,
} from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
let session: OpenSession;
let facts: Record<string, unknown>;

async function bought(): Promise<string> {
  session = await openSession(service, keyDigest, crypto.randomUUID());
  facts = subscriptionFacts();
  await record(service, session, "succeeded");
  await complete(service, session, facts);
  return String(facts["id"]);
}
beforeEach(bought);
afterEach(() => owner.rows("update billing.subscriptions set reread_at = null"));

/** Hours from the last look until the next, of a row that says this; null where there is none. */
async function waits(row: Record<string, string | null>): Promise<number | null> {
  const { hours } = await owner.row<{ hours: string | null }>(
    `select round(extract(epoch from billing_private.subscription_reread_at(r) - coalesce(r.checked_at, r.created_at)) / 3600, 1)
       as hours
     from billing.subscriptions sub, jsonb_populate_record(sub, $2) r where sub.stripe_subscription_id = $1`,
    [facts["id"], row],
  );
  return hours === null ? null : Number(hours);
}

const claim = (connection = service, limit = 10, account = "", livemode = false) =>
  connection.call<string[]>("claim_subscriptions", {
    p_stripe_account_id: account,
    p_livemode: livemode,
    p_limit: limit,
  });

const due = (id: string, ago: string) =>
  owner.rows(
    "update billing.subscriptions set reread_at = now() - $2::interval where stripe_subscription_id = $1",
    [id, ago],
  );

/** Seconds until it is due. */
async function dueIn(id: unknown): Promise<number> {
  const { seconds } = await owner.row<{ seconds: number }>(
    "select extract(epoch from reread_at - now())::bigint::float8 as seconds from billing.subscriptions where stripe_subscription_id = $1",
    [id],
  );
  return seconds;
}

/** Minutes until the next try, of one that is overdue and was claimed and not read. */
async function triedAgainIn(overdue: string): Promise<number> {
  await owner.rows(
    "update billing.subscriptions set checked_at = now() - interval '1 day' - $2::interval where stripe_subscription_id = $1",
    [facts["id"], overdue],
  );
  await due(String(facts["id"]), "1 second");
  await claim();
  return Math.round(await dueIn(facts["id"]) / 60);
}

const write = (revision: number, changes: object) =>
  service.call("record_subscription", {
    p_seen_revision: revision,
    p_subscription: { ...facts, ...changes },
  });

it("one that was claimed and read waits until it is due, and not until its claim would have been tried again", async () => {
  const pastDue = {
    status: "past_due",
    currentPeriodStart: nowSeconds() - 2 * 3_600,
    currentPeriodEnd: nowSeconds() + 30 * 86_400,
  };
  const id = { p_stripe_subscription_id: facts["id"] };
  for (let round = 0; round < 3; round += 1) {
    await due(String(facts["id"]), "1 second");
    await claim();
    const { revision } = await service.call<{ revision: number }>("locate_subscription", id);
    await write(revision, pastDue);
    expect(await dueIn(facts["id"])).toBeGreaterThan(3_500);
  }
});

const dueAt = () =>
  owner.row("select reread_at from billing.subscriptions where stripe_subscription_id = $1", [
    facts["id"],
  ]);

it("a reading that tells nothing new leaves a time that it would move by minutes", async () => {
  const before = await dueAt();
  await write(1, {});
  expect(await dueAt()).toEqual(before);
});

const shown = () => service.call("read_checkout", { p_session_id: session.sessionId });

describe("a subscription is read again", () => {
  const month = {
    status: "active",
    checked_at: "2026-03-10T00:00Z",
    current_period_start: "2026-03-01T00:00Z",
    current_period_end: "2026-03-31T00:00Z",
  };

  it.each([
    ["in a day where nothing is expected", {}, 24],
    ["in a day also of a week", {
      checked_at: "2026-03-02T00:00Z",
      current_period_end: "2026-03-08T00:00Z",
    }, 24],
    ["less often where it pays once a year", { current_period_end: "2027-03-01T00:00Z" }, 168],
    ["an hour after its period", { checked_at: "2026-03-30T20:00Z" }, 5],
    ["an hour later where it had not moved then", { checked_at: "2026-03-31T01:00Z" }, 1],
    ["ever later where it does not move", { checked_at: "2026-04-10T00:00Z" }, 12],
    ["daily at last", { checked_at: "2026-07-10T00:00Z" }, 24],
    ["in an hour where it has just become past due", {
      status: "past_due",
      checked_at: "2026-03-01T02:00Z",
    }, 1],
    ["ever later while it stays past due", {
      status: "past_due",
      checked_at: "2026-03-11T00:00Z",
    }, 12],
    ["an hour after it was to be canceled", { cancel_at: "2026-03-10T02:00Z" }, 3],
    ["an hour after its collection was to resume", {
      collection_resumes_at: "2026-03-10T02:00Z",
    }, 3],
    ["an hour after its pending update was to expire", {
      pending_update_expires_at: "2026-03-10T02:00Z",
    }, 3],
  ])("%s", async (_when, differs, hours) => {
    expect(await waits({ ...month, ...differs })).toBe(hours);
  });

  it.each([
    ["has ended", { status: "canceled" }],
    ["was never paid for", { status: "incomplete_expired" }],
    ["is free: Stripe knows nothing of it", { stripe_subscription_id: null }],
  ])("never where it %s", async (_what, differs) => {
    expect(await waits({ ...month, ...differs })).toBeNull();
  });

  it("in a day after it was bought, or was written down", async () => {
    const daily = [await dueIn(facts["id"])];
    await due(String(facts["id"]), "1 hour");
    await write(1, {});
    daily.push(await dueIn(facts["id"]));
    for (const seconds of daily) expect(Math.abs(seconds - 86_400)).toBeLessThan(60);
  });

  it("an hour after the date that has just been told", async () => {
    await write(1, { cancelAt: Math.floor(Date.now() / 1000) + 3_600 });
    expect(Math.abs(await dueIn(facts["id"]) - 7_200)).toBeLessThan(60);
  });

  it("never again once it is written down that it has ended", async () => {
    await write(1, { status: "canceled" });
    await owner.rows("update billing.subscriptions set metadata = '{}'");
    expect(
      await owner.rows("select 1 from billing.subscriptions where reread_at is not null"),
    ).toEqual([]);
  });
});

describe("claim_subscriptions", () => {
  it("takes those that have waited longest, a bounded number, of one account", async () => {
    const one = String(facts["id"]);
    const other = await bought();
    const elsewhere = await bought();
    await owner.rows(
      "update billing.subscriptions set stripe_account_id = 'acct_1' where stripe_subscription_id = $1",
      [elsewhere],
    );
    const later = await bought();
    await due(one, "1 hour");
    await due(other, "2 hours");
    await due(elsewhere, "3 hours");
    await due(later, "-1 minute");
    expect(await claim(service, 1)).toEqual([other]);
    expect(await claim()).toEqual([one]);
    expect(await claim()).toEqual([]);
    expect(await claim(service, 10, "acct_1")).toEqual([elsewhere]);
  });

  it("takes those of one mode: the other's keys do not find them", async () => {
    await due(String(facts["id"]), "1 hour");
    expect(await claim(service, 10, "", true)).toEqual([]);
    expect(await claim()).toEqual([facts["id"]]);
  });

  it("gives one to one of two runs at the same instant", async () => {
    await due(String(facts["id"]), "1 hour");
    await service.rows("begin");
    expect(await claim()).toEqual([facts["id"]]);
    expect(await claim(second)).toEqual([]);
    await service.rows("commit");
    expect(await claim(second)).toEqual([]);
  });

  it("gives one that could not be read to a later run, ever later", async () => {
    expect([await triedAgainIn("0"), await triedAgainIn("10 hours"), await triedAgainIn("30 days")])
      .toEqual([10, 300, 1_440]);
  });

  it("moves nothing that a writer goes by, nor what anybody is shown", async () => {
    const row = () =>
      owner.row(
        "select revision, checked_at, status from billing.subscriptions where stripe_subscription_id = $1",
        [facts["id"]],
      );
    const before = [await row(), await shown()];
    await due(String(facts["id"]), "1 hour");
    await claim();
    expect([await row(), await shown()]).toEqual(before);
  });
});

const rest = () => service.call("rest_subscription", { p_stripe_subscription_id: facts["id"] });

describe("rest_subscription", () => {
  it("leaves one that Stripe does not have alone for a month, or until something is told of it", async () => {
    await rest();
    expect(Math.abs(await dueIn(facts["id"]) - 30 * 86_400)).toBeLessThan(60);
    await write(1, {});
    expect(Math.abs(await dueIn(facts["id"]) - 86_400)).toBeLessThan(60);
  });

  it("brings back none that has ended", async () => {
    await write(1, { status: "canceled" });
    await rest();
    expect(await owner.rows("select 1 from billing.subscriptions where reread_at is not null"))
      .toEqual([]);
  });
});

describe("record_subscription", () => {
  it("says whether the row had said otherwise", async () => {
    // The first writing may know more than the checkout did.
    await write(1, {});
    expect(await write(2, {})).toEqual({ outcome: "recorded", changed: false });
    expect(await write(3, { status: "canceled" })).toEqual({ outcome: "recorded", changed: true });
    expect(await write(4, { status: "canceled" })).toEqual({ outcome: "recorded", changed: false });
  });
});
