import { beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  record,
  subscriptionFacts,
  untilBlocked,
  version,
} from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
let session: OpenSession;
let facts: Record<string, unknown>;

beforeEach(async () => {
  session = await openSession(service, keyDigest);
  facts = subscriptionFacts();
  await record(service, session, "succeeded");
  await complete(service, session, facts);
});

const sync = (connection: typeof service, revision: number, changes: object) =>
  connection.call("record_subscription", {
    p_seen_revision: revision,
    p_subscription: { ...facts, ...changes },
  });
const snapshot = async () =>
  (await service.call<{ snapshot: object }>("read_checkout", { p_session_id: session.sessionId }))
    .snapshot;

describe("record_subscription", () => {
  it("does not write what was read before another writer came", async () => {
    await sync(service, 1, { status: "past_due" });
    expect(await sync(service, 1, { status: "active" })).toEqual({ outcome: "stale" });
    expect(await snapshot()).toMatchObject({ subscription: { status: "past_due" } });
  });

  it("lets one of two writers at the same instant write and sends the other back to read", async () => {
    await service.rows("begin");
    await sync(service, 1, { cancelAtPeriodEnd: true });
    const racing = sync(second, 1, { cancelAtPeriodEnd: false });
    await untilBlocked(owner, "record_subscription");
    await service.rows("commit");
    expect(await racing).toEqual({ outcome: "stale" });
  });

  it.each([
    ["canceled", []],
    ["unpaid", []],
    ["paused", []],
    ["past_due", ["api-access", "projects"]],
  ])("leaves a subscription that is %s with the features %j", async (status, features) => {
    await sync(service, 1, { status });
    expect(await snapshot()).toMatchObject({ features });
  });

  it("gives the features back when the subscription lives again, without a second set of grants", async () => {
    await sync(service, 1, { status: "unpaid" });
    await sync(service, 2, { status: "active" });
    expect(await snapshot()).toMatchObject({ features: ["api-access", "projects"] });
    const { n } = await service.row<{ n: number }>(
      "select count(*)::int as n from public.feature_grants g join public.checkout_sessions s using (subscription_id) where s.id = $1",
      [session.sessionId],
    );
    expect(n).toBe(2);
  });

  it("raises the session's version when the snapshot changes, and only then", async () => {
    const before = await version(service, session);
    await sync(service, 1, {});
    expect(await version(service, session)).toBe(before);
    await sync(service, 2, { cancelAtPeriodEnd: true });
    expect(await version(service, session)).toBe(before + 1);
  });

  it("says of a subscription that is not ours that it is unknown", async () => {
    expect(await sync(service, 1, { id: "sub_foreign" })).toEqual({ outcome: "unknown" });
  });
});
