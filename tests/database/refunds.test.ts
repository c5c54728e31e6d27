import { beforeEach, describe, expect, it } from "vitest";
import {
  complete,
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
let session: OpenSession;

beforeEach(async () => {
  session = await openSession(service, keyDigest);
  await record(service, session, "succeeded");
  await service.call("refuse_fulfillment", { p_session_id: session.sessionId });
});

const refund = (id: string, status: string, failures = 0) =>
  service.call<{ outcome: string; moved: boolean; snapshot: { error: { code: string } } }>(
    "record_refund",
    {
      p_session_id: session.sessionId,
      p_stripe_refund_id: id,
      p_status: status,
      p_failures: failures,
    },
  );
const kept = () =>
  service.row<{ id: string; status: string; failures: number }>(
    `select stripe_refund_id as id, refund_status as status, refund_failures as failures
     from billing.payment_intents where stripe_payment_intent_id = $1`,
    [session.intentId],
  );
/** Seconds until reconcile looks again. */
const wait = async () =>
  (await service.row<{ wait: number | null }>(
    `select extract(epoch from refund_look_at - clock_timestamp())::bigint::float8 as wait
     from billing.payment_intents where stripe_payment_intent_id = $1`,
    [session.intentId],
  )).wait;
/** Moves the refund back in time, and its next look to now. */
const letPass = (interval: string) =>
  owner.rows(
    `update billing.payment_intents
     set refunded_at = refunded_at - $2::interval, refund_look_at = clock_timestamp()
     where stripe_payment_intent_id = $1`,
    [session.intentId, interval],
  );
const mayRefund = async () =>
  (await record<{ plan: { mayRefund: boolean } }>(service, session, "succeeded")).plan.mayRefund;

const waitAfter = async (status: string, ...ages: string[]) => {
  await refund("re_1", status);
  const found = [await wait()];
  for (const age of ages) {
    await letPass(age);
    await refund("re_1", status);
    found.push(await wait());
  }
  return found;
};
/** Whether reconcile takes the session up, an hour after it last changed. */
const claimed = async () => {
  await owner.rows(
    "alter table billing.checkout_sessions disable trigger checkout_sessions_guard",
  );
  await owner.rows(
    `update billing.checkout_sessions set updated_at = updated_at - interval '1 hour',
       created_at = created_at - interval '1 hour', checked_at = null where id = $1`,
    [session.sessionId],
  );
  await owner.rows("alter table billing.checkout_sessions enable trigger checkout_sessions_guard");
  return (await service.call<string[]>("claim_sessions", { p_limit: 100 }))
    .includes(session.sessionId);
};

const refused = (failures = 0) =>
  service.call("record_refund", { p_session_id: session.sessionId, p_failures: failures });

describe("a refund that Stripe refuses to make", () => {
  it("ends the session nevertheless, and is tried again", async () => {
    expect(await refused()).toMatchObject({ outcome: "failed", moved: false });
    expect(await statusOf(service, session)).toBe("failed");
    expect(await kept()).toEqual({ id: null, status: null, failures: 0 });
    expect(await mayRefund()).toBe(true);
    expect(await claimed()).toBe(true);
    expect(await refund("re_1", "succeeded")).toMatchObject({ outcome: "refunded", moved: true });
  });

  it("undoes nothing that is known of refunds before", async () => {
    await refund("re_1", "failed", 1);
    const before = await kept();
    await refused(2);
    expect(await kept()).toEqual(before);
  });

  it("is misuse with an id and no status", async () => {
    await expect(service.call("record_refund", {
      p_session_id: session.sessionId,
      p_failures: 0,
      p_stripe_refund_id: "re_1",
    })).rejects.toMatchObject({ code: "BO002" });
  });
});

describe("record_refund", () => {
  it.each([
    ["pending", "pending", "refund_pending"],
    ["requires_action", "pending", "refund_pending"],
    ["succeeded", "refunded", "payment_refunded"],
    ["failed", "failed", "refund_pending"],
    ["canceled", "failed", "refund_pending"],
  ])("says the truth of a refund that is %s", async (status, outcome, code) => {
    const failures = outcome === "failed" ? 1 : 0;
    const recorded = await refund("re_1", status, failures);
    expect(recorded).toMatchObject({ outcome, moved: true, snapshot: { error: { code } } });
    expect(await statusOf(service, session)).toBe("failed");
  });

  it.each(
    [
      ["pending, then succeeded", ["re_1", "pending", 0], ["re_1", "succeeded", 0]],
      ["succeeded, then failed", ["re_1", "succeeded", 0], ["re_1", "failed", 1]],
      ["failed, then the next", ["re_1", "failed", 1], ["re_2", "pending", 1]],
      ["given up, then by hand", ["re_5", "failed", 5], ["re_6", "succeeded", 5]],
    ] as const,
  )("takes what is further along: %s", async (_name, before, then) => {
    await refund(before[0], before[1], before[2]);
    expect((await refund(then[0], then[1], then[2])).moved).toBe(true);
    expect(await kept()).toEqual({ id: then[0], status: then[1], failures: then[2] });
  });

  it.each(
    [
      ["succeeded, then pending", ["re_1", "succeeded", 0], ["re_1", "pending", 0]],
      ["failed, then succeeded", ["re_1", "failed", 1], ["re_1", "succeeded", 0]],
      ["the next, then the one before", ["re_2", "pending", 1], ["re_1", "failed", 1]],
      ["one, then another as far along", ["re_1", "succeeded", 0], ["re_2", "succeeded", 0]],
    ] as const,
  )("is not moved by what was read earlier: %s", async (_name, before, then) => {
    await refund(before[0], before[1], before[2]);
    const seen = [await kept(), await version(service, session)];
    expect((await refund(then[0], then[1], then[2])).moved).toBe(false);
    expect([await kept(), await version(service, session)]).toEqual(seen);
  });

  it("waits longer after each failure, and gives up after the fifth", async () => {
    const waits = [];
    for (let failures = 1; failures <= 5; failures += 1) {
      await refund(`re_${failures}`, "failed", failures);
      expect(await mayRefund()).toBe(false);
      waits.push(await wait());
    }
    expect(waits).toEqual([60, 3_600, 6 * 3_600, 86_400, null]);
    expect(await kept()).toMatchObject({ status: "given_up" });
  });

  it("lets a refund be made again once the wait is over, which no later look prolongs", async () => {
    await refund("re_1", "failed", 1);
    await letPass("1 minute");
    expect(await mayRefund()).toBe(true);
    await refund("re_1", "failed", 1);
    expect(await mayRefund()).toBe(true);
  });

  it("looks at a pending refund ever less often, and at one that succeeded for a month", async () => {
    expect(await waitAfter("pending", "1 hour", "9 days")).toEqual([60, 1_800, 86_400]);
    expect(await waitAfter("succeeded", "1 day", "30 days")).toEqual([
      9 * 86_400 + 3_600,
      864_000 + 3_600,
      null,
    ]);
  });

  it("touches no session that was honored", async () => {
    const honored = await openSession(service, keyDigest);
    await record(service, honored, "succeeded");
    await complete(service, honored);
    session = honored;
    await expect(refund("re_1", "succeeded")).rejects.toMatchObject({ code: "BO003" });
  });
});

const settle = () =>
  owner.call("billing_private.settle_refund", { p_session_id: session.sessionId });
const owed = () =>
  service.rows("select from billing.refunds_owed where checkout_session_id = $1", [
    session.sessionId,
  ]);

describe("what a refund that was given up did not bring back", () => {
  it("is owed until an operator says that it was settled by other means", async () => {
    await refund("re_5", "failed", 5);
    expect(await owed()).toHaveLength(1);
    await settle();
    await settle();
    expect(await owed()).toEqual([]);
    expect(await claimed()).toBe(false);
    // Whoever reads the payment once more gives nothing back.
    expect(await record(service, session, "succeeded")).toMatchObject({
      outcome: "recorded",
      snapshot: { status: "failed", error: { code: "refund_failed" } },
    });
  });

  it.each([["is tried again", "failed", 1], ["has gone back", "succeeded", 0]])(
    "is not settled by hand while it %s",
    async (_, status, failures) => {
      await refund("re_1", status, failures);
      await expect(settle()).rejects.toMatchObject({ code: "BO003" });
    },
  );
});

describe("a refund that Stripe does not make", () => {
  it("is settled by hand once it has been owed for long, and not before", async () => {
    await service.call("record_refund", { p_session_id: session.sessionId, p_failures: 0 });
    await expect(settle()).rejects.toMatchObject({ code: "BO003" });
    await owner.rows(
      `update billing.payment_intents set refunding_since = refunding_since - interval '1 day'
       where stripe_payment_intent_id = $1`,
      [session.intentId],
    );
    expect(await owed()).toHaveLength(1);
    await settle();
    expect(await owed()).toEqual([]);
    expect(await claimed()).toBe(false);
  });
});

describe("claim_sessions", () => {
  it.each(["pending", "succeeded", "failed"])(
    "takes up a refund that is %s when it is time to look, and not before",
    async (status) => {
      await refund("re_1", status, status === "failed" ? 1 : 0);
      expect(await claimed()).toBe(false);
      await letPass("1 minute");
      expect(await claimed()).toBe(true);
    },
  );

  it("leaves alone what was given up", async () => {
    await refund("re_5", "failed", 5);
    expect(await claimed()).toBe(false);
  });
});
