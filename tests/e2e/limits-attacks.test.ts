import { randomBytes } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { eventually, openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

// The limits, attacked: in bursts, with many tokens, past our confirm, and by people without any token.

const shop = await openShop(stack());
afterAll(() => shop.close());
const { functionsUrl } = stack();

const limit = (name: string, count: number, seconds = 600) =>
  shop.query("update billing.rate_limits set max_count = $2, window_seconds = $3 where name = $1", [
    name,
    count,
    seconds,
  ]);
async function lift(): Promise<void> {
  await shop.query(
    `update billing.rate_limits set max_count = 1000000, window_seconds = 600 where name <> 'guard'`,
  );
  await shop.query("delete from billing.rate_counters");
  await shop.query("delete from billing.organization_guards");
}
afterEach(lift);

const ask = (token: string) =>
  fetch(`${functionsUrl}/checkout-create`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ priceId: shop.pro.priceId }),
  });
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${functionsUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
const count = async (sql: string, values: unknown[] = []) =>
  Number((await shop.one<{ count: string }>(`select count(*) as count from ${sql}`, values)).count);
const sessions = () =>
  count("billing.checkout_sessions where organization_id = $1", [shop.organizationId]);

/** Cards refused at Stripe itself, with what a browser holds and past our confirm. */
async function refusedInBrowser(session: CreateResponse, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await shop.payInBrowser(session, "pm_card_chargeDeclined").catch(() => undefined);
    // One at a time, so that each is seen: an event tells of the intent as it then is.
    await shop.idle();
  }
}

describe("a burst", () => {
  it("of creates with as many tokens from one address gets as many as the limit says", async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => shop.token()));
    await shop.query("delete from billing.rate_counters");
    await limit("create_per_address", 5);
    const before = await sessions();
    const statuses = (await Promise.all(tokens.map(ask))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    // What was refused left no session behind, and so asked Stripe for nothing.
    expect(await sessions()).toBe(before + 5);
  });

  it("of creates with one token gets as many as the limit says", async () => {
    const token = await shop.token();
    await limit("create_per_token", 4);
    const statuses = (await Promise.all(Array.from({ length: 16 }, () => ask(token))))
      .map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(4);
    expect(statuses.filter((status) => status === 429)).toHaveLength(12);
  });

  it("of cards in one session gets as many to Stripe as the limit says", async () => {
    await limit("confirm_per_session", 3);
    const session = await shop.create();
    const cards = [
      "",
      "InsufficientFunds",
      "LostCard",
      "StolenCard",
      "ExpiredCard",
      "IncorrectCvc",
    ];
    const answers = await Promise.all(
      cards.map((why) => refusal(shop.pay(session, `pm_card_visa_chargeDeclined${why}`))),
    );
    const attempts = await count("billing.checkout_attempts where checkout_session_id = $1", [
      session.id,
    ]);
    expect(attempts).toBeLessThanOrEqual(3);
    expect(answers.filter(({ code }) => code === "rate_limited")).toHaveLength(3);
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 429 });
  });
});

describe("a caller who waits as long as Retry-After says", () => {
  it("is let in, and not a moment before", async () => {
    const token = await shop.token();
    await limit("create_per_token", 1, 2);
    expect((await ask(token)).status).toBe(201);
    const limited = await ask(token);
    expect(limited.status).toBe(429);
    const seconds = Number(limited.headers.get("retry-after"));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(2);
    await new Promise((resolve) => {
      setTimeout(resolve, seconds * 1000);
    });
    expect((await ask(token)).status).toBe(201);
  });
});

describe("cards put to Stripe past our confirm", () => {
  it("close their session once more were declined than it may attempt, so that no further one is tried", async () => {
    await limit("declines_per_session", 3);
    const session = await shop.create();
    await refusedInBrowser(session, 3);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
    await refusedInBrowser(session, 1);
    await eventually(() => shop.status(session), ({ status }) => status === "canceled");
    expect((await shop.atStripe(session)).intent.status).toBe("canceled");
    await expect(shop.payInBrowser(session)).rejects.toThrow("Stripe answered 400");
    expect(await refusal(shop.pay(session))).toMatchObject({ code: "session_closed" });
  });

  it("close a trial's session as well, whose set-up intent makes no charge", async () => {
    await limit("declines_per_session", 2);
    const { priceId } = await shop.sell("Trial", { amount: 9900, trialDays: 14 });
    const session = await shop.create({ priceId });
    await refusedInBrowser(session, 2);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
    await refusedInBrowser(session, 1);
    await eventually(() => shop.status(session), ({ status }) => status === "canceled");
    await expect(shop.payInBrowser(session)).rejects.toThrow("Stripe answered 400");
  });

  it("stop the customer whose session it is, and no other", async () => {
    await limit("declines_per_customer", 3);
    await limit("declines_per_organization", 4);
    const user = `tester ${randomBytes(4).toString("hex")}`;
    const [first, second] = [await shop.create({ user }), await shop.create({ user })];
    await refusedInBrowser(first, 3);
    await refusedInBrowser(second, 3);
    expect(await refusal(shop.pay(second))).toMatchObject({ status: 429, code: "rate_limited" });
    expect(await refusal(shop.create({ user, priceId: shop.team.priceId }))).toMatchObject({
      status: 429,
    });
    // Six were refused, and the organization's guard, which would have stood after five, stands not.
    expect(await count("billing.organization_guards")).toBe(0);
    expect(await shop.pay(await shop.create())).toMatchObject({ status: "active" });
  });
});

describe("somebody without a token", () => {
  it("raises nothing: guesses and forgeries count for nobody", async () => {
    const session = await shop.create();
    await shop.query("delete from billing.rate_counters");
    const forged = JSON.stringify({
      id: `evt_${randomBytes(8).toString("hex")}`,
      object: "event",
      type: "payment_intent.payment_failed",
      livemode: false,
      data: { object: { id: session.paymentIntentId, status: "requires_payment_method" } },
    });
    const guess = `${session.paymentIntentId ?? ""}_secret_${"A".repeat(24)}`;
    const tries = Array.from({ length: 10 }, () => [
      post("/stripe-webhook", forged),
      post("/stripe-webhook", forged, { "stripe-signature": "t=1,v1=00" }),
      post("/checkout-confirm", JSON.stringify({ clientSecret: guess, paymentMethodId: "pm_x" })),
      post(`/checkout-confirm/${guess}`, JSON.stringify({ paymentMethodId: "pm_x" })),
      ask("bos_session_test_x.y.z"),
      ask(shop.organizationKey),
    ]).flat();
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.every((status) => status === 400 || status === 401)).toBe(true);
    expect(await count("billing.rate_counters")).toBe(0);
    expect(await count("billing.organization_guards")).toBe(0);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
    expect(await shop.pay(session)).toMatchObject({ status: "active" });
  });

  it("who knows another's session id can read it, and neither stop nor change it", async () => {
    const session = await shop.create();
    const before = await shop.status(session);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const response = await fetch(`${functionsUrl}/checkout-status/${session.id}`, { method });
      expect(response.status).toBe(405);
    }
    const stranger = await shop.token();
    const answer = await fetch(`${functionsUrl}/checkout-status/${session.id}`, {
      headers: { authorization: `Bearer ${stranger}` },
    });
    expect(await answer.json()).toEqual(before);
    expect(await shop.status(session)).toEqual(before);
  });
});
