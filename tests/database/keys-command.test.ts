import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { keys as keysCommand } from "../../scripts/keys.ts";
import { revokeKey } from "../../scripts/keys/revoke.ts";
import { runCommand } from "../support/command.ts";
import { beginArguments, openDatabase, untilBlocked } from "./support.ts";

const database = await openDatabase();
const [owner, second, service] = await Promise.all([
  database.owner(),
  database.owner(),
  database.service(),
]);
const digestKey = randomBytes(32);

/** The command on the database of this file. */
const keysWith = (environment: Record<string, string>, ...args: string[]) =>
  runCommand(keysCommand, { DATABASE_URL: database.databaseUrl, ...environment }, args);
const keys = (...args: string[]) =>
  keysWith({ CHECKOUT_DIGEST_KEY: digestKey.toString("base64url") }, ...args);

const made = z.object({ id: z.string(), key: z.string(), prefix: z.string(), name: z.string() });
const revoked = z.object({ id: z.string(), revokedAt: z.string(), tokensAlive: z.number() });

async function newOrganization(livemode: boolean): Promise<string> {
  const { id } = await owner.row<{ id: string }>(
    "insert into billing.organizations (name, livemode) values ('Keys', $1) returning id",
    [livemode],
  );
  return id;
}

let organization: string;
beforeEach(async () => {
  organization = await newOrganization(false);
});

const create = async (...args: string[]) =>
  made.parse(
    JSON.parse((await keys("create", "--organization", organization, "--json", ...args)).stdout),
  );
const revoke = async (...args: string[]) =>
  revoked.parse(JSON.parse((await keys("revoke", "--json", ...args)).stdout));

/** Shows a key as session-tokens does: by its digest. Answers the outcome and the token's id. */
async function show(key: string, livemode = false) {
  const tokenId = randomUUID();
  const { outcome } = await service.call("issue_session_token", {
    p_key_digest: createHmac("sha256", digestKey).update(`api_key\n${key}`).digest("base64url"),
    p_token_id: tokenId,
    p_external_user_id: "user",
    p_allowed_operations: ["checkout"],
    p_lifetime_seconds: 3600,
    p_livemode: livemode,
  });
  return { outcome, tokenId };
}

const stored = () =>
  owner.rows("select * from billing.api_keys where organization_id = $1 order by created_at", [
    organization,
  ]);

const refusal = (reason: RegExp) => ({
  code: 2,
  stdout: "",
  stderr: expect.stringMatching(reason) as unknown,
});

describe("npm run keys -- create", () => {
  it("prints a key that opens the organization, alone on stdout", async () => {
    const { stdout } = await keys("create", "--organization", organization);
    expect(stdout).toMatch(/^sk_test_[0-9a-f]{48}\n$/);
    expect(await show(stdout.trim())).toMatchObject({ outcome: "issued" });
  });

  it("keeps the prefix and a keyed digest, and nothing else of the key", async () => {
    const { key, prefix } = await create("--name", "production");
    expect(prefix).toBe(key.slice(0, 12));
    const rows = await stored();
    expect(rows).toMatchObject([{ name: "production", prefix, revoked_at: null }]);
    expect(JSON.stringify(rows)).not.toContain(key.slice(12));
  });

  it("makes a live key for a live organization, which opens nothing in test mode", async () => {
    organization = await newOrganization(true);
    const { key } = await create("--live");
    expect(key).toMatch(/^sk_live_[0-9a-f]{48}$/);
    expect(await show(key, true)).toMatchObject({ outcome: "issued" });
    expect(await show(key, false)).toMatchObject({ outcome: "unauthorized" });
  });

  it.each([
    ["a live key for a test organization", false, ["--live"], /in test mode/],
    ["a test key for a live organization", true, [], /in live mode/],
    ["a name with a line feed", false, ["--name", "a\nb"], /control characters/],
  ])("refuses %s and keeps nothing", async (_name, livemode, args, reason) => {
    organization = await newOrganization(livemode);
    await expect(keys("create", "--organization", organization, ...args)).rejects.toMatchObject(
      refusal(reason),
    );
    expect(await stored()).toEqual([]);
  });

  it.each([
    ["no digest key", ""],
    ["a short digest key", "c2hvcnQ"],
    ["a digest key that is not base64url", `${"A".repeat(42)}!`],
    ["a digest key in base64", `+/${"A".repeat(41)}`],
  ])("refuses %s without repeating it, and keeps nothing", async (_name, value) => {
    const args = ["create", "--organization", organization];
    const [reason] = await Promise.allSettled([keysWith({ CHECKOUT_DIGEST_KEY: value }, ...args)]);
    expect(reason).toMatchObject({
      status: "rejected",
      reason: refusal(/^CHECKOUT_DIGEST_KEY is not [a-zA-Z0-9 ]+\n\nusage/),
    });
    expect(await stored()).toEqual([]);
  });

  it("takes no digest key as an argument, where every user of the machine would see it", async () => {
    await expect(keys("create", "--organization", organization, "--digest-key", "x")).rejects
      .toMatchObject(refusal(/usage: npm run/));
  });
});

