import { beforeEach, describe, expect, it } from "vitest";
import { plan, type Planned, refuse } from "./fulfilling.ts";
import {
  complete,
  MONTHLY,
  nowSeconds,
  openDatabase,
  type OpenSession,
  openSession,
  openShop,
  subscriptionFacts,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const STRIPE_PRICE = `price_${MONTHLY.replaceAll("-", "")}`;
let session: OpenSession;

beforeEach(async () => {
  session = await openSession(service, keyDigest);
});

interface Expected {
  readonly stripeSubscriptionId: string | null;
  readonly stripeCustomerId: string | null;
  readonly stripePriceId: string | null;
  readonly payableSince: number | null;
  readonly decidedAt: number | null;
}
const expected = async () =>
  (await service.call<{ expected: Expected }>("locate_checkout", {
    p_session_id: session.sessionId,
  })).expected;
const keepCustomer = ({ plan: { customer } }: Planned, id: string, account?: string) =>
  service.call<string>("record_stripe_customer", {
    p_customer_id: customer.id,
    p_stripe_customer_id: id,
    ...(account === undefined ? {} : { p_stripe_account_id: account }),
  });

describe("the subscription that a session expects", () => {
  it("is known by its price alone while nothing is paid", async () => {
    expect(await expected()).toEqual({
      stripeSubscriptionId: null,
      stripeCustomerId: null,
      stripePriceId: STRIPE_PRICE,
      payableSince: null,
      decidedAt: null,
    });
  });

  it("is not older than its intent where Stripe does not say when that was paid, however late it is seen", async () => {
    await owner.rows(
      "update billing.payment_intents set created_at = now() - interval '2 days' where stripe_payment_intent_id = $1",
      [session.intentId],
    );
    await plan(session)(service);
    const { payableSince } = await expected();
    expect(Math.abs(nowSeconds() - 2 * 86_400 - (payableSince ?? 0))).toBeLessThan(10);
  });

  it("is of the session's customer, and later than the payment", async () => {
    const payableSince = nowSeconds() - 100;
    const customer = `cus_${session.intentId}`;
    await keepCustomer(await plan(session, { succeededAt: payableSince })(service), customer);
    expect(await expected()).toMatchObject({
      stripeCustomerId: customer,
      payableSince,
      decidedAt: null,
    });
  });

  it("is not of a customer on another account", async () => {
    await keepCustomer(await plan(session)(service), `cus_${session.intentId}`, "acct_1");
    expect(await expected()).toMatchObject({ stripeCustomerId: null });
  });

  it("is the one that the session ended in, once it did", async () => {
    const facts = subscriptionFacts();
    await plan(session)(service);
    await complete(service, session, facts);
    const { stripeSubscriptionId, decidedAt } = await expected();
    expect(stripeSubscriptionId).toBe(facts["id"]);
    expect(decidedAt).toBeGreaterThan(nowSeconds() - 60);
  });

  it("is none made after its payment was given up", async () => {
    await plan(session)(service);
    await refuse(session)(service);
    await owner.rows(
      `update billing.payment_intents set refunding_since = refunding_since - interval '1 hour'
       where stripe_payment_intent_id = $1`,
      [session.intentId],
    );
    const { stripeSubscriptionId, decidedAt } = await expected();
    expect(stripeSubscriptionId).toBeNull();
    expect(decidedAt).toBeLessThan(nowSeconds() - 3_000);
  });
});
