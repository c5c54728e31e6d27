import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  beginArguments,
  complete,
  newToken,
  openDatabase,
  openSession,
  openShop,
  PRO_PRODUCT,
  record,
  subscriptionFacts,
  untilBlocked,
  YEARLY,
} from "./support.ts";

const database = await openDatabase();
const [service, second, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);

type Begun = { outcome: string; session: { id: string } };
const begin = (connection: typeof service, tokenId: string, changes = {}) =>
  connection.call<Begun>("begin_checkout", beginArguments(tokenId, changes));

const outcomeInRollback = async (tamper: string, values: unknown[], tokenId: string) => {
  await owner.rows("begin");
  await owner.rows(tamper, values);
  const { outcome } = await begin(owner, tokenId);
  await owner.rows("rollback");
  return outcome;
};

/** Brings a session that has no intent yet to where Stripe would have brought it. */
async function bringTo(sessionId: string, status: string): Promise<void> {
  if (status === "open") return;
  const session = { sessionId, intentId: `pi_${randomUUID().replaceAll("-", "")}` };
  await service.call("attach_payment_intent", {
    p_session_id: sessionId,
    p_stripe_payment_intent_id: session.intentId,
    p_client_secret_digest: session.intentId,
    p_status: "requires_payment_method",
  });
  await record(service, session, status);
  if (status !== "succeeded") return;
  const facts = subscriptionFacts();
  await complete(service, session, facts);
  await service.call("record_subscription", {
    p_seen_revision: 1,
    p_subscription: { ...facts, status: "canceled" },
  });
}

describe("the addresses to come back to", () => {
  it("are kept, and read by no function but to write and to erase them", async () => {
    const readers = await owner.rows<{ name: string }>(
      `select p.proname as name from pg_proc p
       where p.pronamespace in ('billing'::regnamespace, 'billing_private'::regnamespace)
         and p.prosrc ~ '(success|cancel)_url'
       order by 1`,
    );
    expect(readers.map(({ name }) => name)).toEqual([
      "begin_checkout",
      "erase_customer",
      "open_checkout",
    ]);
  });
});

