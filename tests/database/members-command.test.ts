import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { members as membersCommand } from "../../scripts/members.ts";
import { runCommand } from "../support/command.ts";
import { openAuth } from "./signed-in.ts";
import { openDatabase, ORGANIZATION } from "./support.ts";

const database = await openDatabase();
const auth = await openAuth(database.superuserUrl);
const owner = await database.owner();

const members = (...args: string[]) =>
  runCommand(membersCommand, { DATABASE_URL: database.databaseUrl }, args);
const listed = z.array(z.object({ userId: z.string(), email: z.string().nullable() }));
const list = async () =>
  listed.parse(JSON.parse((await members("list", "--organization", "shop", "--json")).stdout));

let userId: string;
beforeEach(async () => {
  await owner.rows("delete from billing.organization_members");
  await owner.rows("update billing.organizations set key = 'shop' where id = $1", [ORGANIZATION]);
  ({ userId } = await auth.signIn());
});

describe("npm run members", () => {
  it("adds a user of Supabase Auth to the organization of a key, once", async () => {
    const { stdout } = await members("add", "--organization", "shop", "--user", userId);
    expect(stdout).toBe(`${userId} is a member now of shop\n`);
    const again = await members("add", "--organization", ORGANIZATION, "--user", userId);
    expect(again.stdout).toMatch(/was a member already/);
    expect(await list()).toMatchObject([{ userId, email: `${userId}@example.com` }]);
  });

  it("removes one, and says so where there was none", async () => {
    await members("add", "--organization", "shop", "--user", userId);
    const args = ["remove", "--organization", "shop", "--user", userId];
    expect((await members(...args)).stdout).toMatch(/is no member any more of shop/);
    expect((await members(...args)).stdout).toMatch(/was no member of shop/);
    expect(await list()).toEqual([]);
  });

  it("tells who has a second factor, and who has not set one up to its end", async () => {
    await members("add", "--organization", "shop", "--user", userId);
    await auth.enroll({ userId }, "unverified");
    const told = async () => (await members("list", "--organization", "shop")).stdout;
    expect(await told()).toContain("  password alone\n");
    await auth.enroll({ userId });
    expect(await told()).toContain("  second factor\n");
  });

  it("lists and removes also one whose user is gone", async () => {
    await members("add", "--organization", "shop", "--user", userId);
    await auth.rows("delete from auth.users where id = $1", [userId]);
    expect((await members("list", "--organization", "shop")).stdout).toMatch(
      new RegExp(`${userId}  no user of this id .*\\n1 member\\n`),
    );
    await members("remove", "--organization", "shop", "--user", userId);
    expect(await list()).toEqual([]);
  });

  it.each<[string, () => Promise<string[]> | string[], RegExp]>([
    [
      "a user whom Supabase Auth does not have",
      () => ["add", "--organization", "shop", "--user", randomUUID()],
      /has no user/,
    ],
    ["an anonymous user", async () => {
      const { userId: anonymous } = await auth.signIn({ anonymous: true });
      return ["add", "--organization", "shop", "--user", anonymous];
    }, /has no user/],
    [
      "a user that is no UUID",
      () => ["add", "--organization", "shop", "--user", "a@example.com"],
      /a UUID/,
    ],
    ["no user", () => ["remove", "--organization", "shop"], /--user takes/],
    [
      "an organization of no such key",
      () => ["add", "--organization", "none", "--user", userId],
      /no organization none/,
    ],
    [
      "an organization of no such id",
      () => ["add", "--organization", randomUUID(), "--user", userId],
      /no organization/,
    ],
    ["no organization", () => ["list"], /--organization is missing/],
    ["a user to list", () => ["list", "--organization", "shop", "--user", userId], /takes no/],
    ["another word", () => ["invite", "--organization", "shop"], /which command/],
    ["one word more", () => ["list", "all", "--organization", "shop"], /more arguments/],
  ])("refuses %s and changes nothing", async (_name, args, reason) => {
    await expect(members(...await args())).rejects.toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(reason) as unknown,
    });
    expect(await list()).toEqual([]);
  });
});
