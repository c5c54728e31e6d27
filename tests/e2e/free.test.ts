import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { openShop, refusal, type Shop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

let shop: Shop;
let priceId: string;
beforeAll(async () => {
  shop = await openShop(stack());
  ({ priceId } = await shop.sell("Starter", { amount: 0 }));
});
afterAll(() => shop.close());

async function open(user: string = randomUUID()) {
  const token = await shop.token(user);
  const session = await shop.client.create(token, { priceId });
  return { token, session, user };
}
const subscriptions = (user: string) =>
  shop.query<{ id: string; status: string }>(
    `select sub.id, sub.status from billing.subscriptions sub
     join billing.customers c on c.id = sub.customer_id where c.external_id = $1`,
    [user],
  );
const cancel = async ({ id }: CreateResponse) => {
  const { subscription } = await shop.client.status(id);
  await shop.query("select billing.cancel_free_subscription($1)", [subscription?.id]);
};

describe("a free session", () => {
  it("has no client secret, and Stripe hears nothing of it", async () => {
    await shop.idle();
    await shop.admin("DELETE", "/exchanges");
    const { token, session } = await open();
    expect(session).toMatchObject({
      checkoutMode: "free",
      clientSecret: "",
      paymentIntentId: null,
      amount: 0,
      totalAmount: 0,
    });
    expect(await shop.client.confirmFree(token, session.id)).toMatchObject({
      success: true,
      status: "active",
    });
    expect(await shop.admin("GET", "/exchanges")).toEqual([]);
  });

  it("is active with its features at once", async () => {
    const { token, session } = await open();
    const { subscriptionId } = await shop.client.confirmFree(token, session.id);
    const snapshot = await shop.status(session);
    expect(snapshot).toMatchObject({
      status: "succeeded",
      subscription: { id: subscriptionId, status: "active", cancelAtPeriodEnd: false },
      features: ["starter-1", "starter-2"],
    });
  });

  it("changes nothing when it is confirmed twice, or twice at once", async () => {
    const { token, session, user } = await open();
    const answers = await Promise.all(
      [1, 2, 3].map(() => shop.client.confirmFree(token, session.id)),
    );
    const before = await shop.status(session);
    answers.push(await shop.client.confirmFree(token, session.id));
    expect(new Set(answers.map(({ subscriptionId }) => subscriptionId)).size).toBe(1);
    expect(await subscriptions(user)).toHaveLength(1);
    expect(await shop.status(session)).toEqual(before);
  });

  it("is one subscription, whichever of two sessions of one customer is confirmed first", async () => {
    const { token, session, user } = await open();
    const other = await shop.client.create(await shop.token(user), { priceId }, "another");
    const ends = await Promise.allSettled([
      shop.client.confirmFree(token, session.id),
      shop.client.confirmFree(token, other.id),
    ]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await subscriptions(user)).toHaveLength(1);
  });

  it("is reactivated, not doubled, after it was canceled", async () => {
    const { token, session, user } = await open();
    await shop.client.confirmFree(token, session.id);
    const [before] = await subscriptions(user);
    await cancel(session);
    expect(await shop.status(session)).toMatchObject({
      subscription: { status: "canceled" },
      features: [],
    });
    const again = await shop.client.create(token, { priceId });
    expect(again.id).not.toBe(session.id);
    await shop.client.confirmFree(token, again.id);
    expect(await subscriptions(user)).toEqual([{ id: before?.id, status: "active" }]);
    expect((await shop.status(again)).features).toEqual(["starter-1", "starter-2"]);
    // The first session shows the same subscription: it is live again there too.
    expect(await shop.status(session)).toMatchObject({ subscription: { status: "active" } });
  });

  it("is refused while the customer has it", async () => {
    const { token, session } = await open();
    await shop.client.confirmFree(token, session.id);
    expect(await refusal(shop.client.create(token, { priceId })))
      .toMatchObject({ status: 409, code: "already_subscribed" });
  });

  it("ends where another gave the customer the product, and says so however often it is asked", async () => {
    const user = randomUUID();
    const [one, other] = [await open(user), await open(user)];
    await shop.client.confirmFree(one.token, one.session.id);
    for (let n = 0; n < 2; n += 1) {
      expect(await refusal(shop.client.confirmFree(other.token, other.session.id)))
        .toMatchObject({ status: 409, code: "already_subscribed" });
      expect(await shop.status(other.session)).toMatchObject({
        status: "failed",
        error: { code: "already_subscribed" },
      });
    }
  });

  it("begins its next period when one is over", async () => {
    const { token, session } = await open();
    await shop.client.confirmFree(token, session.id);
    await shop.query(
      `update billing.subscriptions set started_at = started_at - interval '75 days',
         current_period_end = current_period_end - interval '75 days'
       where checkout_session_id = $1`,
      [session.id],
    );
    const before = await shop.status(session);
    await shop.query("select billing.renew_free_subscriptions(1000)");
    const after = await shop.status(session);
    expect(after.version).toBe(before.version + 1);
    const { currentPeriodStart = "", currentPeriodEnd = "" } = after.subscription ?? {};
    expect(Date.parse(currentPeriodStart)).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(currentPeriodEnd)).toBeGreaterThan(Date.now());
    await shop.query("select billing.renew_free_subscriptions(1000)");
    expect(await shop.status(session)).toEqual(after);
  });

  it("expires like any other", async () => {
    const { token, session } = await open();
    await shop.query(
      "update billing.checkout_sessions set expires_at = now() - interval '1 second' where id = $1",
      [session.id],
    );
    expect(await refusal(shop.client.confirmFree(token, session.id)))
      .toMatchObject({ status: 410, code: "session_expired" });
    expect(await shop.status(session)).toMatchObject({ status: "expired" });
  });
});

describe("a free session is confirmed by its owner alone", () => {
  it.each<[string, (session: CreateResponse) => Promise<unknown>, number, string]>([
    [
      "no token",
      (session) => shop.client.confirmFree("", session.id),
      401,
      "session_token_invalid",
    ],
    [
      "another customer's token",
      async (session) => shop.client.confirmFree(await shop.token(), session.id),
      404,
      "session_not_found",
    ],
    [
      "an id that nobody has",
      async () => shop.client.confirmFree(await shop.token(), randomUUID()),
      404,
      "session_not_found",
    ],
  ])("%s", async (_what, attempt, status, code) => {
    const { session } = await open();
    expect(await refusal(attempt(session))).toMatchObject({ status, code });
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
  });

  it("and nobody gets what costs money that way", async () => {
    const token = await shop.token();
    const paid = await shop.client.create(token, { priceId: shop.pro.priceId });
    expect(await refusal(shop.client.confirmFree(token, paid.id)))
      .toMatchObject({ status: 400, code: "not_free" });
    expect(await shop.status(paid)).toMatchObject({ status: "pending" });
  });

  it("also by the SDK's path", async () => {
    const { token, session } = await open();
    const response = await fetch(
      `${stack().functionsUrl}/checkout/${session.id}/confirm-free`,
      { method: "POST", headers: { authorization: `Bearer ${token}` } },
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ success: true, status: "active" });
  });
});
