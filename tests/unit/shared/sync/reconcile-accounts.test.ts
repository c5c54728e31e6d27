import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod/mini";
import { billing } from "../../../../shared/database/billing.ts";
import { checkouts } from "../../../../shared/database/checkouts.ts";
import type { Call } from "../../../../shared/database/client.ts";
import { events } from "../../../../shared/database/events.ts";
import { repairs } from "../../../../shared/database/repairs.ts";
import { readAccounts } from "../../../../shared/sync/reconcile-accounts.ts";
import type { Backlog, Span } from "../../../../shared/stripe/backlog.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { missing, recordedStripe } from "../stripe/recorded.ts";
import { recordedLog } from "../support/recorded-database.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const NOW = 1_800_000_000;
const DAY = 86_400;
const ID = "00000000-0000-4000-8000-000000000000";
/** Milliseconds in which Stripe answers. */
const LATENCY = 400;
const STRAY_AFTER = 4_200;

const wait = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });

const passed = () => vi.advanceTimersByTimeAsync(100).then(() => false);

interface Setting {
  /** The accounts that are due, and how far each was read. */
  readonly accounts: { stripeAccountId: string; eventsUntil: number; intentsUntil: number }[];
  /** Seconds of the longest span that a page holds. */
  readonly page?: number;
  readonly undelivered?: (span: Span) => Stripe.Event[];
  /** What one call stores. */
  readonly receive?: (ids: readonly unknown[]) => Promise<void>;
  /** Of each event, where they ask for any. */
  readonly work?: () => Promise<void>;
  readonly due?: string[];
  /** However often they are read. */
  readonly alwaysDue?: boolean;
}

/** A run of forty seconds over a database and a Stripe that are only what is asked of them here. */
async function run(
  { accounts, page = Infinity, undelivered, receive, work, due = [], alwaysDue = false }: Setting,
) {
  const stored = { outcome: work === undefined ? "processed" : "claimed", eventId: ID };
  const cursors = new Map(accounts.map((account) => [account.stripeAccountId, { ...account }]));
  const waiting = [...accounts];
  const turns: string[] = [];
  const rested: unknown[] = [];
  let claims = 0;
  const answers: Record<string, (args: Record<string, unknown>) => unknown> = {
    claim_unavailable_accounts: () => [],
    claim_account: () => waiting.shift() ?? null,
    advance_account: (args) => {
      const cursor = cursors.get(String(args["p_stripe_account_id"]));
      if (cursor === undefined) throw new Error("no such cursor");
      cursor.eventsUntil = Number(args["p_events_until"] ?? cursor.eventsUntil);
      cursor.intentsUntil = Number(args["p_intents_until"] ?? cursor.intentsUntil);
    },
    claim_subscriptions: () => (claims += 1) === 1 || alwaysDue ? due : [],
    rest_subscription: (args) => rested.push(args["p_stripe_subscription_id"]),
    locate_subscription: () => null,
    receive_event: async (args) => {
      await receive?.([args["p_stripe_event_id"]]);
      return stored;
    },
    receive_events: async (args) => {
      const ids = z.parse(z.array(z.object({ id: z.string() })), args["p_events"])
        .map(({ id }) => id);
      await receive?.(ids);
      return ids.map(() => stored);
    },
    finish_event: () => work?.(),
  };
  const call: Call = async (name, args, schema) => {
    const reply = answers[name];
    if (reply === undefined) throw new Error(`nothing answers ${name}`);
    return z.parse(schema, await reply(Object.fromEntries(Object.entries(args))));
  };
  const listed = async <T>(account: string | null, { from, to }: Span, all: T) => {
    if (turns.at(-1) !== account) turns.push(account ?? "");
    await wait(LATENCY);
    return to - from + 1 > page ? undefined : all;
  };
  const stripe = stripeGateway(
    recordedStripe({ "GET /v1/subscriptions/sub_1": [missing("id")] }).stripe,
  );
  const backlog: Backlog = {
    undelivered: (account, span) => listed(account, span, undelivered?.(span) ?? []),
    openIntents: (account, span) => listed(account, span, []),
  };
  const { log, lines } = recordedLog();
  const begun = performance.now();
  const running = readAccounts({
    billing: billing(call),
    checkouts: checkouts(call),
    events: events(call),
    repairs: repairs(call),
    stripe: { ...stripe, backlog },
    livemode: false,
    log,
    now: () => NOW,
  }, { until: begun + 40_000, most: 200 });
  const ended = running.then(() => true);
  while (!await Promise.race([ended, passed()]));
  const report = await running;
  const of = (account: string) => cursors.get(account) ?? { eventsUntil: NaN, intentsUntil: NaN };
  return { report, of, turns, rested, lines, claims, seconds: (performance.now() - begun) / 1000 };
}

const event = (id: string, created: number): Stripe.Event => ({
  id,
  object: "event",
  account: "acct_1",
  api_version: null,
  created,
  data: { object: { id: "ca_1", object: "application", name: null } },
  livemode: false,
  pending_webhooks: 1,
  request: null,
  type: "account.application.deauthorized",
});

/** One that asks for its mark and nothing else. */
const ofOtherMode = (one: Stripe.Event): Stripe.Event => ({ ...one, livemode: !one.livemode });

const account = (behind: Partial<{ events: number; intents: number }>, id = "acct_1") => ({
  stripeAccountId: id,
  eventsUntil: NOW - (behind.events ?? 0),
  intentsUntil: NOW - STRAY_AFTER - (behind.intents ?? 0),
});

