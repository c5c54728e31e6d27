import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { readSession } from "../../scripts/console/session.ts";
import { openMembers } from "./members/members.ts";
import { complete, openSession, ORGANIZATION, receive, record } from "./support.ts";

const { owner, service, keyDigest, member, stranger, asUser, otherOrganization, auth } =
  await openMembers();
afterEach(() => owner.rows("rollback"));

/** Whose rows they are, as far as a row says it. */
const readable: [relation: string, columns: string][] = [
  ["organizations", "id as organization_id, name, key, livemode"],
  ["checkout_sessions", "organization_id, id, status"],
  ["organization_guards", "organization_id, declines, until"],
  ["checkout_funnel", "organization_id, day, opened, attempted"],
  ["time_to_active", "organization_id, day, succeeded, paid_to_active_p95"],
  ["decline_codes", "organization_id, day, code, attempts"],
  ["refunds_owed", "organization_id, checkout_session_id, amount"],
];

let own: string;
let others: string;
beforeAll(async () => {
  own = await openCheckouts(ORGANIZATION);
  others = await openCheckouts(otherOrganization);
  await owner.rows(
    `insert into billing.organization_guards (organization_id, declines, raised_at, until)
     select o.id, 30, now(), now() + interval '1 hour' from billing.organizations o`,
  );
});

/** Of an organization a checkout that was declined, one that is active and one whose money is to go back; answers the active one's id. */
async function openCheckouts(organization: string): Promise<string> {
  const declined = await openSession(service, keyDigest, randomUUID());
  const paid = await openSession(service, keyDigest, randomUUID());
  await record(service, paid, "succeeded");
  await complete(service, paid);
  const owed = await openSession(service, keyDigest, randomUUID());
  await record(service, owed, "succeeded");
  await owner.rows(
    `insert into billing.checkout_attempts
       (checkout_session_id, organization_id, payment_intent_id, number, stripe_payment_method_id, status, decline_code,
        finished_at)
     select s.id, s.organization_id, s.payment_intent_id, 1, 'pm_1', 'failed', 'insufficient_funds', now()
     from billing.checkout_sessions s where s.id = $1`,
    [declined.sessionId],
  );
  await owner.rows(
    `update billing.payment_intents set refund_reason = 'session_closed', refunding_since = now(), status = 'succeeded'
     where checkout_session_id = $1`,
    [owed.sessionId],
  );
  await owner.rows("alter table billing.checkout_sessions disable trigger user");
  const moved = [organization, [declined.sessionId, paid.sessionId, owed.sessionId]];
  await owner.rows(
    "update billing.checkout_sessions set organization_id = $1 where id = any ($2)",
    moved,
  );
  for (const table of ["payment_intents", "checkout_attempts"]) {
    await owner.rows(
      `update billing.${table} set organization_id = $1 where checkout_session_id = any ($2)`,
      moved,
    );
  }
  await owner.rows("alter table billing.checkout_sessions enable trigger user");
  return paid.sessionId;
}

