import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { readSession } from "../../scripts/console/session.ts";
import { openCheckoutsOf } from "./members/checkouts.ts";
import { openMembers } from "./members/members.ts";
import { ORGANIZATION } from "./support.ts";

const members = await openMembers();
const { owner, member, asUser, otherOrganization } = members;
const { own, others, deadEvent, replay } = await openCheckoutsOf(members);
afterEach(() => owner.rows("rollback"));

const inbox = async (organization: string): Promise<string[]> =>
  (await asUser<{ stripe_event_id: string }>(
    member,
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
