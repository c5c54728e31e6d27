import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { openShop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { openOldSystem, secretOf } from "./old-system.ts";

// What the old rows do not say in one way only, or Stripe says otherwise, stays behind with its reason and stops nobody else.

const shop = await openShop(stack());
afterAll(() => shop.close());
const old = await openOldSystem(stack(), shop);
const pro = await old.stripePriceOf(shop.pro.priceId);

beforeEach(async () => {
  await old.empty();
});

describe("a customer", () => {
  it.each<[string, string, () => Promise<unknown>]>([
    [
      "whom Stripe does not know under this key",
      "not_at_stripe",
      () => old.customer({ stripe_customer_id: `cus_${randomUUID().slice(0, 8)}` }),
    ],
    ["who was deleted at Stripe", "deleted_at_stripe", async () => {
      const { stripeId } = await old.customer();
      await shop.stripe.customers.del(stripeId);
    }],
    ["who is another customer here", "stripe_customer_taken", async () => {
      const { stripeId, user } = await old.customer();
      await shop.query(
        `insert into billing.customers (organization_id, external_id, stripe_customer_id) values ($1, $2, $3)`,
        [shop.organizationId, `not ${user}`, stripeId],
      );
    }],
    ["who is known here under another id at Stripe", "other_stripe_customer", async () => {
      const { user } = await old.customer();
      await shop.query(
        `insert into billing.customers (organization_id, external_id, stripe_customer_id) values ($1, $2, $3)`,
        [shop.organizationId, user, `cus_${randomUUID().slice(0, 8)}`],
      );
    }],
  ])("%s stays behind", async (_what, reason, arrange) => {
    await arrange();
    expect(await old.applied()).toMatchObject({
      code: 1,
      customers: { imported: 0, left: 1 },
      reasons: { [reason]: 1 },
    });
  });

  it.each<[string, () => Promise<unknown>, number]>([
    ["with the same e-mail address as another", async () => {
      const { email } = await old.customer();
      await old.customer({ email });
    }, 2],
    ["whose row is there twice", async () => {
      const { user, stripeId } = await old.customer();
      await old.customer({ external_id: user, stripe_customer_id: stripeId });
    }, 1],
    ["who was deleted and has nothing", () => old.customer({ deleted_at: new Date() }), 0],
    ["whom Stripe never knew", () => old.customer({ stripe_customer_id: null }), 1],
  ])("%s stops nothing", async (_what, arrange, count) => {
    await arrange();
    expect(await old.applied()).toMatchObject({ code: 0, customers: { imported: count, left: 0 } });
  });
});

describe("of checkouts there", () => {
  it("the open ones stay, and are told with the last instant at which one may be paid", async () => {
    const until = new Date(Date.now() + 3_600_000);
    await old.insert("checkout_sessions", { session_token: secretOf("tok"), expires_at: until });
    await old.insert("checkout_sessions", {
      session_token: secretOf("tok"),
      expires_at: new Date(0),
    });
    await old.insert("webhook_events", { event_id: secretOf("evt") });
    expect(await old.applied()).toMatchObject({
      code: 0,
      notImported: { openCheckouts: 1, openUntil: until.toISOString(), webhookEvents: 1 },
    });
  });

  it("a finished one without a subscription is told", async () => {
    const id = await old.insert("checkout_sessions", {
      session_token: secretOf("tok"),
      completed_at: new Date(),
    });
    const { code, left } = await old.applied();
    expect([code, left]).toEqual([
      1,
      [
        { kind: "checkout", id, stripeId: null, reason: "no_subscription" },
      ].map((one) => expect.objectContaining({ id: one.id, reason: one.reason }) as unknown),
    ]);
  });

  it("a finished one says whose a customer without an external id is", async () => {
    const customer = await old.customer({ external_id: null });
    const { id, stripeId } = await old.subscription(customer, pro);
    const user = `user-${randomUUID()}`;
    await old.insert("checkout_sessions", {
      session_token: secretOf("tok"),
      completed_at: new Date(),
      customer_external_id: user,
      subscription_id: id,
      payment_intent_id: await old.insert("payment_intents", {
        customer_id: customer.id,
        stripe_payment_intent_id: secretOf("pi"),
        client_secret: secretOf("secret"),
      }),
    });
    expect(await old.applied()).toMatchObject({ code: 0, subscriptions: { imported: 1 } });
    expect(
      await shop.one(
        `select c.external_id from billing.subscriptions sub join billing.customers c on c.id = sub.customer_id
         where sub.stripe_subscription_id = $1`,
        [stripeId],
      ),
    ).toEqual({ external_id: user });
  });
});
