import { randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { reconcileAt } from "../support/reconcile-at.ts";
import { letPass } from "../support/let-pass.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
afterEach(() => shop.admin("DELETE", "/faults"));
const { functionsUrl, secretKey } = stack();

const call = (headers: Record<string, string>) =>
  fetch(`${functionsUrl}/checkout-reconcile`, { method: "POST", headers });

const reconcile = () => reconcileOf(stack());

/** Lets time pass for whatever waits its turn, without waiting. */
async function letTimePass(session?: CreateResponse, interval = "1 minute"): Promise<void> {
  await shop.query("update billing.stripe_cursors set checked_at = checked_at - $1::interval", [
    interval,
  ]);
  await shop.query(
    "update billing.webhook_events set next_attempt_at = now() where status = 'received'",
  );
  if (session !== undefined) await letPass(shop, session, interval);
}
const dropWebhooks = () => shop.admin("POST", "/faults", { kind: "webhook_drop", count: null });

describe("reconcile", () => {
  it.each([
    ["no key", {}],
    ["the publishable key", { authorization: `Bearer ${stack().publishableKey}` }],
    ["an organization's key", { authorization: `Bearer ${shop.organizationKey}` }],
    ["a key that is almost right", { apikey: `${secretKey}x` }],
  ])("refuses a caller with %s", async (_name, headers) => {
    const response = await call(headers);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "secret_key_invalid" } });
  });

  it("fulfills a payment about which no webhook came, alone", async () => {
    await dropWebhooks();
    const session = await shop.create();
    await shop.payInBrowser(session);
    await letTimePass();
    const { missedEvents } = await reconcile();
    expect(missedEvents.worked).toBeGreaterThan(0);
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      features: ["pro-1", "pro-2"],
    });
  });

  it("works a stored event that failed, once its wait is over", async () => {
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      path: "/v1/payment_intents/*",
      method: "GET",
      count: null,
    });
    await shop.admin("POST", "/faults", {
      kind: "webhook_drop",
      type: "payment_intent.succeeded",
      count: null,
    });
    const session = await shop.create();
    await shop.payInBrowser(session);
    await letTimePass();
    const first = await reconcile();
    expect(first.missedEvents.failed).toBeGreaterThan(0);
    await shop.admin("DELETE", "/faults");
    await letTimePass();
    await reconcile();
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });

  it("ends a session past its expiry, at Stripe first", async () => {
    const session = await shop.create();
    await letTimePass(session, "1 hour");
    await reconcile();
    expect(await shop.status(session)).toMatchObject({ status: "expired" });
    expect((await shop.atStripe(session)).intent.status).toBe("canceled");
  });

  it("does not end a bank debit that takes longer than an hour", async () => {
    const session = await shop.create();
    await shop.pay(session, "pm_usBankAccount_success");
    await letTimePass(session, "2 days");
    await reconcile();
    expect(await shop.status(session)).toMatchObject({ status: "processing" });
  });

  it("finds the end of a 3D Secure challenge about which no event came", async () => {
    await dropWebhooks();
    const session = await shop.create();
    await shop.pay(session, "pm_card_threeDSecure2Required");
    await shop.admin("POST", `/3ds/${session.paymentIntentId}/complete`);
    await letTimePass(session);
    await reconcile();
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });

  it("cancels an intent that no session took, once none can any more", async () => {
    const made = (metadata: Record<string, string>) =>
      shop.stripe.paymentIntents.create({ amount: 2900, currency: "usd", metadata });
    const ofSession = (organizationId: string) =>
      made({ checkout_session_id: randomUUID(), organization_id: organizationId });
    const stray = await ofSession(stack().organizationId);
    const foreign = await made({});
    // Of another database whose checkouts are on the same account.
    const anothers = await ofSession(randomUUID());
    const debited = await ofSession(stack().organizationId);
    await shop.stripe.paymentIntents.confirm(debited.id, {
      payment_method: "pm_usBankAccount_success",
      mandate_data: { customer_acceptance: { type: "offline" } },
      return_url: "https://app.example.com/",
    });
    const session = await shop.create();
    const statuses = async () => {
      const ids = [stray.id, foreign.id, anothers.id, session.paymentIntentId ?? ""];
      const intents = await Promise.all(ids.map((id) => shop.stripe.paymentIntents.retrieve(id)));
      return intents.map(({ status }) => status);
    };
    const waiting = "requires_payment_method";
    await letTimePass();
    await reconcile();
    expect(await statuses()).toEqual([waiting, waiting, waiting, waiting]);

    await letTimePass();
    const asked: string[] = [];
    const { strayIntents } = await reconcileAt(
      stack(),
      Math.floor(Date.now() / 1000) + 4_260,
      ({ stripe }) => ({
        stripe: {
          ...stripe,
          intents: {
            ...stripe.intents,
            cancel: (id, account) => {
              asked.push(id);
              return stripe.intents.cancel(id, account);
            },
          },
        },
      }),
    );
    expect(strayIntents.canceled).toBeGreaterThan(0);
    expect(asked).toContain(stray.id);
    // What a bank is about to pay is its customer's, whoever has forgotten the checkout.
    expect(asked).not.toContain(debited.id);
    expect(await statuses()).toEqual(["canceled", waiting, waiting, waiting]);
  });

  it("may run many times at once", async () => {
    await dropWebhooks();
    const sessions = await Promise.all(Array.from({ length: 5 }, () => shop.create()));
    await Promise.all(sessions.map((session) => shop.payInBrowser(session)));
    for (const session of sessions) await letTimePass(session);
    await Promise.all(Array.from({ length: 4 }, () => reconcile()));
    await letTimePass();
    await reconcile();
    for (const session of sessions) {
      expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
      expect((await shop.atStripe(session)).subscriptions).toHaveLength(1);
    }
  });
});

describe("status of a session that is stuck", () => {
  it("looks at Stripe itself, at most once every few seconds", async () => {
    await dropWebhooks();
    const session = await shop.create();
    await shop.payInBrowser(session);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
    await letTimePass(session);
    const answers = await Promise.all(Array.from({ length: 4 }, () => shop.status(session)));
    expect(answers.filter(({ status }) => status === "succeeded").length).toBeGreaterThan(0);
    expect(await shop.status(session)).toMatchObject({ status: "succeeded" });
  });

  it("answers with what is known where Stripe cannot be reached", async () => {
    const session = await shop.create();
    await shop.pay(session, "pm_card_threeDSecure2Required");
    await letTimePass(session);
    await shop.admin("POST", "/faults", { kind: "error_before", count: null });
    expect(await shop.status(session)).toMatchObject({ status: "requires_action" });
  });

  it("ends a session past its expiry", async () => {
    const session = await shop.create();
    await letTimePass(session, "1 hour");
    expect(await shop.status(session)).toMatchObject({ status: "expired" });
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 410 });
  });
});
