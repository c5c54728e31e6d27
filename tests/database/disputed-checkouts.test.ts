import { beforeEach, describe, expect, it } from "vitest";
import { type Bought, DAY, disputeFacts, invoiceFacts, shown, write } from "./billing.ts";
import { changesOf, done, featuresOf, paid, SCALE } from "./changing.ts";
import { paidSession } from "./fulfilling.ts";
import { complete, nowSeconds, openDatabase, openShop, subscriptionFacts } from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { openChange, subscribed } = changesOf(service, keyDigest);
const ALL = ["api-access", "projects"];
let subscription: Bought;

/** Whose first invoice the checkout's payment has paid: Stripe dates that after the payment. */
beforeEach(async () => {
  const session = await paidSession(service, keyDigest);
  const facts = subscriptionFacts();
  const invoice = invoiceFacts({ session, facts }, {
    paymentIntentId: session.intentId,
    paidAt: nowSeconds() + 60,
  });
  await complete(service, session, { ...facts, invoice });
  subscription = { session, facts };
});

const lose = (paymentIntentId: unknown) =>
  write(service, "record_dispute", disputeFacts(paymentIntentId, { status: "lost" }));
const renew = (paidAt: number) =>
  write(service, "record_invoice", invoiceFacts(subscription, { paidAt }));
const features = async () => (await shown(service, subscription)).features;

describe("a lost dispute about the payment of a checkout", () => {
  it("takes the features although its invoice was paid later", async () => {
    expect(await features()).toEqual(ALL);
    await lose(subscription.session.intentId);
    expect(await features()).toEqual([]);
  });

  it("takes them until a later renewal is paid", async () => {
    await lose(subscription.session.intentId);
    await renew(nowSeconds() + 120);
    expect(await features()).toEqual(ALL);
  });

  it("takes nothing that a later renewal has paid for already", async () => {
    await renew(nowSeconds() + 120);
    await lose(subscription.session.intentId);
    expect(await features()).toEqual(ALL);
  });

  it("is about one payment, also where its invoice is written anew", async () => {
    const { session, facts } = subscription;
    const [row] = await service.rows<{ id: string }>(
      "select stripe_invoice_id as id from billing.invoices where stripe_payment_intent_id = $1",
      [session.intentId],
    );
    await lose(session.intentId);
    const again = invoiceFacts({ session, facts }, {
      id: row?.id,
      paymentIntentId: session.intentId,
      paidAt: nowSeconds() + 600,
    });
    expect(await write(service, "record_invoice", again)).toEqual({ outcome: "recorded" });
    expect(await features()).toEqual([]);
    const payments = await owner.rows(
      `select paid.* from billing.subscriptions sub cross join lateral billing_private.payments_of(sub) paid
       where sub.stripe_subscription_id = $1`,
      [facts["id"]],
    );
    expect(payments).toHaveLength(1);
  });

  it("of a change takes the features although the change's invoice was paid later", async () => {
    const customer = await subscribed();
    const change = await openChange(customer, SCALE);
    const { plan } = await paid(change, { succeededAt: nowSeconds() + 60 })(service);
    const invoice = invoiceFacts(customer, {
      paymentIntentId: change.intentId,
      paidAt: nowSeconds() + 120,
    });
    await done(change.sessionId, customer, plan.change.revision, { invoice })(service);
    await lose(customer.session.intentId);
    expect(await featuresOf(owner, customer)).toEqual(["api-access", "audit-log", "projects"]);
    await lose(change.intentId);
    expect(await featuresOf(owner, customer)).toEqual([]);
  });
});

describe("a renewal that is written with its subscription", () => {
  const periodEnd = nowSeconds() + 60 * DAY;
  const renewed = async (behind: number) => {
    const { facts } = subscription;
    const { revision } = await service.call<{ revision: number }>("locate_subscription", {
      p_stripe_subscription_id: facts["id"],
    });
    return service.call("record_invoice", {
      p_seen_revision: 0,
      p_invoice: invoiceFacts(subscription, { paidAt: nowSeconds() + 120 }),
      p_subscription: { ...facts, currentPeriodEnd: periodEnd },
      p_seen_subscription_revision: revision - behind,
    });
  };

  it("gives back the features and begins the period in one version", async () => {
    await lose(subscription.session.intentId);
    const { version } = await shown(service, subscription);
    expect(await renewed(0)).toEqual({ outcome: "recorded", changed: true });
    expect(await shown(service, subscription)).toMatchObject({
      version: version + 1,
      features: ALL,
      subscription: { currentPeriodEnd: new Date(periodEnd * 1000).toISOString() },
    });
  });

  it("is paid all the same where the subscription has to be read again", async () => {
    await lose(subscription.session.intentId);
    expect(await renewed(1)).toEqual({ outcome: "stale" });
    expect(await features()).toEqual(ALL);
  });
});

describe("a renewal", () => {
  it("is a payment of its own, whose lost dispute takes the features", async () => {
    const renewal = invoiceFacts(subscription, { paidAt: nowSeconds() + 120 });
    await write(service, "record_invoice", renewal);
    await lose(renewal["paymentIntentId"]);
    expect(await features()).toEqual([]);
  });
});
