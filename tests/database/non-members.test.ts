import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { openCheckoutsOf, readable } from "./members/checkouts.ts";
import { openMembers } from "./members/members.ts";
import { ORGANIZATION } from "./support.ts";

const members = await openMembers();
const { owner, member, stranger, asUser, auth, newMember } = members;
const { own, deadEvent, replay } = await openCheckoutsOf(members);
afterEach(() => owner.rows("rollback"));

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