describe("npm run keys -- list", () => {
  it("shows what an operator needs to tell keys apart, and never a digest", async () => {
    const old = await create("--name", "old");
    await show(old.key);
    const unused = await create("--name", "unused");
    await revoke(unused.id);
    const { stdout: text } = await keys("list", "--organization", organization);
    expect(text).toMatch(new RegExp(`${old.id} .*${old.prefix}… .*old .*last used 20.* alive`));
    expect(text).toMatch(new RegExp(`${unused.id} .*unused .*never used .*revoked 20`));
    expect(text).toMatch(/^1 alive of 2$/m);
    const { stdout: json } = await keys("list", "--organization", organization, "--json");
    expect(JSON.parse(json)).toMatchObject([
      { id: old.id, name: "old", prefix: old.prefix, revokedAt: null },
      { id: unused.id, name: "unused", lastUsedAt: null },
    ]);
    for (const row of await stored()) {
      for (const output of [text, json]) expect(output).not.toContain(row["digest"]);
    }
  });
});

describe("npm run keys -- revoke", () => {
  it("closes one key at once and leaves the other open, so that a key is replaced without a gap", async () => {
    const [old, replacement] = [await create(), await create()];
    expect(await show(old.key)).toMatchObject({ outcome: "issued" });
    expect(await show(replacement.key)).toMatchObject({ outcome: "issued" });
    await keys("revoke", old.prefix);
    expect(await show(old.key)).toMatchObject({ outcome: "unauthorized" });
    expect(await show(replacement.key)).toMatchObject({ outcome: "issued" });
  });

  it("changes nothing the second time", async () => {
    const { id } = await create();
    const first = await revoke(id);
    const rows = await stored();
    expect(await revoke(id)).toEqual(first);
    expect(await stored()).toEqual(rows);
  });

  it("leaves the tokens that the key made alone unless told to end them", async () => {
    const { id, key } = await create();
    const { tokenId } = await show(key);
    expect(await revoke(id)).toMatchObject({ tokensAlive: 1 });
    expect(await revoke(id, "--tokens")).toMatchObject({ tokensAlive: 0 });
    const token = await owner.row("select revoked_at from billing.session_tokens where id = $1", [
      tokenId,
    ]);
    expect(token).toEqual({ revoked_at: expect.any(Date) as unknown });
  });

  it("ends the token that the key is making at the same instant, which then opens nothing", async () => {
    const { id, key } = await create();
    await service.rows("begin");
    const { outcome, tokenId } = await show(key);
    const racing = revokeKey(second.client, id, true);
    try {
      await untilBlocked(owner, "update billing.api_keys");
    } finally {
      await service.rows("commit");
    }
    expect(outcome).toBe("issued");
    expect(await racing).toMatchObject({ id, tokensAlive: 0 });
    expect(await service.call("begin_checkout", beginArguments(tokenId))).toEqual({
      outcome: "unauthorized",
    });
    expect(await show(key)).toMatchObject({ outcome: "unauthorized" });
  });

  it("refuses a prefix that two keys have, and names them", async () => {
    const ids = await owner.rows<{ id: string }>(
      `insert into billing.api_keys (organization_id, prefix, digest)
       select $1, 'sk_test_twin', gen_random_uuid()::text from generate_series(1, 2) returning id`,
      [organization],
    );
    await expect(keys("revoke", "sk_test_twin")).rejects.toMatchObject(
      refusal(/2 keys begin with sk_test_twin/),
    );
    for (const { id } of ids) {
      await expect(keys("revoke", "sk_test_twin")).rejects.toMatchObject(refusal(new RegExp(id)));
    }
    expect(await stored()).toMatchObject([{ revoked_at: null }, { revoked_at: null }]);
  });

  it("does not repeat a whole key that it was given", async () => {
    const { key } = await create();
    await expect(keys("revoke", key)).rejects.toMatchObject({
      code: 2,
      stderr: expect.not.stringContaining(key) as unknown,
    });
    expect(await show(key)).toMatchObject({ outcome: "issued" });
  });
});

describe("npm run keys", () => {
  it.each([
    ["no command", []],
    ["a command that it does not know", ["forget"]],
    ["no organization", ["create"]],
    ["an organization that is not there", ["create", "--organization", randomUUID()]],
    ["the list of an organization that is not there", ["list", "--organization", randomUUID()]],
    ["an organization that is not an id", ["list", "--organization", "' or true --"]],
    ["no key", ["revoke"]],
    ["a key that is not there", ["revoke", randomUUID()]],
    ["a prefix that is not there", ["revoke", "sk_test_none"]],
    ["half a prefix", ["revoke", "sk_test_"]],
    ["two keys", ["revoke", randomUUID(), randomUUID()]],
  ])("refuses %s and says how it is used", async (_name, args) => {
    await expect(keys(...args)).rejects.toMatchObject(refusal(/usage: npm run keys/));
  });
});