describe("a member", () => {
  it.each(readable)("reads %s of the own organization and of no other", async (name, columns) => {
    const all = await owner.rows<{ organization_id: string }>(
      `select ${columns} from billing.${name}`,
    );
    const seen = await asUser<{ organization_id: string }>(
      member,
      `select ${columns} from billing.${name}`,
    );
    expect(new Set(seen.map((row) => row.organization_id))).toEqual(new Set([ORGANIZATION]));
    expect(seen).toHaveLength(all.filter((row) => row.organization_id === ORGANIZATION).length);
    expect(all.map((row) => row.organization_id)).toContain(otherOrganization);
  });

  it.each(["checkout_attempts", "payment_intents"])(
    "reads those %s whose session is the own organization's",
    async (name) => {
      const seen = await asUser<{ id: string }>(
        member,
        `select checkout_session_id as id from billing.${name}`,
      );
      expect(seen.length).toBeGreaterThan(0);
      for (const { id } of seen) {
        expect(
          await owner.row("select organization_id from billing.checkout_sessions where id = $1", [
            id,
          ]),
        ).toEqual({ organization_id: ORGANIZATION });
      }
      const all = await owner.rows(`select 1 from billing.${name}`);
      expect(all.length).toBeGreaterThan(seen.length);
    },
  );

  it.each(
    [
      ["who has passed the own second factor", "verified", "aal2"],
      ["whose second factor is not set up to its end", "unverified", "aal1"],
    ] as const,
  )("%s reads", async (_who, status, aal) => {
    const one = await newMember();
    await auth.enroll(one, status);
    expect(await asUser({ ...one, aal }, "select id from billing.organizations")).toEqual([
      { id: ORGANIZATION },
    ]);
  });

  it("of two organizations reads both", async () => {
    const both = await auth.signIn();
    for (const organization of [ORGANIZATION, otherOrganization]) {
      await owner.rows("insert into billing.organization_members values ($1, $2)", [
        organization,
        both.userId,
      ]);
    }
    const seen = await asUser(both, "select id from billing.organizations order by 1");
    expect(seen).toEqual([ORGANIZATION, otherOrganization].toSorted().map((id) => ({ id })));
  });

  it("reads columns that are named here, and none that holds a person, an address, a secret or a digest", async () => {
    const columns = await owner.rows<{ name: string; list: string }>(
      `select c.relname as name, string_agg(a.attname, ' ' order by a.attname) as list
       from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'billing'::regnamespace and c.relkind = 'r' and a.attnum > 0
         and has_column_privilege('authenticated', c.oid, a.attnum, 'select')
       group by 1 order by 1`,
    );
    expect(Object.fromEntries(columns.map(({ name, list }) => [name, list]))).toEqual({
      checkout_attempts:
        "begun_on checkout_session_id created_at decline_code error_code finished_at id number organization_id payment_intent_id status",
      checkout_sessions:
        "checkout_mode completed_at completed_on created_at currency error_code expires_at fulfilling_since id livemode opened_on organization_id payment_intent_id quantity status subscription_id total_amount updated_at version",
      organization_guards: "declines organization_id raised_at until",
      organizations: "id key livemode name",
      payment_intents:
        "amount checkout_session_id currency id organization_id refund_failures refund_reason refund_status refunding_since released_at status stripe_payment_intent_id succeeded_at",
    });
  });

  it.each([
    ["a row", "select * from billing.checkout_sessions"],
    ["an address", "select customer_email from billing.checkout_sessions"],
    ["a digest", "select client_secret_digest from billing.payment_intents"],
    ["an event", "select payload from billing.webhook_events"],
    ["a customer", "select id from billing.customers"],
    ["the members", "select user_id from billing.organization_members"],
    ["a key", "select prefix from billing.api_keys"],
    [
      "a new member",
      "insert into billing.organization_members values (gen_random_uuid(), gen_random_uuid())",
    ],
    ["a name", "update billing.organizations set name = 'x'"],
    ["a guard", "delete from billing.organization_guards"],
    ["a session", "update billing.checkout_sessions set status = 'succeeded'"],
    ["any event's replay", "select billing.replay_event('evt_1')"],
    ["a helper", "select billing_private.my_organizations()"],
  ])("is refused %s", async (_name, sql) => {
    await expect(asUser(member, sql)).rejects.toThrow(/permission denied/);
  });
});

