import { afterEach, describe, expect, it } from "vitest";
import { openOwnShop, type Subscribed } from "../support/own-shop.ts";
import { stripesNow } from "../support/clock-stack.ts";
import { reconcileAt } from "../support/reconcile-at.ts";
import { eventually, refusal } from "../support/shop.ts";

// What no event tells: an endpoint that was disabled, or to which a type was never enabled. Stripe lists as undelivered what is
// pending at an endpoint or has failed there (`delivery_success`, https://docs.stripe.com/api/events/list), and that is neither.

const { stack, shop, later, subscribed, reconcile, invoices, failFromNowOn } = await openOwnShop();
const { stripe } = shop;
const ALL = ["pro-1", "pro-2"];

const endpoints = async (disabled: boolean) => {
  const { data } = await stripe.webhookEndpoints.list({ limit: 100 });
  for (const { id } of data) await stripe.webhookEndpoints.update(id, { disabled });
};
afterEach(() => endpoints(false));

/** Lets a subscription's turn come, and that of its account. */
async function turn({ stripeId }: Subscribed): Promise<void> {
  await shop.query("update billing.stripe_cursors set checked_at = '-infinity'");
  await shop.query(
    "update billing.subscriptions set reread_at = now() where stripe_subscription_id = $1",
    [stripeId],
  );
}

const row = ({ stripeId }: Subscribed) =>
  shop.one<{ status: string; due: boolean; revision: string }>(
    `select status, revision, reread_at is not null as due from billing.subscriptions
     where stripe_subscription_id = $1`,
    [stripeId],
  );

describe("a subscription about which no event comes", () => {
  it("is canceled here once its turn comes, and its features are gone", async () => {
    const bought = await subscribed();
    await endpoints(true);
    await stripe.subscriptions.cancel(bought.stripeId);
    await reconcile();
    expect(await shop.status(bought.session)).toMatchObject({ features: ALL });

    await turn(bought);
    const { missedEvents, subscriptions } = await reconcile();
    expect(missedEvents).toEqual({ worked: 0, failed: 0 });
    expect(subscriptions).toEqual({ read: 1, changed: 1, failed: 0 });
    expect(await row(bought)).toMatchObject({ status: "canceled", due: false });
    expect(await shop.status(bought.session)).toMatchObject({
      subscription: { status: "canceled" },
      features: [],
    });
    // Nothing can become of it any more.
    await shop.query("update billing.stripe_cursors set checked_at = '-infinity'");
    expect((await reconcile()).subscriptions).toEqual({ read: 0, changed: 0, failed: 0 });
  });

  it("is renewed here with the invoice that it paid, however many runs find that at once", async () => {
    const bought = await subscribed();
    await endpoints(true);
    await later(32 * 86_400);
    await turn(bought);
    const reports = await Promise.all([reconcile(), reconcile(), reconcile()]);
    const changed = reports.map(({ subscriptions }) => subscriptions.changed);
    expect(changed.reduce((sum, one) => sum + one)).toBe(1);
    expect((await invoices(bought)).map(({ status, amount_paid }) => [status, amount_paid]))
      .toEqual([["paid", 2900], ["paid", 2900]]);
    const { items: { data: [item] } } = await stripe.subscriptions.retrieve(bought.stripeId);
    expect(await shop.status(bought.session)).toMatchObject({
      subscription: {
        currentPeriodEnd: new Date((item?.current_period_end ?? 0) * 1000).toISOString(),
      },
    });
  });

  it("is past due here with the invoice that it owes", async () => {
    const bought = await subscribed();
    await failFromNowOn(bought);
    await shop.idle();
    await endpoints(true);
    await later(32 * 86_400);
    await turn(bought);
    expect((await reconcile()).subscriptions).toMatchObject({ changed: 1 });
    expect(await row(bought)).toMatchObject({ status: "past_due", due: true });
    expect((await invoices(bought)).at(-1)).toMatchObject({ status: "open", attempt_count: 1 });
  });
});

describe("a subscription of which there was nothing to tell", () => {
  it("is read, and shows nobody another version", async () => {
    const bought = await subscribed();
    const before = await shop.status(bought.session);
    await turn(bought);
    expect((await reconcile()).subscriptions).toEqual({ read: 1, changed: 0, failed: 0 });
    expect(await shop.status(bought.session)).toEqual(before);
  });

  it("is left to a later run where Stripe cannot be reached, and holds up nothing else", async () => {
    const bought = await subscribed();
    await turn(bought);
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      path: "/v1/subscriptions/*",
      method: "GET",
      count: 4,
    });
    const failed = await reconcile();
    await shop.admin("DELETE", "/faults");
    expect(failed.subscriptions).toEqual({ read: 0, changed: 0, failed: 1 });
    await shop.query("update billing.stripe_cursors set checked_at = '-infinity'");
    expect((await reconcile()).subscriptions).toEqual({ read: 0, changed: 0, failed: 0 });
    await turn(bought);
    expect((await reconcile()).subscriptions).toEqual({ read: 1, changed: 0, failed: 0 });
  });
});

it("a cancellation at Stripe that its function died after, with its webhook lost, is found with the account's turn", async () => {
  const bought = await subscribed();
  const { id: subscriptionId } = await shop.one<{ id: string }>(
    "select id from billing.subscriptions where stripe_subscription_id = $1",
    [bought.stripeId],
  );
  const path = "/v1/subscriptions/*";
  for (
    const fault of [
      { kind: "webhook_drop", count: null },
      { kind: "cut_after", method: "POST", path, count: null },
      { kind: "error_before", method: "GET", path, skip: 1, count: null },
    ]
  ) await shop.admin("POST", "/faults", fault);
  const token = await shop.token(bought.user);
  expect(await refusal(shop.client.cancelSubscription(token, subscriptionId)))
    .toMatchObject({ status: 503 });
  await shop.admin("DELETE", "/faults");
  expect(await stripe.subscriptions.retrieve(bought.stripeId))
    .toMatchObject({ cancel_at_period_end: true });
  const [shown] = (await shop.client.subscriptions(token)).subscriptions;
  expect(shown).toMatchObject({ cancelAtPeriodEnd: false });

  // The account's turn, and the next where others' events that were lost on it come before.
  const mended = await eventually(async () => {
    await shop.query("update billing.stripe_cursors set checked_at = '-infinity'");
    const { missedEvents } = await reconcileAt(stack, await stripesNow(stack));
    const [seen] = (await shop.client.subscriptions(token)).subscriptions;
    return { missedEvents, seen };
  }, ({ seen }) => seen?.cancelAtPeriodEnd === true);
  expect(mended).toMatchObject({ seen: { status: "active" } });
  expect(mended.missedEvents.worked).toBeGreaterThan(0);
});
