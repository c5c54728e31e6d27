import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  beginArguments,
  complete,
  newToken,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  record,
  statusOf,
  version,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
let user: string;
let tokenId: string;

beforeEach(async () => {
  user = randomUUID();
  tokenId = await newToken(service, keyDigest, user);
});

/** Not the token that opened it: what counts is whose it is. */
const cancel = (sessionId: string, by = tokenId, livemode = false) =>
  service.call("cancel_session", {
    p_session_id: sessionId,
    p_token_id: by,
    p_livemode: livemode,
  });

async function bareSession(lifetimeSeconds = 3600): Promise<OpenSession> {
  const opener = await newToken(service, keyDigest, user);
  const { session: { id } } = await service.call<{ session: { id: string } }>(
    "begin_checkout",
    beginArguments(opener, { p_lifetime_seconds: lifetimeSeconds }),
  );
  return { sessionId: id, intentId: "" };
}

describe("cancel_session", () => {
  it("ends a session that has no intent, and tells the browser of it once", async () => {
    const session = await bareSession();
    const canceled = await cancel(session.sessionId);
    expect(canceled).toMatchObject({ outcome: "ended", snapshot: { status: "canceled" } });
    expect(await cancel(session.sessionId)).toEqual(canceled);
    expect(await version(service, session)).toBe(2);
  });

  it("calls a session without an intent expired where it was past its expiry first", async () => {
    const session = await bareSession(0);
    expect(await cancel(session.sessionId)).toMatchObject({
      outcome: "ended",
      snapshot: { status: "expired" },
    });
  });

  it.each([
    ["open", "requires_payment_method"],
    ["requires_action", "requires_action"],
    ["processing", "processing"],
    ["processing", "succeeded"],
  ])("moves nothing that is %s by an intent that is %s: Stripe decides", async (status, intent) => {
    const session = await openSession(service, keyDigest, user);
    await record(service, session, intent);
    const before = await version(service, session);
    expect(await cancel(session.sessionId)).toMatchObject({
      outcome: "in_hand",
      located: { status, stripePaymentIntentId: session.intentId },
    });
    expect(await version(service, session)).toBe(before);
  });

  it("answers a session that has succeeded as it is", async () => {
    const session = await openSession(service, keyDigest, user);
    await record(service, session, "succeeded");
    const { snapshot } = await complete(service, session);
    expect(await cancel(session.sessionId)).toEqual({ outcome: "ended", snapshot, traceId: null });
  });

  it.each(["failed", "expired", "canceled"])(
    "answers a session that has %s as it is",
    async (status) => {
      const session = await openSession(service, keyDigest, user);
      await owner.rows("update billing.checkout_sessions set status = $2 where id = $1", [
        session.sessionId,
        status,
      ]);
      expect(await cancel(session.sessionId)).toMatchObject({
        outcome: "ended",
        snapshot: { status, version: await version(service, session) },
      });
    },
  );

  it("ends in canceled by way of record_intent, from each state in which nothing is paid", async () => {
    for (const intent of ["requires_payment_method", "requires_confirmation", "requires_action"]) {
      const session = await openSession(service, keyDigest, user);
      await record(service, session, intent);
      await record(service, session, "canceled");
      expect(await statusOf(service, session)).toBe("canceled");
    }
  });

  it("gives back money that arrives for a canceled session all the same", async () => {
    const session = await openSession(service, keyDigest, user);
    await record(service, session, "canceled");
    expect(await record(service, session, "succeeded")).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "session_closed" },
    });
  });
});

describe("cancel_session refuses", () => {
  it("another customer's token as if there were no session", async () => {
    const session = await bareSession();
    const stranger = await newToken(service, keyDigest);
    expect(await cancel(session.sessionId, stranger)).toEqual({ outcome: "not_found" });
    expect(await cancel(randomUUID())).toEqual({ outcome: "not_found" });
    expect(await statusOf(service, session)).toBe("open");
  });

  it("the same user of another organization as if there were no session", async () => {
    const session = await bareSession();
    const organization = await owner.row<{ id: string }>(
      "insert into billing.organizations (name) values ('Other') returning id",
    );
    await owner.rows(
      "insert into billing.api_keys (organization_id, prefix, digest) values ($1, 'sk_test_efgh', $2)",
      [organization.id, organization.id],
    );
    const stranger = await newToken(service, organization.id, user);
    expect(await cancel(session.sessionId, stranger)).toEqual({ outcome: "not_found" });
    expect(await statusOf(service, session)).toBe("open");
  });

  it.each([
    ["a token that is unknown", null, "unauthorized"],
    ["a token that was revoked", "revoked_at = now()", "unauthorized"],
    [
      "a token that has expired",
      "created_at = created_at - interval '1 day', expires_at = now() - interval '1 second'",
      "unauthorized",
    ],
    ["a token without the operation", "allowed_operations = '{entitlements}'", "forbidden"],
  ])("%s", async (_name, change, outcome) => {
    const session = await bareSession();
    if (change !== null) {
      await owner.rows(`update billing.session_tokens set ${change} where id = $1`, [tokenId]);
    }
    const by = change === null ? randomUUID() : tokenId;
    expect(await cancel(session.sessionId, by)).toEqual({ outcome });
    expect(await statusOf(service, session)).toBe("open");
  });

  it("a token of the other mode", async () => {
    const session = await bareSession();
    expect(await cancel(session.sessionId, tokenId, true)).toEqual({ outcome: "unauthorized" });
  });
});