describe("row security", () => {
  it.each<[string, () => Promise<object | undefined>]>([
    ["a user who is no member", () => Promise.resolve(stranger)],
    ["a request without a token", () => Promise.resolve(undefined)],
    ["a token of another role", () => Promise.resolve({ ...member, role: "service_role" })],
    [
      "another app's token of a member",
      () => Promise.resolve({ ...member, client_id: randomUUID() }),
    ],
    ["a token without a session", () => Promise.resolve({ ...member, sessionId: "" })],
    ["another user's session", () => Promise.resolve({ ...member, sessionId: stranger.sessionId })],
    ["a member who has signed out", async () => {
      const gone = await newMember();
      await auth.rows("delete from auth.sessions where id = $1", [gone.sessionId]);
      return gone;
    }],
    ["a member who is banned", async () => {
      const gone = await newMember();
      await auth.rows(
        "update auth.users set banned_until = now() + interval '1 day' where id = $1",
        [
          gone.userId,
        ],
      );
      return gone;
    }],
    ["a member whose user was deleted", async () => {
      const gone = await newMember();
      await auth.rows("delete from auth.users where id = $1", [gone.userId]);
      return gone;
    }],
    ["an anonymous user", async () => newMember(true)],
    ["a member who has not passed the own second factor", async () => {
      const passwordAlone = await newMember();
      await auth.enroll(passwordAlone);
      return passwordAlone;
    }],
  ])("shows %s no row and no event, and lets it replay none", async (_name, who) => {
    const eventId = await deadEvent(own);
    const user = await who();
    for (const [name, columns] of readable) {
      expect(await asUser(user, `select ${columns} from billing.${name}`)).toEqual([]);
    }
    expect(await asUser(user, "select id from billing.checkout_attempts")).toEqual([]);
    expect(await asUser(user, "select id from billing.payment_intents")).toEqual([]);
    expect(await asUser(user, `select * from billing.dead_events('${ORGANIZATION}')`)).toEqual([]);
    expect(await asUser(user, `select billing.session_facts('${own}') as facts`)).toEqual([
      { facts: null },
    ]);
    expect(await replay(user, eventId)).toBe(false);
  });

  it("refuses a browser without a user by name", async () => {
    for (const [name, columns] of readable) {
      await expect(asUser(undefined, `select ${columns} from billing.${name}`, "anon")).rejects
        .toThrow(/permission denied/);
      await owner.rows("rollback");
    }
  });
});

async function newMember(anonymous = false) {
  const user = await auth.signIn({ anonymous });
  await owner.rows("insert into billing.organization_members values ($1, $2)", [
    ORGANIZATION,
    user.userId,
  ]);
  return user;
}

/** An event about a session's intent that was given up on; answers its id at Stripe. */
async function deadEvent(
  sessionId: string,
  payload: object = {},
  account?: string,
): Promise<string> {
  const stripeEventId = `evt_${randomUUID().replaceAll("-", "")}`;
  const { eventId } = await receive(service, stripeEventId);
  const { id } = await owner.row<{ id: string }>(
    "select stripe_payment_intent_id as id from billing.payment_intents where checkout_session_id = $1",
    [sessionId],
  );
  await owner.rows(
    "update billing.webhook_events set payload = $2, stripe_account_id = $3 where stripe_event_id = $1",
    [stripeEventId, { data: { object: { id, ...payload } } }, account],
  );
  await service.call("fail_event", {
    p_event_id: eventId,
    p_error: "unreachable",
    p_max_attempts: 1,
  });
  return stripeEventId;
}

const replayed = z.object({ replayed: z.boolean() });
/** Whether the call says so and the event is due again, which is one thing. */
async function replay(user: object | undefined, eventId: string): Promise<boolean> {
  const [row] = await asUser(
    user,
    `select billing.replay_dead_event('${eventId}') as replayed`,
    "authenticated",
    "commit",
  );
  const { status } = await owner.row<{ status: string }>(
    "select status from billing.webhook_events where stripe_event_id = $1",
    [eventId],
  );
  const { replayed: said } = replayed.parse(row);
  expect(status === "received").toBe(said);
  return said;
}
const inbox = async (organization: string, user: object = member): Promise<string[]> =>
  (await asUser<{ stripe_event_id: string }>(
    user,
    `select stripe_event_id from billing.dead_events('${organization}')`,
  )).map((event) => event.stripe_event_id);

