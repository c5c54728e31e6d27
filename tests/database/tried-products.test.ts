import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type Begun,
  changesOf,
  type Customer,
  SCALE,
  SEATS,
  subscriptionRow,
  synced,
} from "./changing.ts";
import type { Planned } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  complete,
  MONTHLY,
  newToken,
  nowSeconds,
  openSession,
  ORGANIZATION,
  record,
  subscriptionFacts,
  YEARLY,
} from "./support.ts";

// Law 10 says how a trial begins; these, to whom one is due: once for a customer and a product, however the product was come by.

const { first, owner, keyDigest } = await openRaces();
const { openDowngrade, subscribed } = changesOf(first, keyDigest);
await owner.rows("update billing.product_prices set trial_days = 14 where id = any ($1)", [
  [YEARLY, SEATS],
]);

const priceOf = (id: string) => `price_${id.replaceAll("-", "")}`;

/** What a checkout of the product would begin with. */
async function offered(user: string, price: string, email?: string) {
  const { session } = await first.call<Begun & { session: { trialDays: number } }>(
    "begin_checkout",
    beginArguments(await newToken(first, keyDigest, user), {
      p_price_id: price,
      ...(email === undefined ? {} : { p_customer_email: email }),
    }),
  );
  return session.trialDays;
}

/** Moves a subscription to another price, with nothing due. */
async function changed(customer: Customer, price: string, facts: object = {}): Promise<void> {
  const change = await openDowngrade(customer, price);
  const { plan } = await first.call<{ plan: { revision: number } }>(
    "complete_free_checkout",
    change,
  );
  const end = await complete(first, { sessionId: change.p_session_id, intentId: "" }, {
    ...customer.facts,
    ...facts,
    stripePriceId: priceOf(price),
    seenRevision: plan.revision,
  });
  expect(end.outcome).toBe("succeeded");
}

describe("a product that a customer has had is not tried", () => {
  it("after a change has moved the subscription away from it", async () => {
    const customer = await subscribed();
    await changed(customer, SCALE);
    expect(await offered(customer.user, YEARLY)).toBe(0);
  });

  it("after two changes have brought it and moved the subscription on", async () => {
    const customer = await subscribed();
    await changed(customer, SEATS);
    await changed(customer, SCALE);
    expect(await offered(customer.user, SEATS)).toBe(0);
  });

  it("after the subscription was moved away from it at Stripe", async () => {
    const customer = await subscribed();
    const { revision } = await subscriptionRow(first, customer);
    await synced(customer, revision, { stripePriceId: priceOf(SCALE) })(first);
    expect(await subscriptionRow(first, customer)).toMatchObject({ price_id: SCALE });
    expect(await offered(customer.user, YEARLY)).toBe(0);
  });

  it("after a change of a subscription that was moved in, of which no checkout tells", async () => {
    const user = randomUUID();
    const { customerId } = await owner.call<{ customerId: string }>(
      "billing_private.import_customer",
      {
        p_organization_id: ORGANIZATION,
        p_customer: { externalId: user, stripeCustomerId: `cus_${user}` },
      },
    );
    const facts = subscriptionFacts({ stripePriceId: priceOf(MONTHLY) });
    await owner.call("billing_private.import_subscription", {
      p_customer_id: customerId,
      p_subscription: facts,
    });
    const { id } = await owner.row<{ id: string }>(
      "select id from billing.subscriptions where customer_id = $1",
      [customerId],
    );
    const session = { sessionId: "", intentId: "" };
    await changed({ user, session, facts, subscriptionId: id }, SCALE);
    expect(await offered(user, YEARLY)).toBe(0);
  });

  it("while other products are", async () => {
    const customer = await subscribed();
    await changed(customer, SCALE);
    expect(await offered(customer.user, SEATS)).toBe(14);
  });
});

const TRIALING = { status: "trialing", trialEnd: nowSeconds() + 14 * 86_400 };

/** A card is set up for a trial of the product. */
async function cardSetUp(user: string, price: string, fingerprint: string, email?: string) {
  const session = await openSession(first, keyDigest, user, {
    p_price_id: price,
    p_customer_email: email,
  });
  const planned = await record<Planned>(first, session, "succeeded", {
    p_intent: { id: session.intentId, status: "succeeded", paymentMethodId: "pm_1", fingerprint },
  });
  return { session, planned };
}

/** Who tries Scale, with a card and an address. */
async function trying(fingerprint: string, email: string): Promise<Customer> {
  const user = randomUUID();
  const { session } = await cardSetUp(user, SCALE, fingerprint, email);
  const facts = subscriptionFacts(TRIALING);
  await complete(first, session, facts);
  const { id } = await owner.row<{ id: string }>(
    "select id from billing.subscriptions where checkout_session_id = $1",
    [session.sessionId],
  );
  return { user, session, facts, subscriptionId: id };
}

describe("a product that a change brought to a subscription in its trial is tried by that", () => {
  it.each([["and still is", [SEATS]], ["and is no more", [SEATS, SCALE]]])(
    "%s: neither the same card nor the same address under another id tries it again",
    async (_, prices) => {
      const [card, email] = [randomUUID(), `${randomUUID()}@example.com`];
      const customer = await trying(card, email);
      for (const price of prices) await changed(customer, price, TRIALING);
      expect(await offered(randomUUID(), SEATS, email.toUpperCase())).toBe(0);
      const { planned } = await cardSetUp(randomUUID(), SEATS, card);
      expect(planned).toMatchObject({ outcome: "refund", plan: { refundReason: "trial_used" } });
    },
  );

  it("also where another has tried it with the same card before", async () => {
    const card = randomUUID();
    await cardSetUp(randomUUID(), SEATS, card);
    const customer = await trying(card, `${card}@example.com`);
    await changed(customer, SEATS, TRIALING);
    await changed(customer, SCALE, TRIALING);
    expect(await offered(customer.user, SEATS)).toBe(0);
  });

  it("and not where the trial was over", async () => {
    const card = randomUUID();
    const customer = await trying(card, `${card}@example.com`);
    await changed(customer, SEATS, { status: "active" });
    const { planned } = await cardSetUp(randomUUID(), SEATS, card);
    expect(planned).toMatchObject({ outcome: "fulfill" });
  });
});
