import { randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { ReconcileResponse } from "../../shared/contract/reconcile.ts";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { billing } from "../../shared/database/billing.ts";
import { checkouts } from "../../shared/database/checkouts.ts";
import { connect } from "../../shared/database/client.ts";
import { events } from "../../shared/database/events.ts";
import { repairs } from "../../shared/database/repairs.ts";
import { createLogger } from "../../shared/log.ts";
import { type Reconcile, reconcile as runReconcile } from "../../shared/reconcile.ts";
import { connectStripe } from "../../shared/stripe/client.ts";
import { stripeGateway } from "../../shared/stripe/gateway.ts";
import { nodeTransport } from "../../stack/realtime/node-transport.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

// Node 20 has none, and supabase-js wants one even where no channel is opened.
vi.stubGlobal("WebSocket", nodeTransport);
const shop = await openShop(stack());
afterAll(() => shop.close());
afterEach(() => shop.admin("DELETE", "/faults"));
const { functionsUrl, secretKey } = stack();

const call = (headers: Record<string, string>) =>
  fetch(`${functionsUrl}/checkout-reconcile`, { method: "POST", headers });

const reconcile = () => reconcileOf(stack());

/** A run by a clock of our own, with everything else as deployed. */
function reconcileAt(
  now: number,
  changes: (ports: Reconcile) => Partial<Reconcile> = () => ({}),
): Promise<ReconcileResponse> {
  const { apiUrl, stripeSecretKey, stripeUrl } = stack();
  const rows = connect({ url: apiUrl, secretKey });
  const stripe = connectStripe({
    secretKey: stripeSecretKey,
    publishableKey: "",
    livemode: false,
    apiUrl: stripeUrl,
  });
  const ports: Reconcile = {
    billing: billing(rows),
    checkouts: checkouts(rows),
    events: events(rows),
    repairs: repairs(rows),
    stripe: stripeGateway(stripe),
    livemode: false,
    log: createLogger(() => undefined),
    now: () => now,
  };
  return runReconcile({ ...ports, ...changes(ports) });
}

/** Lets time pass for whatever waits its turn, without waiting. */
async function letTimePass(session?: CreateResponse, interval = "1 minute"): Promise<void> {
  await shop.query("update public.stripe_cursors set checked_at = checked_at - $1::interval", [
    interval,
  ]);
  await shop.query(
    "update public.webhook_events set next_attempt_at = now() where status = 'received'",
  );
  if (session === undefined) return;
  await shop.query("alter table public.checkout_sessions disable trigger checkout_sessions_guard");
  await shop.query(
    `update public.checkout_sessions set created_at = created_at - $2::interval,
       updated_at = updated_at - $2::interval, expires_at = expires_at - $2::interval,
       checked_at = checked_at - $2::interval where id = $1`,
    [session.id, interval],
  );
  await shop.query("alter table public.checkout_sessions enable trigger checkout_sessions_guard");
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

  it("fulfils a payment of which no webhook came, alone", async () => {
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
      count: 4,
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

  it("ends a session whose hour is over, at Stripe first", async () => {
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

  it("finds the end of a 3D Secure challenge of which nobody told", async () => {
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
    const stray = await made({ checkout_session_id: randomUUID() });
    const foreign = await made({});
    const session = await shop.create();
    const statuses = async () => {
      const ids = [stray.id, foreign.id, session.paymentIntentId ?? ""];
      const intents = await Promise.all(ids.map((id) => shop.stripe.paymentIntents.retrieve(id)));
      return intents.map(({ status }) => status);
    };
    const waiting = "requires_payment_method";
    await letTimePass();
    await reconcile();
    expect(await statuses()).toEqual([waiting, waiting, waiting]);

    await letTimePass();
    const { strayIntents } = await reconcileAt(Math.floor(Date.now() / 1000) + 4_260);
    expect(strayIntents.canceled).toBeGreaterThan(0);
    expect(await statuses()).toEqual(["canceled", waiting, waiting]);
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

describe("a stage that throws", () => {
  const fails = () => Promise.reject(new Error("the database is not there"));
  const stages = [
    "claimEvents",
    "claimSessions",
    "expireGrants",
    "renewFree",
    "prune",
    "claimUnavailableAccounts",
    "claimAccounts",
  ] as const;

  it.each(stages)("stops none of the others: %s", async (broken) => {
    const called = new Set<string>();
    await reconcileAt(Math.floor(Date.now() / 1000), ({ repairs: real }) => ({
      repairs: {
        ...real,
        ...Object.fromEntries(stages.map((stage) => [stage, (...args: number[]) => {
          called.add(stage);
          const run: (...args: never[]) => Promise<unknown> = real[stage];
          return stage === broken ? fails() : Reflect.apply(run, undefined, args);
        }])),
      },
    }));
    expect([...called]).toEqual(stages);
  });
});

describe("an account with more missed events than a page holds", () => {
  it("is read span by span, and goes on from where it came to", async () => {
    const now = Math.floor(Date.now() / 1000);
    const since = now - 90 * 86_400;
    const account = `acct_${randomUUID().replaceAll("-", "")}`;
    await shop.query("update public.stripe_cursors set checked_at = now() + interval '1 hour'");
    await shop.query(
      `insert into public.stripe_cursors (stripe_account_id, events_until, intents_until, checked_at)
       values ($1, to_timestamp($2), now(), '-infinity')`,
      [account, since],
    );
    const read: { from: number; to: number }[] = [];
    const run = (limit: number) =>
      reconcileAt(now, ({ stripe }) => ({
        stripe: {
          ...stripe,
          backlog: {
            ...stripe.backlog,
            undelivered: async (_account, span) => {
              if (span.to - span.from > 10 * 86_400) return undefined;
              if (read.length >= limit) throw new Error("Stripe is out of reach");
              read.push(span);
              return [];
            },
          },
        },
      }));
    await run(2);
    const { until } = await shop.one<{ until: number }>(
      "select extract(epoch from events_until)::int as until from public.stripe_cursors where stripe_account_id = $1",
      [account],
    );
    expect(read[0]?.from).toBe(since);
    expect(until).toBe(read[1]?.to);
    await shop.query(
      "update public.stripe_cursors set checked_at = '-infinity' where stripe_account_id = $1",
      [account],
    );
    await run(1_000);
    expect(read[2]?.from).toBe(until);
    expect(read.at(-1)?.to).toBe(now);
    // Nothing between two of them is left out.
    expect(read.slice(1).every(({ from }, index) => from <= (read[index]?.to ?? 0) + 1)).toBe(true);
    await shop.query("delete from public.stripe_cursors where stripe_account_id = $1", [account]);
    await shop.query("update public.stripe_cursors set checked_at = now()");
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

  it("ends a session whose hour is over", async () => {
    const session = await shop.create();
    await letTimePass(session, "1 hour");
    expect(await shop.status(session)).toMatchObject({ status: "expired" });
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 410 });
  });
});
