import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { errorResponse } from "../../shared/contract/error.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
const connected = await openShop(stack(), { applicationFeeBps: 100 });
const free = await shop.sell("Starter", { amount: 0 });
afterAll(() => Promise.all([shop.close(), connected.close()]));
const { functionsUrl } = stack();

async function call(method: string, path: string, token: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${functionsUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  return [response.status, errorResponse.parse(answer).error.code];
}
const list = async (token: string, preview?: "next_invoice") =>
  (await shop.client.subscriptions(token, preview)).subscriptions;
const ending = async (what: "cancel" | "resume", token: string, subscriptionId: string) =>
  (await shop.client[`${what}Subscription`](token, subscriptionId)).subscription;
const portalOf = async (token: string, returnUrl?: string) =>
  (await shop.client.portal(token, returnUrl)).url;

/** A customer with the product Pro; what the account page shows of it. */
async function subscribed(at = shop) {
  const user = randomUUID();
  await at.pay(await at.create({ user }));
  await at.idle();
  const token = await at.token(user);
  const [shown] = await list(token);
  if (shown === undefined) throw new Error("there is no subscription");
  const { id: stripeId } = await at.one<{ id: string }>(
    "select stripe_subscription_id as id from billing.subscriptions where id = $1",
    [shown.id],
  );
  const seen = () => at.stripe.subscriptions.retrieve(stripeId, {}, at.onAccount);
  return { user, token, shown, stripeId, seen };
}

async function onFreePlan() {
  const user = randomUUID();
  const token = await shop.token(user);
  const { id } = await shop.create({ user, priceId: free.priceId });
  await shop.client.confirmFree(token, id);
  const [shown] = await list(token);
  if (shown === undefined) throw new Error("there is no subscription");
  return { user, token, shown };
}
const row = (id: string) => shop.one("select * from billing.subscriptions where id = $1", [id]);

describe("an account page", () => {
  it("shows what its customer has, and what is billed next where that is asked", async () => {
    const { token, shown } = await subscribed();
    expect(shown).toMatchObject({
      status: "active",
      productId: shop.pro.productId,
      priceId: shop.pro.priceId,
      price: { amount: 2900, currency: "usd", interval: "month", intervalCount: 1 },
      quantity: 1,
      cancelAtPeriodEnd: false,
    });
    expect(shown).not.toHaveProperty("nextInvoice");
    const [previewed] = await list(token, "next_invoice");
    expect(previewed).toEqual({
      ...shown,
      nextInvoice: { amountDue: 2900, currency: "usd", at: shown.currentPeriodEnd },
    });
  });

  it("shows no next invoice of a subscription that ends before it, nor of a free one", async () => {
    const paid = await subscribed();
    await ending("cancel", paid.token, paid.shown.id);
    const unpaid = await onFreePlan();
    for (const { token } of [paid, unpaid]) {
      const [shown] = await list(token, "next_invoice");
      expect(shown?.nextInvoice).toBeNull();
    }
  });

  it("shows nothing of a customer who has nothing", async () => {
    expect(await list(await shop.token())).toEqual([]);
  });
});

describe.each([["the platform's account", shop], ["a connected account", connected]])(
  "on %s",
  (_where, at) => {
    it("a customer's cancellation ends the subscription with its period at Stripe, and is taken back", async () => {
      const { token, shown, seen } = await subscribed(at);
      const canceled = await ending("cancel", token, shown.id);
      expect(canceled).toEqual({
        ...shown,
        cancelAtPeriodEnd: true,
        cancelAt: shown.currentPeriodEnd,
      });
      expect(await list(token)).toEqual([canceled]);
      expect((await seen()).cancel_at_period_end).toBe(true);
      expect(await ending("cancel", token, shown.id)).toEqual(canceled);
      expect(await ending("resume", token, shown.id)).toEqual(shown);
      expect(await seen()).toMatchObject({ cancel_at_period_end: false, cancel_at: null });
      // As often as the customer likes: a key of the first time would replay its answer and change nothing.
      await ending("cancel", token, shown.id);
      expect((await seen()).cancel_at_period_end).toBe(true);
    });

    it("the portal opens for the customer, and what is done there comes back by itself", async () => {
      const { token, shown, stripeId } = await subscribed(at);
      const url = await portalOf(token);
      const submit = async (action: string) => {
        const body = new URLSearchParams({ action, subscription: stripeId });
        expect((await fetch(url, { method: "POST", body })).status).toBe(200);
        await at.idle();
      };
      await submit("cancel");
      expect(await list(token)).toMatchObject([{
        cancelAtPeriodEnd: true,
        cancelAt: shown.currentPeriodEnd,
      }]);
      // A date that the portal set, taken back here.
      expect(await ending("resume", token, shown.id)).toEqual(shown);
      await submit("cancel");
      await submit("renew");
      expect(await list(token)).toEqual([shown]);
    });
  },
);

describe("the portal", () => {
  it("is as the merchant saved it in the dashboard, and ours only where nothing was saved", async () => {
    const at = connected;
    const { token } = await subscribed(at);
    await portalOf(token);
    await portalOf(token);
    const all = await at.stripe.billingPortal.configurations.list({}, at.onAccount);
    expect(all.data).toHaveLength(1);
    const id = at.account ?? "";
    await at.admin("POST", `/accounts/${id}/save-portal`);
    const url = await portalOf(token);
    expect(await (await fetch(url)).text()).toContain("Customer portal");
    const after = await at.stripe.billingPortal.configurations.list({}, at.onAccount);
    expect(after.data.map((one) => one.is_default)).toEqual([true, false]);
  });

  it("leads back to a page of an origin that may call", async () => {
    const { token } = await subscribed();
    const back = "https://shop.example.com/account";
    expect(await (await fetch(await portalOf(token, back))).text()).toContain(back);
  });

  it.each([
    ["a backslash for a slash", String.raw`https:\\shop.example.com\account`],
    ["a port that goes without saying", "https://shop.example.com:443/account"],
    ["capitals", "HTTPS://SHOP.EXAMPLE.COM/account"],
    ["steps up", "https://shop.example.com/elsewhere/../account"],
  ])(
    "leads back by the address that was read, not by the text that was sent: %s",
    async (_what, back) => {
      const { token } = await subscribed();
      const shown = await (await fetch(await portalOf(token, back))).text();
      expect(shown).toContain('"https://shop.example.com/account"');
      expect(shown).not.toContain(back);
    },
  );

  it.each([
    ["a script", "javascript:alert(1)"],
    ["plain http", "http://shop.example.com/"],
    ["no address", "account"],
    ["a number", 1],
  ])("takes no return URL that is none: %s", async (_what, returnUrl) => {
    const answer = await call("POST", "/portal", await shop.token(), { returnUrl });
    expect(answer).toEqual([400, "invalid_request"]);
  });

  it("opens for nobody whom Stripe does not know", async () => {
    expect(await call("POST", "/portal", await shop.token(), {}))
      .toEqual([404, "customer_not_found"]);
    const { token, seen } = await subscribed();
    const { customer } = await seen();
    await shop.stripe.customers.del(typeof customer === "string" ? customer : customer.id);
    expect(await call("POST", "/portal", token, {})).toEqual([404, "customer_not_found"]);
  });
});

describe("a free subscription", () => {
  it("ends with its period, unless that is taken back before", async () => {
    const { token, shown } = await onFreePlan();
    const canceled = await ending("cancel", token, shown.id);
    expect(canceled).toEqual({
      ...shown,
      cancelAtPeriodEnd: true,
      cancelAt: shown.currentPeriodEnd,
    });
    expect(await ending("cancel", token, shown.id)).toEqual(canceled);
    expect(await ending("resume", token, shown.id)).toEqual(shown);
    await ending("cancel", token, shown.id);
    await shop.query(
      `update billing.subscriptions set current_period_end = now() - interval '1 second',
         cancel_at = now() - interval '1 second' where id = $1`,
      [shown.id],
    );
    const resume = () => call("POST", "/subscription/resume", token, { subscriptionId: shown.id });
    expect(await resume()).toEqual([409, "subscription_ended"]);
    await shop.query("select billing.renew_free_subscriptions(1000)");
    expect(await row(shown.id)).toMatchObject({ status: "canceled" });
    expect(await list(token)).toEqual([]);
    expect((await shop.client.entitlements(token)).entitlements).toEqual([]);
    expect(await resume()).toEqual([409, "subscription_ended"]);
    expect(await ending("cancel", token, shown.id)).toMatchObject({ status: "canceled" });
  });
});

describe.each(["cancel", "resume"] as const)("%s", (what) => {
  const path = `/subscription/${what}`;

  it.each<[string, (theirs: string) => unknown, number, string]>([
    [
      "another customer's subscription",
      (theirs) => ({ subscriptionId: theirs }),
      404,
      "subscription_not_found",
    ],
    [
      "one that nobody has",
      () => ({ subscriptionId: randomUUID() }),
      404,
      "subscription_not_found",
    ],
    ["an id of Stripe's", () => ({ subscriptionId: "sub_1" }), 400, "invalid_request"],
    ["a list of ids", (theirs) => ({ subscriptionId: [theirs] }), 400, "invalid_request"],
    ["nothing", () => ({}), 400, "invalid_request"],
  ])("does nothing to %s", async (_what, body, status, code) => {
    const { shown } = await onFreePlan();
    const before = await row(shown.id);
    expect(await call("POST", path, await shop.token(), body(shown.id))).toEqual([status, code]);
    expect(await row(shown.id)).toEqual(before);
  });

  it("is refused to a token that does not allow it", async () => {
    const { user, shown } = await onFreePlan();
    const token = await shop.token(user, 3600, ["checkout", "entitlements", "portal"]);
    const answer = await call("POST", path, token, { subscriptionId: shown.id });
    expect(answer).toEqual([403, "operation_not_allowed"]);
  });

  it("leaves a subscription alone whose end somebody else has fixed", async () => {
    const { token, shown, stripeId, seen } = await subscribed();
    const ask = () => call("POST", path, token, { subscriptionId: shown.id });
    const term = (await seen()).items.data[0]?.current_period_end ?? 0;
    await shop.stripe.subscriptions.update(stripeId, { cancel_at: term + 86_400 });
    expect(await ask()).toEqual([409, "change_unavailable"]);
    await shop.stripe.subscriptions.update(stripeId, { cancel_at: "" });
    await shop.admin("POST", `/subscriptions/${stripeId}/schedule`);
    expect(await ask()).toEqual([409, "change_unavailable"]);
    expect((await seen()).cancel_at).toBeNull();
  });
});

describe("a subscription that has ended at Stripe", () => {
  it("is told as it is, and does not go on", async () => {
    const { token, shown, stripeId } = await subscribed();
    await shop.stripe.subscriptions.cancel(stripeId);
    expect(await ending("cancel", token, shown.id)).toMatchObject({ status: "canceled" });
    expect(await call("POST", "/subscription/resume", token, { subscriptionId: shown.id }))
      .toEqual([409, "subscription_ended"]);
  });
});

describe("a cancellation that Stripe has carried out and our call did not live to write down", () => {
  it("is written down by the webhook, and asked again changes nothing more", async () => {
    const { token, shown, stripeId } = await subscribed();
    // What a call leaves that ends between the two.
    await shop.stripe.subscriptions.update(stripeId, { cancel_at_period_end: true });
    await shop.idle();
    expect(await list(token)).toMatchObject([{ cancelAtPeriodEnd: true }]);
    expect(await ending("cancel", token, shown.id)).toMatchObject({ cancelAtPeriodEnd: true });
  });
});

describe("what asks Stripe", () => {
  it("is limited for each customer", async () => {
    const { user, token } = await onFreePlan();
    const limited = async (name: string, ask: () => Promise<unknown>) => {
      await shop.query(
        `update billing.rate_counters set count = 1000000 where name = $1 and subject =
           billing_private.customer_subject($2, $3)`,
        [name, shop.organizationId, user],
      );
      expect(await ask()).toEqual([429, "rate_limited"]);
    };
    await list(token, "next_invoice");
    await limited(
      "subscription_per_customer",
      () => call("GET", "/subscription?preview=next_invoice", token),
    );
    expect(await list(token)).toHaveLength(1);
    await call("POST", "/portal", token, {});
    await limited("portal_per_customer", () => call("POST", "/portal", token, {}));
  });
});
