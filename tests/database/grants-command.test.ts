import { beforeEach, describe, expect, it } from "vitest";
import { grants as grantsCommand } from "../../scripts/grants.ts";
import { CommandFailed, runCommand, type Said } from "../support/command.ts";
import { type Bought, bought, ORGANIZATION, shown, sync } from "./billing.ts";
import { openDatabase, openShop, PRO_PRODUCT, untilBlocked } from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.owner(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);

/** The command on the database of this file. */
async function grants(...args: string[]): Promise<Said & { readonly code: number }> {
  try {
    return {
      code: 0,
      ...await runCommand(grantsCommand, { DATABASE_URL: database.databaseUrl }, args),
    };
  } catch (error) {
    if (error instanceof CommandFailed) return error;
    throw error;
  }
}

let subscription: Bought;
beforeEach(async () => {
  await owner.rows("delete from billing.feature_grants");
  await owner.rows("select billing_private.rebuild_grants(1000, true)");
  subscription = await bought(service, keyDigest);
});

const granted = () =>
  owner.rows(
    `select f.key, g.quantity from billing.feature_grants g join billing.features f on f.id = g.feature_id
     join billing.checkout_sessions s on s.subscription_id = g.subscription_id
     where s.id = $1 and g.revoked_at is null order by f.key`,
    [subscription.session.sessionId],
  );
const tamper = (sql: string) =>
  owner.rows(
    `${sql} where subscription_id = (select subscription_id from billing.checkout_sessions where id = $1)`,
    [subscription.session.sessionId],
  );

const change = (quantity: number) =>
  owner.rows(
    "update billing.product_features set quantity = $2 where product_id = $1 and quantity is not null",
    [PRO_PRODUCT, quantity],
  );

describe("npm run grants -- rebuild", () => {
  it("finds nothing where every grant follows from the facts", async () => {
    await sync(service, subscription, { status: "past_due" });
    const { code, stdout } = await grants("rebuild");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+ subscriptions, 0 differences$/m);
  });

  it.each([
    ["was taken", "delete from billing.feature_grants", "stored nothing"],
    ["was revoked", "update billing.feature_grants set revoked_at = now()", "stored nothing"],
    ["has another quantity", "update billing.feature_grants set quantity = 7", "stored 7"],
    [
      "has an end that nothing gives it",
      "update billing.feature_grants set expires_at = now() + interval '1 day'",
      "stored .* until 2",
    ],
  ])("tells, changes nothing, and with --apply repairs what %s", async (_what, sql, line) => {
    const before = await granted();
    await tamper(sql);
    const broken = await granted();
    const told = await grants("rebuild");
    expect(told.code).toBe(1);
    expect(told.stdout).toMatch(
      new RegExp(`^subscription .*projects {2}${line}.* computed 25$`, "m"),
    );
    expect(await granted()).toEqual(broken);

    const repaired = await grants("rebuild", "--apply");
    expect(repaired).toMatchObject({ code: 1 });
    expect(repaired.stdout).toMatch(/differences, repaired$/m);
    expect(await granted()).toEqual(before);
    expect(await grants("rebuild")).toMatchObject({ code: 0 });
  });

  it("takes what no fact gives, and tells the checkout's listeners", async () => {
    await sync(service, subscription, { status: "unpaid" });
    const { version } = await shown(service, subscription);
    await tamper("update billing.feature_grants set revoked_at = null");
    await grants("rebuild", "--apply");
    expect(await granted()).toEqual([]);
    expect(await shown(service, subscription)).toMatchObject({
      version: version + 1,
      features: [],
    });
  });

  it("follows a catalogue that was changed", async () => {
    await change(99);
    await grants("rebuild", "--apply");
    expect(await granted()).toMatchObject([{ key: "api-access" }, {
      key: "projects",
      quantity: "99",
    }]);
    await change(25);
  });

  it("looks at one organization alone where it is told which", async () => {
    await tamper("delete from billing.feature_grants");
    const other = "0b500000-0000-4000-8000-00000000ffff";
    expect((await grants("rebuild", "--organization", other)).stdout).toMatch(/^0 subscriptions/m);
    expect(await grants("rebuild", "--organization", ORGANIZATION)).toMatchObject({ code: 1 });
  });

  it.each([
    ["a command that it does not know", ["build"]],
    ["no command", []],
    ["an organization that is no id", ["rebuild", "--organization", "mine"]],
    ["an option that it does not know", ["rebuild", "--force"]],
  ])("refuses %s and says how it is used", async (_what, args) => {
    const { code, stderr } = await grants(...args);
    expect(code).toBe(2);
    expect(stderr).toContain("usage: npm run grants");
  });
});

const rebuild = (p_after?: string, p_limit = 1) =>
  second.call<{ checked: number; last: string | null; differences: object[] }>(
    "billing_private.rebuild_grants",
    {
      p_limit,
      p_apply: true,
      ...(p_after === undefined ? {} : { p_after }),
    },
  );

describe("rebuild_grants", () => {
  it("goes through all subscriptions in batches, each once", async () => {
    await bought(service, keyDigest);
    const { n } = await owner.row<{ n: number }>(
      "select count(*)::int as n from billing.subscriptions",
    );
    const seen: string[] = [];
    for (let batch = await rebuild(); batch.last !== null; batch = await rebuild(batch.last)) {
      seen.push(batch.last);
    }
    expect(new Set(seen).size).toBe(n);
    expect(seen).toHaveLength(n);
  });

  it("waits for a writer at the same instant and computes from what it wrote", async () => {
    await tamper("delete from billing.feature_grants");
    await service.rows("begin");
    await sync(service, subscription, { status: "unpaid" });
    const racing = rebuild(undefined, 1000);
    await untilBlocked(owner, "rebuild_grants");
    await service.rows("commit");
    expect((await racing).differences).toEqual([]);
    expect(await granted()).toEqual([]);
  });
});