describe("begin_checkout", () => {
  it("gives the same token asking for the same thing its open session back", async () => {
    const token = await newToken(service, keyDigest);
    const first = await begin(service, token);
    const again = await begin(service, token);
    expect([first.outcome, again.outcome]).toEqual(["created", "existing"]);
    expect(again.session.id).toBe(first.session.id);
  });

  it("makes one session of two creates at the same instant", async () => {
    const token = await newToken(service, keyDigest);
    await service.rows("begin");
    const first = await begin(service, token);
    const racing = begin(second, token);
    await untilBlocked(owner, "begin_checkout");
    await service.rows("commit");
    expect((await racing).session.id).toBe(first.session.id);
  });

  it("makes one session of two tokens of one customer with one key at the same instant", async () => {
    const user = randomUUID();
    const tokens = await Promise.all([
      newToken(service, keyDigest, user),
      newToken(second, keyDigest, user),
    ]);
    await service.rows("begin");
    const first = await begin(service, tokens[0], { p_idempotency_key: "k1" });
    const racing = begin(second, tokens[1], { p_idempotency_key: "k1" });
    await untilBlocked(owner, "begin_checkout");
    await service.rows("commit");
    expect(await racing).toMatchObject({ outcome: "existing", session: { id: first.session.id } });
  });

  it("refuses a key that was used for another request", async () => {
    const token = await newToken(service, keyDigest);
    await begin(service, token, { p_idempotency_key: "k2" });
    const other = await begin(service, token, { p_idempotency_key: "k2", p_request_hash: "other" });
    expect(other.outcome).toBe("idempotency_mismatch");
  });

  it.each([
    ["is paid by a debit that is on its way", "processing", "existing"],
    ["was paid and is over", "succeeded", "created"],
    ["nobody paid", "open", "created"],
  ])("gives a key of yesterday whose session %s: %s", async (_what, status, outcome) => {
    const user = randomUUID();
    const token = await newToken(service, keyDigest, user);
    const key = { p_idempotency_key: "cart" };
    const { session } = await begin(service, token, key);
    await owner.rows(
      "alter table billing.checkout_sessions disable trigger checkout_sessions_guard",
    );
    await owner.rows(
      `update billing.checkout_sessions set created_at = now() - interval '25 hours',
         expires_at = now() - interval '24 hours' where id = $1`,
      [session.id],
    );
    await owner.rows(
      "alter table billing.checkout_sessions enable trigger checkout_sessions_guard",
    );
    await bringTo(session.id, status);
    const again = await begin(service, token, key);
    expect(again.outcome).toBe(outcome);
    expect(again.session.id === session.id).toBe(outcome === "existing");
  });

  it("keeps one customer's key from reaching another customer's session", async () => {
    const [mine, theirs] = await Promise.all([
      newToken(service, keyDigest),
      newToken(second, keyDigest),
    ]);
    const first = await begin(service, mine, { p_idempotency_key: "k3" });
    const other = await begin(service, theirs, { p_idempotency_key: "k3" });
    expect(other.outcome).toBe("created");
    expect(other.session.id).not.toBe(first.session.id);
  });

  it.each([
    ["a free price", "0b500000-0000-4000-8000-0000000000b1", "free", "none", 0, 0],
    ["a price with a trial", "0b500000-0000-4000-8000-0000000000b6", "trial", "setup", 0, 14],
    ["any other", YEARLY, "standard", "payment", 29_000, 0],
  ])(
    "asks for what the price is: %s",
    async (_name, price, checkoutMode, intentKind, totalAmount, trialDays) => {
      const token = await newToken(service, keyDigest);
      const { outcome, session } = await begin(service, token, { p_price_id: price });
      expect(outcome).toBe("created");
      expect(session).toMatchObject({ checkoutMode, intentKind, totalAmount, trialDays });
    },
  );

  it("refuses a second subscription to a product that the customer has", async () => {
    const user = randomUUID();
    const session = await openSession(service, keyDigest, user);
    await record(service, session, "succeeded");
    await complete(service, session);
    const again = await begin(service, await newToken(service, keyDigest, user), {
      p_price_id: YEARLY,
    });
    expect(again.outcome).toBe("already_subscribed");
  });

  it.each([
    ["a price that does not exist", { p_price_id: randomUUID() }, "price_not_found"],
    ["a token that does not exist", { p_token_id: randomUUID() }, "unauthorized"],
    ["a token of the other mode", { p_livemode: true }, "unauthorized"],
  ])("refuses %s", async (_name, changes, outcome) => {
    const token = await newToken(service, keyDigest);
    expect((await begin(service, token, changes)).outcome).toBe(outcome);
  });

  it.each([
    [
      "an archived price",
      "update billing.product_prices set active = false where id = $1",
      "price_unavailable",
    ],
    [
      "a price without a Stripe price",
      "update billing.product_prices set stripe_price_id = null where id = $1",
      "price_unavailable",
    ],
  ])("refuses %s", async (_name, tamper, outcome) => {
    const token = await newToken(service, keyDigest);
    expect(await outcomeInRollback(tamper, ["0b500000-0000-4000-8000-0000000000b2"], token)).toBe(
      outcome,
    );
  });

  it.each([
    ["an archived product", "update billing.products set active = false where id = $1", [
      PRO_PRODUCT,
    ], "price_unavailable"],
    [
      "a revoked token",
      "update billing.session_tokens set revoked_at = now() where $1 <> ''",
      ["x"],
      "unauthorized",
    ],
    [
      "an expired token",
      "update billing.session_tokens set created_at = now() - interval '2 h', expires_at = now() - interval '1 s' where $1 <> ''",
      ["x"],
      "unauthorized",
    ],
    [
      "a token without the operation",
      "update billing.session_tokens set allowed_operations = '{entitlements}' where $1 <> ''",
      ["x"],
      "forbidden",
    ],
  ])("refuses %s", async (_name, tamper, values, outcome) => {
    const token = await newToken(service, keyDigest);
    expect(await outcomeInRollback(tamper, values, token)).toBe(outcome);
  });

  it("does not reach another organization's price", async () => {
    const other = await owner.row<{ id: string }>(
      "insert into billing.organizations (name) values ('Other') returning id",
    );
    const digest = randomUUID();
    await owner.rows(
      "insert into billing.api_keys (organization_id, prefix, digest) values ($1, 'sk_test_wxyz', $2)",
      [other.id, digest],
    );
    expect((await begin(service, await newToken(service, digest))).outcome).toBe("price_not_found");
  });

  it.each([
    [999, 1, 0],
    [999, 5000, 500],
    [2900, 250, 73],
    [51, 5000, 26],
    [4300, 290, 125],
  ])("takes of %i at %i basis points a fee of %i, halves rounded up", async (amount, bps, fee) => {
    await owner.rows("begin");
    await owner.rows(
      "update billing.organizations set stripe_account_id = 'acct_1', application_fee_bps = $1",
      [bps],
    );
    await owner.rows("update billing.product_prices set unit_amount = $1", [amount]);
    await owner.rows("update billing.product_prices set trial_days = 0");
    const begun = await begin(owner, await newToken(owner, keyDigest));
    await owner.rows("rollback");
    expect(begun.session).toMatchObject({ applicationFeeAmount: fee, stripeAccountId: "acct_1" });
  });
});

describe("attach_payment_intent", () => {
  it("keeps the first of two intents that race for a session", async () => {
    const token = await newToken(service, keyDigest);
    const { session } = await begin(service, token);
    const attach = (connection: typeof service, intent: string) =>
      connection.call("attach_payment_intent", {
        p_session_id: session.id,
        p_stripe_payment_intent_id: intent,
        p_client_secret_digest: intent,
        p_status: "requires_payment_method",
      });
    await service.rows("begin");
    await attach(service, `pi_a${session.id}`);
    const racing = attach(second, `pi_b${session.id}`);
    await untilBlocked(owner, "attach_payment_intent");
    await service.rows("commit");
    expect(await racing).toEqual({
      outcome: "superseded",
      stripePaymentIntentId: `pi_a${session.id}`,
    });
  });
});
