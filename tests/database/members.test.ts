import { afterEach, describe, expect, it } from "vitest";
import { openCheckoutsOf, readable } from "./members/checkouts.ts";
import { openMembers } from "./members/members.ts";
import { ORGANIZATION } from "./support.ts";

const members = await openMembers();
const { owner, member, asUser, otherOrganization, auth, join, newMember } = members;
await openCheckoutsOf(members);
afterEach(() => owner.rows("rollback"));

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
      await join(both, organization);
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
