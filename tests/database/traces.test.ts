import { describe, expect, it } from "vitest";
import {
  beginArguments,
  complete,
  newToken,
  openDatabase,
  openSession,
  openShop,
  record,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const OTHER = "b9c7c989f97918e1aa5b4bf1a2b3c4d5";

interface Begun {
  readonly session: { readonly id: string; readonly traceId: string | null };
}
const begin = async (tokenId: string, changes = {}) =>
  (await service.call<Begun>("begin_checkout", beginArguments(tokenId, changes))).session;

describe("the trace of the call that opened a session", () => {
  it("stays the session's, whichever call asks for it again", async () => {
    const token = await newToken(service, keyDigest);
    expect((await begin(token, { p_trace_id: TRACE })).traceId).toBe(TRACE);
    expect((await begin(token, { p_trace_id: OTHER })).traceId).toBe(TRACE);
    expect((await begin(token)).traceId).toBe(TRACE);
  });

  it("is none where its caller named none, and none is added later", async () => {
    const token = await newToken(service, keyDigest);
    expect((await begin(token)).traceId).toBeNull();
    expect((await begin(token, { p_trace_id: OTHER })).traceId).toBeNull();
  });

  it.each([
    ["longer by one", `${TRACE}0`],
    ["shorter by one", TRACE.slice(1)],
    ["in capitals", TRACE.toUpperCase()],
    ["with a line break behind it", `${TRACE}\n`],
    ["empty", ""],
  ])("is refused %s, whoever says it", async (_name, traceId) => {
    const token = await newToken(service, keyDigest);
    await expect(begin(token, { p_trace_id: traceId })).rejects.toThrow(
      "checkout_sessions_trace_id_form",
    );
  });

  it("is told to whoever has to do with the session later, and shown to no browser", async () => {
    const session = await openSession(service, keyDigest, undefined, { p_trace_id: TRACE });
    const located = await service.call("locate_checkout", { p_session_id: session.sessionId });
    expect(located).toMatchObject({ traceId: TRACE });
    const recorded = await record(service, session, "succeeded");
    expect(recorded).toMatchObject({ outcome: "fulfill", plan: { traceId: TRACE } });
    const completed = await complete(service, session);
    expect(completed.outcome).toBe("succeeded");
    expect(JSON.stringify(completed.snapshot)).not.toContain(TRACE);
    const read = await service.call<{ traceId: string; snapshot: object }>("read_checkout", {
      p_session_id: session.sessionId,
    });
    expect(read.traceId).toBe(TRACE);
    expect(JSON.stringify(read.snapshot)).not.toContain(TRACE);
  });
});
