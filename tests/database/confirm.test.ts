import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { changesOf, SCALE } from "./changing.ts";
import {
  complete,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  receive,
  record,
  revision,
  statusOf,
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
const { openChange, subscribed } = changesOf(service, keyDigest);
let session: OpenSession;

beforeEach(async () => {
  session = await openSession(service, keyDigest);
});

const attempt = (
  connection: typeof service,
  card: string,
  intentStatus = "requires_payment_method",
) =>
  connection.call("begin_attempt", {
    p_session_id: session.sessionId,
    p_stripe_payment_method_id: card,
    p_intent_status: intentStatus,
  });
const declined = { code: "card_declined", declineCode: "generic_decline", message: "No." };

const begin = async (
  connection: typeof service,
  changes: Readonly<Record<string, unknown>> = {},
) => {
  const { digest } = await service.row<{ digest: string }>(
    `select client_secret_digest as digest from billing.payment_intents
     where stripe_payment_intent_id = $1`,
    [session.intentId],
  );
  return connection.call<{ located: object; attempt: object | null } | null>("begin_confirm", {
    p_stripe_payment_intent_id: session.intentId,
    p_client_secret_digest: digest,
    p_stripe_payment_method_id: "pm_a",
    ...changes,
  });
};
const attempts = () =>
  service.rows("select number from billing.checkout_attempts where checkout_session_id = $1", [
    session.sessionId,
  ]);

const refusal = (number: number, changes: Record<string, unknown>) =>
  record(service, session, "requires_payment_method", {
    p_intent: {
      id: session.intentId,
      status: "requires_payment_method",
      chargeId: `ch_${number}`,
      error: declined,
    },
    p_attempt_number: number,
    ...changes,
  });
const attemptStatuses = () =>
  service.rows(
    "select status from billing.checkout_attempts where checkout_session_id = $1 order by number",
    [session.sessionId],
  );

describe("begin_confirm", () => {
  it("answers the session with an attempt where it waits for a card", async () => {
    expect(await begin(service)).toMatchObject({
      located: { sessionId: session.sessionId, status: "open" },
      attempt: { outcome: "confirm", number: 1 },
    });
  });

  it.each<[string, () => Readonly<Record<string, unknown>>]>([
    ["another secret's digest", () => ({ p_client_secret_digest: "x" })],
    ["none", () => ({ p_client_secret_digest: null })],
    ["an intent that is nobody's", () => ({ p_stripe_payment_intent_id: "pi_nobodys" })],
  ])("answers nothing and begins nothing for %s", async (_what, changes) => {
    expect(await begin(service, changes())).toBe(null);
    expect(await attempts()).toEqual([]);
  });

  it("answers nothing for an intent that another has taken the place of", async () => {
    await owner.rows(
      `with other as (
         insert into billing.payment_intents (organization_id, checkout_session_id,
           stripe_payment_intent_id, kind, amount, currency, client_secret_digest, status)
         select organization_id, checkout_session_id, 'pi_next_' || stripe_payment_intent_id, kind,
           amount, currency, 'next' || client_secret_digest, status
         from billing.payment_intents where stripe_payment_intent_id = $1 returning id
       ) update billing.checkout_sessions s set payment_intent_id = other.id from other where s.id = $2`,
      [session.intentId, session.sessionId],
    );
    expect(await begin(service)).toBe(null);
    expect(await attempts()).toEqual([]);
  });

  it.each(["requires_action", "processing"])(
    "begins nothing while the intent is %s: it is to be read first",
    async (status) => {
      await record(service, session, status, { p_attempt_number: 1 });
      expect(await begin(service)).toMatchObject({ located: { status }, attempt: null });
      expect(await attempts()).toEqual([]);
    },
  );

  it("begins nothing for whoever has the product by now, and leaves the session as it is", async () => {
    const bought = await openSession(service, keyDigest, "twice");
    session = await openSession(service, keyDigest, "twice");
    await record(service, bought, "succeeded");
    await complete(service, bought);
    expect(await begin(service)).toMatchObject({ located: { status: "open" }, attempt: null });
    expect(await attempts()).toEqual([]);
  });

  it("begins no change to what the customer has by now, and says nothing of it", async () => {
    const customer = await subscribed();
    session = await openChange(customer, SCALE);
    const before = await version(service, session);
    const other = await openSession(service, keyDigest, customer.user, { p_price_id: SCALE });
    await record(service, other, "succeeded", {
      p_intent: {
        id: other.intentId,
        status: "succeeded",
        fingerprint: randomUUID(),
        paymentMethodId: "pm_1",
      },
    });
    await complete(service, other);
    expect(await begin(service)).toMatchObject({ located: { status: "open" }, attempt: null });
    expect(await attempts()).toEqual([]);
    expect(await version(service, session)).toBe(before);
  });

  it("begins nothing past the session's expiry", async () => {
    await owner.rows(
      "update billing.checkout_sessions set expires_at = now() - interval '1 second' where id = $1",
      [session.sessionId],
    );
    expect(await begin(service)).toMatchObject({ located: { pastExpiry: true }, attempt: null });
  });

  it("gives a double click one attempt", async () => {
    await service.rows("begin");
    await begin(service);
    const racing = begin(second);
    await untilBlocked(owner, "begin_confirm");
    await service.rows("commit");
    expect(await racing).toMatchObject({ attempt: { outcome: "confirm", number: 1 } });
  });
});

describe("begin_attempt", () => {
  it("gives a retry of an attempt whose answer was lost the same number", async () => {
    expect(await attempt(service, "pm_a")).toMatchObject({ outcome: "confirm", number: 1 });
    expect(await attempt(service, "pm_a")).toMatchObject({ outcome: "confirm", number: 1 });
  });

  it("gives another card another number", async () => {
    await attempt(service, "pm_a");
    expect(await attempt(service, "pm_b")).toMatchObject({ outcome: "confirm", number: 2 });
  });

  it("gives a double click one number", async () => {
    await service.rows("begin");
    const first = await attempt(service, "pm_a");
    const racing = attempt(second, "pm_a");
    await untilBlocked(owner, "begin_attempt");
    await service.rows("commit");
    expect(await racing).toMatchObject({ outcome: "confirm", number: first["number"] });
  });

  it("gives the same card another number once it was declined", async () => {
    await attempt(service, "pm_a");
    await record(service, session, "requires_payment_method", {
      p_intent: { id: session.intentId, status: "requires_payment_method", error: declined },
      p_attempt_number: 1,
    });
    expect(await attempt(service, "pm_a")).toMatchObject({ outcome: "confirm", number: 2 });
  });

  it("only reads a card that waits for the customer's bank", async () => {
    await attempt(service, "pm_a");
    await record(service, session, "requires_action", { p_attempt_number: 1 });
    expect(await attempt(service, "pm_a", "requires_action")).toMatchObject({
      outcome: "read",
      number: 1,
    });
  });

  it("takes the same card again after its authentication failed unseen", async () => {
    await attempt(service, "pm_a");
    await record(service, session, "requires_action", { p_attempt_number: 1 });
    expect(await attempt(service, "pm_a", "requires_payment_method")).toMatchObject({
      outcome: "confirm",
      number: 2,
    });
  });

  it("takes no card for a product that the customer got meanwhile", async () => {
    const user = randomUUID();
    const [one, other] = [
      await openSession(service, keyDigest, user),
      await openSession(service, keyDigest, user),
    ];
    await record(service, one, "succeeded");
    await complete(service, one);
    session = other;
    expect(await attempt(service, "pm_a")).toEqual({ outcome: "already_subscribed" });
  });

  it("takes no card for a session past its expiry", async () => {
    await owner.rows("update billing.checkout_sessions set expires_at = now() where id = $1", [
      session.sessionId,
    ]);
    expect(await attempt(service, "pm_a")).toEqual({ outcome: "closed" });
  });
});

describe("record_intent", () => {
  it.each([
    ["requires_payment_method", "open"],
    ["requires_confirmation", "open"],
    ["requires_action", "requires_action"],
    ["processing", "processing"],
    ["succeeded", "processing"],
    ["canceled", "canceled"],
  ])("moves an open session for an intent that is %s to %s", async (intent, status) => {
    await record(service, session, intent);
    expect(await statusOf(service, session)).toBe(status);
  });

  it("calls a canceled intent's session expired once it is past its expiry", async () => {
    await owner.rows("update billing.checkout_sessions set expires_at = now() where id = $1", [
      session.sessionId,
    ]);
    await record(service, session, "canceled");
    expect(await statusOf(service, session)).toBe("expired");
  });

  it("does not write what was read before another writer came", async () => {
    const seen = await revision(service, session);
    await record(service, session, "requires_action");
    const late = await record(service, session, "requires_payment_method", {
      p_seen_revision: seen,
    });
    expect(late.outcome).toBe("stale");
    expect(await statusOf(service, session)).toBe("requires_action");
  });

  it("does not write what was read before another reading of the same state was written", async () => {
    const failure = {
      p_intent: { id: session.intentId, status: "requires_payment_method", error: declined },
    };
    await record(service, session, "requires_payment_method", failure);
    const seen = await revision(service, session);
    // The same state once more: nothing shows, no version rises, and yet the older reading is older now.
    await record(service, session, "requires_payment_method", failure);
    const late = await record(service, session, "requires_action", { p_seen_revision: seen });
    expect(late.outcome).toBe("stale");
    expect(await statusOf(service, session)).toBe("open");
  });

  describe("of an attempt whose card was refused, while another wrote", () => {
    it("writes that where the intent waits for a card as before, and counts it once", async () => {
      await attempt(service, "pm_a");
      const seen = { p_seen_revision: await revision(service, session) };
      await attempt(service, "pm_b");
      const recorded = { outcome: "recorded", snapshot: { status: "pending" } };
      for (const [number, changes] of [[1, seen], [2, {}], [1, seen]] as const) {
        expect(await refusal(number, changes)).toMatchObject(recorded);
      }
      expect(await attemptStatuses()).toEqual([{ status: "failed" }, { status: "failed" }]);
      expect(
        await owner.row(
          "select sum(count)::integer as declines from billing.rate_counters where name = 'declines_per_session' and subject = $1",
          [session.sessionId],
        ),
      ).toEqual({ declines: 2 });
    });

    it("has the intent read again where it waited for something else", async () => {
      await attempt(service, "pm_a");
      const seen = { p_seen_revision: await revision(service, session) };
      await attempt(service, "pm_b");
      await record(service, session, "requires_action", { p_attempt_number: 2 });
      expect(await refusal(1, seen)).toEqual({ outcome: "stale" });
      expect(await attemptStatuses()).toEqual([{ status: "started" }, {
        status: "requires_action",
      }]);
    });
  });

  it("never reopens a session whose payment is known", async () => {
    await record(service, session, "processing");
    await record(service, session, "succeeded");
    const late = await record(service, session, "requires_payment_method");
    expect(late.outcome).toBe("stale");
    expect(await statusOf(service, session)).toBe("processing");
  });

  it("does not write what was read before an attempt", async () => {
    const seen = await revision(service, session);
    await attempt(service, "pm_a");
    const late = await record(service, session, "canceled", { p_seen_revision: seen });
    expect(late.outcome).toBe("stale");
  });

  it("takes a payment under whatever version it was read", async () => {
    const seen = await revision(service, session);
    await record(service, session, "requires_action");
    const late = await record(service, session, "succeeded", { p_seen_revision: seen });
    expect(late.outcome).toBe("fulfill");
  });

  it("keeps a decline beside the open session and takes it away with the next card", async () => {
    await record(service, session, "requires_payment_method", {
      p_intent: { id: session.intentId, status: "requires_payment_method", error: declined },
    });
    const open = await service.call<{ snapshot: object }>("read_checkout", {
      p_session_id: session.sessionId,
    });
    expect(open.snapshot).toMatchObject({
      status: "pending",
      error: { code: "card_declined", message: "No." },
    });
    await record(service, session, "requires_action");
    const next = await service.call<{ snapshot: object }>("read_checkout", {
      p_session_id: session.sessionId,
    });
    expect(next.snapshot).not.toHaveProperty("error");
  });

  it("dates a payment that Stripe does not date, as a bank debit's, to when it is known", async () => {
    await record(service, session, "succeeded", {
      p_intent: { id: session.intentId, status: "succeeded", paymentMethodId: "pm_1" },
    });
    expect(
      await owner.row(
        `select succeeded_at between now() - interval '10 seconds' and now() as dated from billing.payment_intents
         where stripe_payment_intent_id = $1`,
        [session.intentId],
      ),
    ).toEqual({ dated: true });
  });

  it("keeps saying why the card before was refused where of this attempt nothing is known, as Stripe does", async () => {
    const errorOf = async () => {
      const { snapshot } = await service.call<{ snapshot: { error?: { code: string } } }>(
        "read_checkout",
        { p_session_id: session.sessionId },
      );
      return snapshot.error?.code;
    };
    const told = (status: string, number: number, error?: object) =>
      record(service, session, status, {
        p_attempt_number: number,
        p_intent: { id: session.intentId, status, ...(error && { error }) },
      });
    await attempt(service, "pm_a");
    await told("requires_payment_method", 1, declined);
    await attempt(service, "pm_b");
    await told("requires_payment_method", 2);
    expect(await errorOf()).toBe("card_declined");
    await attempt(service, "pm_c");
    await told("requires_action", 3);
    expect(await errorOf()).toBeUndefined();
  });

  it("moves nothing and marks the event where the intent is no longer the session's", async () => {
    const other = await openSession(service, keyDigest);
    await owner.rows(
      "update billing.payment_intents set checkout_session_id = $1 where stripe_payment_intent_id = $2",
      [
        session.sessionId,
        other.intentId,
      ],
    );
    const { eventId } = await receive(service);
    const outcome = await record(service, { ...session, intentId: other.intentId }, "succeeded", {
      p_event_id: eventId,
    });
    expect(outcome.outcome).toBe("superseded");
    expect(await statusOf(service, session)).toBe("open");
    const event = await service.row(
      "select status, outcome from billing.webhook_events where id = $1",
      [eventId],
    );
    expect(event).toEqual({ status: "processed", outcome: "superseded" });
  });

  it("refuses an intent that it never saw", async () => {
    const forged = record(service, { ...session, intentId: "pi_unknown" }, "succeeded");
    await expect(forged).rejects.toMatchObject({ code: "BO002" });
  });
});