describe("an account that is far behind", () => {
  it("is caught up with while nobody else is due, however little a page holds", async () => {
    const { of, seconds } = await run({ accounts: [account({ events: 7 * DAY })], page: 300 });
    // Every second list is of a span that has to be halved; that is enough to come nearer by far than a run takes.
    expect(of("acct_1").eventsUntil).toBeGreaterThan(NOW - 7 * DAY + 2 * 3_600);
    expect(seconds).toBeGreaterThan(39);
    expect(seconds).toBeLessThan(45);
  });

  it("is gone on with in its next run where the last one came to", async () => {
    const first = await run({ accounts: [account({ events: 7 * DAY })], page: 60 });
    const second = await run({ accounts: [{ ...account({}), ...first.of("acct_1") }], page: 60 });
    expect(second.of("acct_1").eventsUntil).toBeGreaterThan(first.of("acct_1").eventsUntil);
  });

  it("lets others have their turn first, and has the rest of the run in turn with them", async () => {
    const far = ["acct_1", "acct_2"].map((id) => account({ events: 7 * DAY }, id));
    const { of, turns } = await run({ accounts: [...far, account({}, "acct_3")], page: 300 });
    expect(turns.slice(0, 5)).toEqual(["acct_1", "acct_2", "acct_3", "acct_1", "acct_2"]);
    expect(of("acct_3").eventsUntil).toBe(NOW);
    for (const { stripeAccountId, eventsUntil } of far) {
      expect(of(stripeAccountId).eventsUntil).toBeGreaterThan(eventsUntil + 3_600);
    }
  });

  it("has its subscriptions read, however many intents of its own the merchant makes", async () => {
    const { of, claims } = await run({ accounts: [account({ intents: 3 * DAY })], page: 120 });
    expect(claims).toBe(1);
    expect(of("acct_1").intentsUntil).toBeGreaterThan(NOW - STRAY_AFTER - 3 * DAY + 3_600);
  });
});

describe("missed events", () => {
  const missed = Array.from({ length: 35 }, (_, n) => event(`evt_${n}`, NOW - 2_000 + n));
  const within = ({ from, to }: Span) =>
    missed.filter(({ created }) => created >= from && created <= to);

  it("are stored together, as most ask for nothing, and worked one after the other", async () => {
    let [inHand, most] = [0, 0];
    const calls: (readonly unknown[])[] = [];
    const { report, of } = await run({
      accounts: [account({ events: 3_000 })],
      undelivered: (span) => within(span).map(ofOtherMode),
      receive: (ids) => Promise.resolve(calls.push(ids)).then(() => undefined),
      work: async () => {
        most = Math.max(most, inHand += 1);
        await wait(1_000);
        inHand -= 1;
      },
    });
    expect(calls.flat()).toEqual(missed.map(({ id }) => id));
    expect(calls.map(({ length }) => length)).toEqual([10, 10, 10, 5]);
    expect(report.missedEvents).toEqual({ worked: 35, failed: 0 });
    expect(most).toBe(1);
    expect(of("acct_1").eventsUntil).toBe(NOW);
  });

  it("are taken in by one run as far as it has processor time, and the next goes on there", async () => {
    const many = Array.from({ length: 450 }, (_, n) => event(`evt_${n}`, NOW - 2_000 + n));
    const setting = {
      undelivered: ({ from, to }: Span) =>
        many.filter(({ created }) => created >= from && created <= to),
    };
    const first = await run({ accounts: [account({ events: 3_000 })], ...setting });
    expect(first.seconds).toBeLessThan(10);
    expect(first.of("acct_1").eventsUntil).toBeGreaterThan(NOW - 2_000 + 150);
    expect(first.of("acct_1").eventsUntil).toBeLessThan(NOW - 2_000 + 210);
    const second = await run({ accounts: [{ ...account({}), ...first.of("acct_1") }], ...setting });
    expect(second.of("acct_1").eventsUntil).toBeGreaterThan(NOW - 2_000 + 300);
  });

  it("are left behind by the cursor only once all before are stored", async () => {
    const { report, of } = await run({
      accounts: [account({ events: 3_000 })],
      undelivered: within,
      receive: (ids) =>
        ids.includes("evt_25") ? Promise.reject(new Error("the database is not there")) : wait(1),
    });
    expect(report.missedEvents.failed).toBe(1);
    // The two batches before it are.
    expect(of("acct_1").eventsUntil).toBe(missed[20]?.created);
  });

  it("are kept as far as they came where the run ends among them", async () => {
    const { of, seconds } = await run({
      accounts: [account({ events: 3_000 })],
      undelivered: (span) => within(span).map(ofOtherMode),
      work: () => wait(3_000),
    });
    // Thirteen, of which the first ten are kept.
    expect(of("acct_1").eventsUntil).toBe(missed[10]?.created);
    expect(seconds).toBeLessThan(45);
  });
});

it("a subscription that Stripe does not have is told of, and rests", async () => {
  const { report, rested, lines } = await run({ accounts: [account({})], due: ["sub_1"] });
  expect(report.subscriptions).toEqual({ read: 1, changed: 0, failed: 0 });
  expect(rested).toEqual(["sub_1"]);
  expect(lines.filter((line) => line.includes("no such subscription"))).toHaveLength(1);
});

it("of subscriptions no more are read than a run may take up, however many are due", async () => {
  const due = Array.from({ length: 10 }, () => "sub_1");
  const { report } = await run({ accounts: [account({})], due, alwaysDue: true });
  expect(report.subscriptions.read).toBeGreaterThan(150);
  expect(report.subscriptions.read).toBeLessThanOrEqual(210);
});
