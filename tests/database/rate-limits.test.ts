import { describe, expect, it } from "vitest";
import { openLimits } from "./limits.ts";
import {
  beginArguments,
  type Connection,
  newToken,
  type OpenSession,
  openSession,
  receive,
  record,
} from "./support.ts";

const { service, second, owner, keyDigest, race, limit } = await openLimits();

const create = (connection: Connection, tokenId: string, changes: object = {}) =>
  connection.call("begin_checkout", beginArguments(tokenId, { ...changes }));
const attempt = (
  connection: Connection,
  { sessionId }: OpenSession,
  card: string,
  address?: string,
) =>
  connection.call("begin_attempt", {
    p_session_id: sessionId,
    p_stripe_payment_method_id: card,
    p_intent_status: "requires_payment_method",
    ...(address === undefined ? {} : { p_address_digest: address }),
  });
const decline = (session: OpenSession, changes: object) =>
  record(service, session, "requires_payment_method", {
    p_intent: {
      id: session.intentId,
      status: "requires_payment_method",
      error: { code: "card_declined", declineCode: "generic_decline", message: "No." },
    },
    ...changes,
  });

const createdBy = (tokenId: string) => (connection: Connection) =>
  create(connection, tokenId, { p_address_digest: "shared" });
const createdFrom = async (address: string) =>
  (await create(service, await newToken(service, keyDigest), { p_address_digest: address }))
    .outcome;

describe("create", () => {
  it.each([
    ["of their address", () => limit("create_per_address", 1)],
    [
      "of a guard that others raised",
      () =>
        owner.rows(
          `insert into billing.organization_guards (organization_id, declines, raised_at, until)
           select id, 1, now(), now() + interval '5 minutes' from billing.organizations`,
        ),
    ],
  ])(
    "gives whoever is in the midst of paying the session back, in spite %s",
    async (_what, arm) => {
      const token = await newToken(service, keyDigest);
      const begun = () => create(service, token, { p_address_digest: "shared" });
      const keyed = () =>
        create(service, token, { p_address_digest: "shared", p_idempotency_key: "cart" });
      const [session, ofKey] = [await begun(), await keyed()];
      await arm();
      expect(await begun()).toEqual({ ...session, outcome: "existing" });
      expect(await keyed()).toEqual({ ...ofKey, outcome: "existing" });
      expect(await createdFrom("shared")).toBe("rate_limited");
    },
  );

  it("is limited for each token, and says when it may be asked again", async () => {
    await limit("create_per_token", 2);
    const [token, other] = await Promise.all([
      newToken(service, keyDigest),
      newToken(second, keyDigest),
    ]);
    await create(service, token);
    await create(service, token);
    const limited = await create(service, token);
    expect(limited).toMatchObject({ outcome: "rate_limited" });
    expect(limited["retryAfter"]).toBeGreaterThan(500);
    expect((await create(service, other)).outcome).toBe("created");
  });

  it("is limited for each address, whatever token comes from it", async () => {
    await limit("create_per_address", 1);
    expect([await createdFrom("a"), await createdFrom("a"), await createdFrom("b")]).toEqual([
      "created",
      "rate_limited",
      "created",
    ]);
  });

  it("is allowed again when the window is over", async () => {
    await limit("create_per_token", 1);
    const token = await newToken(service, keyDigest);
    await create(service, token);
    expect((await create(service, token)).outcome).toBe("rate_limited");
    await owner.rows(
      "update billing.rate_counters set window_started_at = window_started_at - interval '601 s'",
    );
    expect((await create(service, token)).outcome).toBe("existing");
  });

  it("lets two at the same instant not both take the last place", async () => {
    await limit("create_per_address", 1);
    const tokens = [
      await newToken(service, keyDigest),
      await newToken(service, keyDigest),
    ] as const;
    const ends = await race(createdBy(tokens[0]), createdBy(tokens[1]), "begin_checkout");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["created", "rate_limited"]);
  });
});