describe("a dead event", () => {
  it("about a row of the organization is seen and replayed by its members, and by no others", async () => {
    const mine = await deadEvent(own);
    const theirs = await deadEvent(others);
    const seen = await inbox(ORGANIZATION);
    expect(seen).toContain(mine);
    expect(seen).not.toContain(theirs);
    expect(await inbox(otherOrganization)).toEqual([]);
    expect(await replay(member, theirs)).toBe(false);
    expect(await replay(member, mine)).toBe(true);
    expect(await inbox(ORGANIZATION)).not.toContain(mine);
  });

  it("is seen with what happened to it, and nothing of what it says", async () => {
    const eventId = await deadEvent(own);
    const rows = await asUser(member, `select * from billing.dead_events('${ORGANIZATION}')`);
    expect(rows.find((row) => row["stripe_event_id"] === eventId)).toEqual({
      stripe_event_id: eventId,
      type: "payment_intent.succeeded",
      attempts: 1,
      last_error: "unreachable",
      received_at: expect.any(Date) as unknown,
      next_attempt_at: expect.any(Date) as unknown,
    });
  });

  it.each([
    ["of the platform's own account about no row of ours", { id: "pi_nobodys" }, undefined],
    ["about a row, on another account than the row's", {}, "acct_another"],
    ["whose metadata alone names a session of the organization", {
      id: "pi_nobodys",
      metadata: { checkout_session_id: "own" },
    }, undefined],
  ])("%s is no member's", async (_name, payload, account) => {
    const eventId = await deadEvent(own, payload, account);
    expect(await inbox(ORGANIZATION)).not.toContain(eventId);
    expect(await replay(member, eventId)).toBe(false);
  });

  it("of a connected account about no row of ours is of the organization that sells there", async () => {
    await owner.rows(
      "update billing.organizations set stripe_account_id = 'acct_own' where id = $1",
      [
        ORGANIZATION,
      ],
    );
    const eventId = await deadEvent(own, { id: "acct_own" }, "acct_own");
    expect(await inbox(ORGANIZATION)).toContain(eventId);
    expect(await replay(member, eventId)).toBe(true);
    await owner.rows("update billing.organizations set stripe_account_id = null where id = $1", [
      ORGANIZATION,
    ]);
  });

  it("whose row came only after it had died is the organization's from then on", async () => {
    const subscription = `sub_${randomUUID()}`;
    const eventId = await deadEvent(own, { id: subscription });
    expect(await inbox(ORGANIZATION)).not.toContain(eventId);
    await owner.rows(
      `update billing.subscriptions b set stripe_subscription_id = $2
       from billing.checkout_sessions s where s.id = $1 and b.id = s.subscription_id`,
      [own, subscription],
    );
    expect(await inbox(ORGANIZATION)).toContain(eventId);
    expect(await replay(member, eventId)).toBe(true);
  });

  it("of an organization whose row it is no more is in its inbox no more", async () => {
    const eventId = await deadEvent(own);
    expect(await inbox(ORGANIZATION)).toContain(eventId);
    await owner.rows(
      "update billing.webhook_events set payload = '{}' where stripe_event_id = $1",
      [eventId],
    );
    expect(await inbox(ORGANIZATION)).not.toContain(eventId);
  });

  it("is replayed where it is dead, and left alone where it is done or waits", async () => {
    const eventId = await deadEvent(own);
    await owner.rows(
      `update billing.webhook_events set status = 'processed', processed_at = now(), outcome = 'applied'
       where stripe_event_id = $1`,
      [eventId],
    );
    expect(await replay(member, eventId)).toBe(false);
  });
});

describe("a session's facts", () => {
  it("are what the console reads of it", async () => {
    const events = await deadEvent(own);
    const [row] = await asUser<{ facts: object }>(
      member,
      `select billing.session_facts('${own}') as facts`,
    );
    const console = await readSession(
      async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        owner.rows<Row>(sql, [...values]),
      own,
    );
    const isTime = z.iso.datetime({ offset: true });
    const plain = (value: unknown) =>
      z.looseObject({}).parse(
        JSON.parse(
          JSON.stringify(value),
          (_key, one: unknown) =>
            isTime.safeParse(one).success ? new Date(String(one)).toISOString() : one,
        ),
      );
    const told = plain(row?.facts);
    expect(told).toEqual({ ...plain(console), change: null });
    expect(JSON.stringify(told)).toContain(events);
  });

  it("of another organization's session are nobody's", async () => {
    expect(await asUser(member, `select billing.session_facts('${others}') as facts`)).toEqual([
      { facts: null },
    ]);
  });
});
