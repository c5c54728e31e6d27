import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { openDatabase, openSession, openShop } from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);

const limit = (name: string, count: number) =>
  owner.rows("update billing.rate_limits set max_count = $2 where name = $1", [name, count]);
beforeEach(() => owner.rows("delete from billing.rate_counters"));

const read = (sessionId: string, changes: object = {}) =>
  service.call<Record<string, unknown> | null>("read_checkout", {
    p_session_id: sessionId,
    p_limited: true,
    ...changes,
  });
const mint = (user: string = randomUUID(), digest = keyDigest) =>
  service.call("issue_session_token", {
    p_key_digest: digest,
    p_token_id: randomUUID(),
    p_external_user_id: user,
    p_allowed_operations: ["checkout"],
    p_lifetime_seconds: 3600,
    p_livemode: false,
  });
const counters = async () =>
  (await owner.rows<{ name: string }>("select name from billing.rate_counters order by name"))
    .map(({ name }) => name);

describe("status", () => {
  it("is never refused to five pages that ask every second", async () => {
    const [row] = await owner.rows<{ max: number; seconds: number }>(
      `select max_count as max, window_seconds as seconds from billing.rate_limits
       where name = 'status_per_session'`,
    );
    expect(row?.max).toBeGreaterThan(5 * (row?.seconds ?? Infinity));
  });

  it("is limited for each session, and says when it may be asked again", async () => {
    const [one, other] = [
      await openSession(service, keyDigest),
      await openSession(service, keyDigest),
    ];
    await limit("status_per_session", 2);
    await read(one.sessionId);
    await read(one.sessionId);
    const limited = await read(one.sessionId);
    expect(limited).toMatchObject({ outcome: "rate_limited" });
    expect(limited).not.toHaveProperty("snapshot");
    expect(limited?.["retryAfter"]).toBeGreaterThan(50);
    expect(await read(other.sessionId)).toHaveProperty("snapshot");
  });

  it("is not counted where a repair reads, nor for a session that does not exist", async () => {
    const { sessionId } = await openSession(service, keyDigest);
    await owner.rows("delete from billing.rate_counters");
    await limit("status_per_session", 1);
    for (let n = 0; n < 3; n += 1) {
      expect(await read(sessionId, { p_limited: false })).toHaveProperty("snapshot");
      expect(await read(randomUUID())).toBeNull();
    }
    expect(await counters()).toEqual([]);
  });
});

describe("minting tokens", () => {
  it("is limited for each user", async () => {
    await limit("tokens_per_customer", 2);
    const user = randomUUID();
    const outcomes = [await mint(user), await mint(user), await mint(user), await mint()]
      .map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["issued", "issued", "rate_limited", "issued"]);
    await limit("tokens_per_customer", 1000);
  });

  it("is limited for each key, a wrong key is not counted, and no count names a user", async () => {
    await limit("tokens_per_key", 2);
    expect(await mint(randomUUID(), "wrong")).toEqual({ outcome: "unauthorized" });
    expect(await counters()).toEqual([]);
    const minted = [await mint("jenny@example.com"), await mint(), await mint()];
    const outcomes = minted.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["issued", "issued", "rate_limited"]);
    const { rows } = await owner.row<{ rows: number }>(
      "select count(*)::int as rows from billing.rate_counters where subject like '%@%'",
    );
    expect(rows).toBe(0);
    await limit("tokens_per_key", 6000);
  });
});
