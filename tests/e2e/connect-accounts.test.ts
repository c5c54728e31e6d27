import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { refusal } from "../support/shop.ts";
import { openOwnShop } from "../support/own-shop.ts";

// Its own stack: here a whole account goes away.
const own = await openOwnShop({ applicationFeeBps: 250 });
const { shop, subscribed } = own;
const account = shop.account ?? "";
const { stripe } = shop;

const tell = async (what: "disable-charges" | "enable-charges" | "deauthorize") => {
  await shop.admin("POST", `/accounts/${account}/${what}`);
  await shop.idle();
};
const row = () =>
  shop.one(
    `select charges_enabled, deauthorized_at is not null as lost
     from billing.stripe_accounts where stripe_account_id = $1`,
    [account],
  );
const unavailable = { status: 409, code: "merchant_account_unavailable" };

/** Delivers an event as a Connect endpoint gets it: signed by Stripe, and from the account that is named. */
async function deliver(type: string, object: object, from: string): Promise<string> {
  const id = `evt_${randomUUID().replaceAll("-", "")}`;
  const payload = JSON.stringify({
    id,
    object: "event",
    type,
    livemode: false,
    account: from,
    created: Math.floor(Date.now() / 1000),
    data: { object },
  });
  const response = await fetch(`${own.stack.functionsUrl}/stripe-webhook`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "stripe-signature": await stripe.webhooks.generateTestHeaderStringAsync({
        payload,
        secret: own.stack.connectWebhookSecret,
      }),
    },
    body: payload,
  });
  expect(response.status).toBe(200);
  const { outcome } = await shop.one<{ outcome: string }>(
    "select outcome from billing.webhook_events where stripe_event_id = $1",
    [id],
  );
  return outcome;
}

describe("an event from an account that is not the object's", () => {
  it("is kept and moves nothing, whatever of ours it names", async () => {
    const foreign = "acct_1Foreign";
    await shop.admin("POST", "/accounts", { id: foreign });
    const bought = await subscribed();
    const { intent } = await shop.atStripe(bought.session);
    const charge = typeof intent.latest_charge === "string"
      ? intent.latest_charge
      : intent.latest_charge?.id;
    const { data: [invoice] } = await stripe.invoices.list(
      { subscription: bought.stripeId },
      shop.onAccount,
    );
    await shop.admin("POST", `/disputes/${intent.id}/open`, {});
    await shop.idle();
    const { data: [dispute] } = await stripe.disputes.list({}, shop.onAccount);
    const held = () =>
      shop.one(
        `select (select jsonb_agg(d order by d.id) from billing.disputes d) as disputes,
           (select jsonb_agg(i order by i.id) from billing.invoices i) as invoices,
           (select jsonb_agg(s order by s.id) from billing.subscriptions s) as subscriptions,
           (select jsonb_agg(p order by p.id) from billing.payment_intents p) as payments,
           (select jsonb_agg(a) from billing.stripe_accounts a) as accounts`,
      );
    const before = await held();
    const about = [
      ["payment_intent.succeeded", { id: intent.id }],
      ["customer.subscription.deleted", { id: bought.stripeId }],
      ["invoice.paid", {
        id: invoice?.id,
        parent: { subscription_details: { subscription: bought.stripeId } },
      }],
      ["charge.refunded", { id: charge }],
      ["charge.dispute.closed", { id: dispute?.id }],
      ["account.updated", { id: account }],
      ["account.application.deauthorized", { id: "ca_1" }],
    ] as const;
    const outcomes: string[] = [];
    for (const [type, object] of about) {
      outcomes.push(`${type} ${await deliver(type, object, foreign)}`);
    }
    expect(outcomes).toEqual(about.map(([type]) => `${type} ignored`));
    expect(await held()).toEqual(before);
  });
});

describe("a connected account", () => {
  it("whose renewals, refunds and disputes come from itself has them kept", async () => {
    const bought = await subscribed();
    await own.later(32 * 86_400);
    const renewal = (await own.invoices(bought)).at(-1);
    expect(renewal).toMatchObject({ status: "paid", amount_paid: 2900 });
    await stripe.refunds.create(
      { payment_intent: String(renewal?.["intent"]), amount: 300 },
      shop.onAccount,
    );
    await shop.idle();
    expect((await own.invoices(bought)).at(-1)).toMatchObject({ amount_refunded: 300 });
  });

  it("whose charges are disabled opens no checkout, and does again when they are enabled", async () => {
    await tell("disable-charges");
    expect(await row()).toEqual({ charges_enabled: false, lost: false });
    expect(await refusal(shop.create())).toMatchObject(unavailable);
    await tell("enable-charges");
    expect(await row()).toEqual({ charges_enabled: true, lost: false });
    await subscribed();
  });

  it("that is back without anybody telling is found by reconcile", async () => {
    await tell("disable-charges");
    await shop.admin("POST", "/faults", { kind: "webhook_drop", type: "account.updated" });
    await tell("enable-charges");
    expect(await row()).toMatchObject({ charges_enabled: false });
    await shop.query("update billing.stripe_accounts set checked_at = now() - interval '2 hours'");
    await own.reconcile();
    expect(await row()).toMatchObject({ charges_enabled: true });
  });

  it("that took its authorization back opens no checkout, and does again once it is connected anew", async () => {
    await tell("deauthorize");
    expect(await row()).toEqual({ charges_enabled: false, lost: true });
    expect(await refusal(shop.create())).toMatchObject(unavailable);
    await shop.admin("POST", "/accounts", { id: account });
    expect(await deliver("account.application.authorized", { id: "ca_1" }, account)).toBe(
      "applied",
    );
    expect(await row()).toEqual({ charges_enabled: true, lost: false });
    expect(await shop.create()).toMatchObject({ status: "pending" });
  });
});
