import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { openAuth, SignedIn } from "../signed-in.ts";
import { type Connection, ORGANIZATION } from "../support.ts";
import { PAST, REST } from "./history.ts";
import { readsOf } from "./measure.ts";

type Auth = Awaited<ReturnType<typeof openAuth>>;

/** What the operator's page asks, as PostgREST asks it (examples/operator/src/queries). */
const sessions =
  "select id, status, total_amount, currency, created_at from billing.checkout_sessions";
const ofOwn = `organization_id = '${ORGANIZATION}'`;
const newest = "order by created_at desc limit 50";
const days =
  "day between (now() at time zone 'UTC')::date - 13 and (now() at time zone 'UTC')::date";
const questions: [name: string, sql: string][] = [
  ["the organizations", "select id, name, key, livemode from billing.organizations limit 100"],
  [
    "the live sessions",
    `${sessions} where ${ofOwn} and status = any ('{open,requires_action,processing}') ${newest}`,
  ],
  [
    "the failed sessions of some days",
    `${sessions} where ${ofOwn} and status = any ('{failed}') and created_at >= now() - interval '14 days' ${newest}`,
  ],
  ["a session by its id", `${sessions} where id = md5('session7')::uuid`],
  [
    "a session by its intent",
    "select checkout_session_id from billing.payment_intents where stripe_payment_intent_id = 'pi_past77'",
  ],
  ["a timeline", "select billing.session_facts(md5('session77')::uuid)"],
  ["the dead events", `select * from billing.dead_events('${ORGANIZATION}')`],
  [
    "the refunds owed",
    `select * from billing.refunds_owed where ${ofOwn} order by refunding_since limit 50`,
  ],
  ["the guard", `select declines, until from billing.organization_guards where ${ofOwn}`],
  ["the funnel", `select day, opened from billing.checkout_funnel where ${ofOwn} and ${days}`],
  [
    "the time to active",
    `select day, paid_to_active_p95 from billing.time_to_active where ${ofOwn} and ${days}`,
  ],
  ["the declines", `select code, attempts from billing.decline_codes where ${ofOwn} and ${days}`],
];

/** What somebody asks who wants it to cost much, and may read next to nothing: without a filter, and by what no index knows. */
const hostile: [name: string, sql: string][] = [
  ["every organization", "select name from billing.organizations order by name"],
  ["every session", "select status from billing.checkout_sessions"],
  ["one session of any", "select id from billing.checkout_sessions limit 1"],
  ["sessions by their amount", "select id from billing.checkout_sessions order by total_amount"],
  ["every attempt", "select id from billing.checkout_attempts"],
  ["one attempt of any", "select id from billing.checkout_attempts limit 1"],
  ["attempts by a word", "select id from billing.checkout_attempts where decline_code like '%x%'"],
  ["every intent", "select id from billing.payment_intents"],
  ["one intent of any", "select id from billing.payment_intents limit 1"],
  ["intents by their amount", "select id from billing.payment_intents where amount > 1"],
  ["every guard", "select until from billing.organization_guards"],
  ["the whole funnel", "select * from billing.checkout_funnel"],
  ["every time to active", "select * from billing.time_to_active"],
  ["every decline", "select * from billing.decline_codes"],
  ["every refund owed", "select * from billing.refunds_owed"],
  ["another's dead events", `select * from billing.dead_events('${ORGANIZATION}')`],
  ["another's timeline", "select billing.session_facts(md5('session77')::uuid)"],
];

