import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openDatabase, openSession, openShop, record } from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { sessionId } = await openSession(service, keyDigest);

/** Joins as the Realtime server probes it: a row for the topic, then whether the role can see it. */
async function mayListen(role: string, topic: string, extension = "broadcast"): Promise<boolean> {
  await owner.rows("begin");
  try {
    await owner.rows("insert into realtime.messages (topic, extension) values ($1, $2)", [
      topic,
      extension,
    ]);
    await owner.rows(
      "select set_config('role', $1, true), set_config('realtime.topic', $2, true)",
      [role, topic],
    );
    return (await owner.rows(
      "select 1 from realtime.messages where topic = $1 and extension = $2",
      [topic, extension],
    )).length >
      0;
  } finally {
    await owner.rows("rollback");
  }
}

async function send(role: string, topic: string): Promise<void> {
  await owner.rows("begin");
  try {
    await owner.rows(
      "select set_config('role', $1, true), set_config('realtime.topic', $2, true)",
      [role, topic],
    );
    await owner.rows(
      "insert into realtime.messages (topic, extension, event, payload) values ($1, 'broadcast', 'checkout.updated', '{}')",
      [topic],
    );
  } finally {
    await owner.rows("rollback");
  }
}

describe("the policy on a checkout's topic", () => {
  it.each(["anon", "authenticated"])("lets %s listen to a real session's topic", async (role) => {
    expect(await mayListen(role, `checkout:${sessionId}`)).toBe(true);
  });

  it.each([
    ["a session that does not exist", `checkout:${randomUUID()}`],
    ["a wildcard", "checkout:*"],
    ["a pattern", "checkout:%"],
    ["another kind of topic", sessionId],
    ["the id in capitals", `checkout:${sessionId.toUpperCase()}`],
    ["more after the id", `checkout:${sessionId} or true`],
    ["no id", "checkout:"],
  ])("lets nobody listen to %s", async (_name, topic) => {
    expect(await mayListen("anon", topic)).toBe(false);
  });

  it("is closed a day after the session's end", async () => {
    const ended = await openSession(service, keyDigest);
    await record(service, ended, "canceled");
    expect(await mayListen("anon", `checkout:${ended.sessionId}`)).toBe(true);
    await owner.rows(
      "alter table billing.checkout_sessions disable trigger checkout_sessions_guard",
    );
    await owner.rows(
      "update billing.checkout_sessions set updated_at = now() - interval '25 hours' where id = $1",
      [
        ended.sessionId,
      ],
    );
    await owner.rows(
      "alter table billing.checkout_sessions enable trigger checkout_sessions_guard",
    );
    expect(await mayListen("anon", `checkout:${ended.sessionId}`)).toBe(false);
  });

  it("shows nobody presence", async () => {
    expect(await mayListen("anon", `checkout:${sessionId}`, "presence")).toBe(false);
  });

  it.each(["anon", "authenticated"])("lets %s send nothing", async (role) => {
    await expect(send(role, `checkout:${sessionId}`)).rejects.toMatchObject({ code: "42501" });
  });
});