describe("confirm", () => {
  it("takes a set number of cards in one session", async () => {
    await limit("confirm_per_session", 2);
    const session = await openSession(service, keyDigest);
    await attempt(service, session, "pm_1");
    await attempt(service, session, "pm_2");
    const limited = await attempt(service, session, "pm_3");
    expect(limited).toMatchObject({ outcome: "rate_limited" });
    expect(limited["retryAfter"]).toBeGreaterThan(3500);
    // A retry of the card that is being asked about is no new card.
    expect(await attempt(service, session, "pm_2")).toMatchObject({
      outcome: "confirm",
      number: 2,
    });
  });

  it("is limited for each address, across sessions", async () => {
    await limit("confirm_per_address", 1);
    const sessions = [
      await openSession(service, keyDigest),
      await openSession(service, keyDigest),
    ] as const;
    expect((await attempt(service, sessions[0], "pm_1", "a")).outcome).toBe("confirm");
    expect((await attempt(service, sessions[1], "pm_1", "a")).outcome).toBe("rate_limited");
    expect((await attempt(service, sessions[1], "pm_1", "b")).outcome).toBe("confirm");
  });
});

const guards = () =>
  owner.rows<{ declines: number }>("select declines from billing.organization_guards");

describe("the guard against card testers", () => {
  it("is raised by one refused card too many, stops create and confirm, and goes by itself", async () => {
    await limit("declines_per_organization", 2);
    await limit("guard", 1, 300);
    const sessions = await Promise.all(
      Array.from({ length: 3 }, () => openSession(service, keyDigest)),
    );
    for (const session of sessions) {
      expect(await guards()).toEqual([]);
      await attempt(service, session, "pm_1");
      await decline(session, { p_attempt_number: 1 });
    }
    expect(await guards()).toEqual([{ declines: 3 }]);

    const fresh = await newToken(service, keyDigest);
    expect(await create(service, fresh)).toMatchObject({ outcome: "rate_limited" });
    const [session] = sessions;
    if (session === undefined) throw new Error("no session");
    const limited = await attempt(service, session, "pm_good");
    expect(limited).toMatchObject({ outcome: "rate_limited" });
    expect(limited["retryAfter"]).toBeLessThanOrEqual(300);

    await owner.rows("update billing.organization_guards set until = now()");
    expect((await attempt(service, session, "pm_good")).outcome).toBe("confirm");
    expect((await create(service, fresh)).outcome).toBe("created");
  });

  it("counts a card that was refused past our confirm, of which only an event tells", async () => {
    await limit("declines_per_organization", 1);
    for (let n = 0; n < 2; n += 1) {
      const session = await openSession(service, keyDigest);
      const { eventId } = await receive(service);
      await decline(session, { p_event_id: eventId });
    }
    expect(await guards()).toEqual([{ declines: 2 }]);
  });

  it("counts a card whose refusal only an event tells, since Stripe's answer to confirm was unclear", async () => {
    await limit("declines_per_organization", 1);
    for (let n = 0; n < 2; n += 1) {
      const session = await openSession(service, keyDigest);
      await attempt(service, session, "pm_1");
      await record(service, session, "requires_payment_method", { p_attempt_number: 1 });
      expect(await guards()).toEqual([]);
      const { eventId } = await receive(service);
      await decline(session, { p_event_id: eventId });
    }
    expect(await guards()).toEqual([{ declines: 2 }]);
  });

  it("counts a card once of which both confirm and an event tell", async () => {
    await limit("declines_per_organization", 1);
    const session = await openSession(service, keyDigest);
    await attempt(service, session, "pm_1");
    await decline(session, { p_attempt_number: 1 });
    const { eventId } = await receive(service);
    await decline(session, { p_event_id: eventId });
    expect(await guards()).toEqual([]);
  });
});

describe("counters", () => {
  it("are pruned when they are a day old", async () => {
    await create(service, await newToken(service, keyDigest), { p_address_digest: "old" });
    await owner.rows(
      "update billing.rate_counters set window_started_at = now() - interval '2 days'",
    );
    await service.call("prune", { p_limit: 1000, p_days: 35 });
    expect(await owner.rows("select 1 from billing.rate_counters")).toEqual([]);
  });
});
