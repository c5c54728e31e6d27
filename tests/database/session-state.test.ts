import { beforeEach, describe, expect, it } from "vitest";
import { sessionStatuses, transitions } from "../../shared/domain/session-status.ts";
import {
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  record,
  version,
} from "./support.ts";

const database = await openDatabase();
const service = await database.service();
const owner = await database.owner();
const { keyDigest } = await openShop(owner);
let session: OpenSession;

beforeEach(async () => {
  session = await openSession(service, keyDigest);
});

const messages = () =>
  owner.rows<{ payload: { version: number; status: string }; event: string; private: boolean }>(
    "select payload, event, private from realtime.messages where topic = $1 order by (payload ->> 'version')::int",
    [`checkout:${session.sessionId}`],
  );

const refusedEdges = sessionStatuses.flatMap((from) =>
  sessionStatuses.filter((to) => from !== to && !transitions[from].includes(to)).map((to) =>
    [from, to] as const
  )
);

describe("a session's state", () => {
  it.each(refusedEdges)("never goes from %s to %s", async (from, to) => {
    await owner.rows("begin");
    // The guard would refuse most starting points too, so the row is put there without it.
    await owner.rows(
      "alter table billing.checkout_sessions disable trigger checkout_sessions_guard",
    );
    await owner.rows(
      "alter table billing.checkout_sessions drop constraint checkout_sessions_succeeded_is_whole",
    );
    await owner.rows("update billing.checkout_sessions set status = $2 where id = $1", [
      session.sessionId,
      from,
    ]);
    await owner.rows(
      "alter table billing.checkout_sessions enable trigger checkout_sessions_guard",
    );
    const move = owner.rows("update billing.checkout_sessions set status = $2 where id = $1", [
      session.sessionId,
      to,
    ]);
    await expect(move).rejects.toMatchObject({ code: "BO001" });
    await owner.rows("rollback");
  });

  it("cannot be succeeded without a subscription, even to the owner", async () => {
    const move = owner.rows(
      "update billing.checkout_sessions set status = 'succeeded' where id = $1",
      [
        session.sessionId,
      ],
    );
    await expect(move).rejects.toMatchObject({
      constraint: "checkout_sessions_succeeded_is_whole",
    });
  });

  it("cannot be written by service_role at all", async () => {
    const move = service.rows(
      "update billing.checkout_sessions set status = 'canceled' where id = $1",
      [
        session.sessionId,
      ],
    );
    await expect(move).rejects.toMatchObject({ code: "42501" });
  });

  it("rises by one version with every change and by none without one", async () => {
    const before = await version(service, session);
    await record(service, session, "requires_action");
    expect(await version(service, session)).toBe(before + 1);
    await record(service, session, "requires_action");
    expect(await version(service, session)).toBe(before + 1);
  });

  it("tells the topic each version once, with the very object that status reads", async () => {
    await record(service, session, "requires_action");
    await record(service, session, "processing");
    const told = await messages();
    const read = await service.call<{ snapshot: object }>("read_checkout", {
      p_session_id: session.sessionId,
    });
    expect(told.map(({ payload }) => payload.version)).toEqual([
      ...new Set(told.map(({ payload }) => payload.version)),
    ]);
    expect(told.at(-1)?.payload).toMatchObject(read.snapshot);
    expect(told.every(({ event, private: isPrivate }) => event === "checkout.updated" && isPrivate))
      .toBe(true);
  });

  it("tells nothing of the intent that it gets: nobody has been answered, and no snapshot shows it", async () => {
    expect(await version(service, session)).toBe(1);
    expect(await messages()).toEqual([]);
  });

  it("tells nothing of a change that is rolled back", async () => {
    const before = await messages();
    await owner.rows("begin");
    await owner.rows("update billing.checkout_sessions set status = 'processing' where id = $1", [
      session.sessionId,
    ]);
    await owner.rows("rollback");
    expect(await messages()).toEqual(before);
  });
});