/** @param owner of a database that has a long past */
export function describeMembers(owner: Connection, auth: Auth): void {
  let member: SignedIn;
  beforeAll(async () => {
    member = await auth.signIn();
    await owner.rows("insert into billing.organization_members values ($1, $2)", [
      ORGANIZATION,
      member.userId,
    ]);
  });

  /** Asked by the member, within the transaction that measures it. */
  const asMember = (sql: string) => as(member, sql);
  async function as(who: SignedIn, sql: string): Promise<object[]> {
    await owner.rows("select set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({
        sub: who.userId,
        session_id: who.sessionId,
        role: "authenticated",
      }),
    ]);
    await owner.rows("set local role authenticated");
    return owner.rows(sql);
  }

  describe.each([
    ["that no statistics tell of", false],
    ["that was analyzed", true],
  ])("a member's page, beside a long past %s", (_name, analyzed) => {
    beforeAll(async () => {
      if (analyzed) await owner.rows("analyze");
    });

    it.each(questions)("reads %s without a search through the past", async (_what, sql) => {
      expect((await readsOf(owner, () => asMember(sql))).sequential).toBe(0);
    });

    it("reads of the past's days no session to draw the charts of the last ones", async () => {
      const charts = questions.filter(([, asked]) => asked.includes("between"));
      expect(charts).toHaveLength(3);
      for (const [, sql] of charts) {
        const { fetched } = await readsOf(owner, () => asMember(sql));
        expect(fetched).toBeLessThan(1_000);
      }
    });
  });

  describe.each([
    ["that no statistics tell of", false],
    ["that was analyzed", true],
  ])("whoever wants a question to cost much, beside a long past %s", (_name, analyzed) => {
    const people = new Map<string, SignedIn>();
    beforeAll(async () => {
      const { id } = await owner.row<{ id: string }>(
        "select id from billing.organizations where key = 'gone-5'",
      );
      for (const name of ["no member", "a member of a small organization"]) {
        people.set(name, await auth.signIn());
      }
      await owner.rows("insert into billing.organization_members values ($1, $2)", [
        id,
        people.get("a member of a small organization")?.userId,
      ]);
      await owner.rows("alter table billing.checkout_sessions disable trigger user");
      for (
        const [table, key] of [
          ["checkout_sessions", "id"],
          ["payment_intents", "checkout_session_id"],
          ["checkout_attempts", "checkout_session_id"],
        ]
      ) {
        await owner.rows(
          `update billing.${table} set organization_id = $1 where ${key} = md5('session5')::uuid`,
          [id],
        );
      }
      await owner.rows("alter table billing.checkout_sessions enable trigger user");
      if (analyzed) await owner.rows("analyze");
    });

    describe.each(["no member", "a member of a small organization"])("and is %s", (name) => {
      it.each(hostile)(
        "has no row of others looked up for %s, and passes over each table once at most",
        async (_what, sql) => {
          const who = people.get(name);
          if (who === undefined) throw new Error("nobody has signed in");
          const { sequential, fetched } = await readsOf(owner, () => as(who, sql));
          expect(fetched).toBeLessThan(20);
          expect(sequential).toBeLessThan(2 * PAST + REST + 100);
        },
      );
    });
  });

  it("of the dead events that are nobody's, a member's inbox has some hundreds looked through", async () => {
    const { dead } = await owner.row<{ dead: string }>(
      "select count(*) as dead from billing.webhook_events where status = 'dead'",
    );
    expect(Number(dead)).toBeGreaterThan(5_000);
    const { sequential, fetched } = await readsOf(
      owner,
      () => asMember(`select * from billing.dead_events('${ORGANIZATION}')`),
    );
    expect(sequential).toBe(0);
    // Two hundred of its own and as many of nobody's, with some rows for each to tell whose it is: less than one for each that there is.
    expect(fetched).toBeLessThan(Number(dead));
  });

  describe("without its index", () => {
    beforeEach(() => owner.rows("begin"));
    afterEach(() => owner.rows("rollback"));

    it("the past is searched through for the funnel: these tests can fail", async () => {
      await owner.rows("drop index billing.checkout_sessions_opened_day_idx");
      await asMember(questions.find(([name]) => name === "the funnel")?.[1] ?? "");
      const { read } = await owner.row<{ read: string }>(
        `select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) as read from pg_stat_xact_user_tables
         where schemaname = 'billing' and relname = 'checkout_sessions'`,
      );
      expect(Number(read)).toBeGreaterThan(10_000);
    });
  });
}
