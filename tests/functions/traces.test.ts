import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { createResponse } from "../../shared/contract/create.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { eventually, openShop } from "../support/shop.ts";
import { control, logLines, stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const trial = await shop.sell("Trial", { trialDays: 14 });
const { functionsUrl } = stack();

/** A trace as a caller's tracer makes it. */
const newTrace = () => {
  const traceId = randomBytes(16).toString("hex");
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString("hex")}-01` };
};

async function post(path: string, body: unknown, headers: Readonly<Record<string, string>>) {
  const response = await fetch(`${functionsUrl}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** A session that was opened within a trace. */
async function opened(
  traceparent: string,
  priceId = shop.pro.priceId,
  token = shop.token(),
) {
  const headers = { authorization: `Bearer ${await token}`, traceparent };
  const response = await post("checkout-create", { priceId }, headers);
  return createResponse.parse(await response.json());
}

const logLine = z.object({
  message: z.string(),
  function: z.string(),
  traceId: z.string().optional(),
  sessionTraceId: z.string().optional(),
}).loose();

/** What functions have logged that has to do with a trace, once some of it is there. */
const linesWith = (text: string, accept: (lines: z.infer<typeof logLine>[]) => boolean) =>
  eventually(
    async () =>
      (await logLines()).filter(({ part, line }) =>
        part.startsWith("function:") && line.includes(text)
      ).map(({ line }) => logLine.parse(JSON.parse(line))),
    accept,
  );

const saying = (slug: string, message: string) => (lines: readonly z.infer<typeof logLine>[]) =>
  lines.some((line) => line.function === slug && line.message === message);

describe("the trace of the call that opened a session", () => {
  it("stands at Stripe on its intent and its subscription, and on the lines of whoever has to do with it", async () => {
    const { traceId, traceparent } = newTrace();
    const session = await opened(traceparent);
    await shop.pay(session);
    await shop.idle();
    const { intent, subscriptions: [subscription] } = await shop.atStripe(session);
    expect(intent.metadata["trace_id"]).toBe(traceId);
    expect(subscription?.metadata["trace_id"]).toBe(traceId);

    const lines = await linesWith(
      traceId,
      (seen) =>
        saying("stripe-webhook", "event")(seen) && saying("checkout-confirm", "request")(seen),
    );
    const created = lines.find((line) => line.function === "checkout-create");
    expect(created).toMatchObject({ message: "request", traceId, sessionTraceId: traceId });
    // Neither the customer's browser nor Stripe has named a trace of its own.
    const later = lines.filter((line) => line.function !== "checkout-create");
    for (const line of later) {
      expect(line).toMatchObject({ sessionTraceId: traceId });
      expect(line).not.toHaveProperty("traceId");
    }
    const told = later.map((line) => `${line.function} ${line.message}`);
    expect(told).toContain("checkout-confirm fulfilled");
    expect(told).toContain("stripe-webhook request");
    const types = lines.filter(({ message }) => message === "event").map((line) => line["type"]);
    expect(types).toContain("payment_intent.succeeded");
    expect(types).toContain("customer.subscription.created");
    expect(types).toContain("invoice.paid");
  });

  it("stands on a set-up intent too, and beside the trace of a call of its own", async () => {
    const [opening, own] = [newTrace(), newTrace()];
    const session = await opened(opening.traceparent, trial.priceId);
    const { clientSecret } = session;
    const body = { clientSecret, paymentMethodId: "pm_card_visa" };
    await post("checkout-confirm", body, { traceparent: own.traceparent });
    const intent = await shop.stripe.setupIntents.retrieve(session.paymentIntentId ?? "");
    expect(intent.metadata?.["trace_id"]).toBe(opening.traceId);
    const lines = await linesWith(own.traceId, saying("checkout-confirm", "request"));
    for (const line of lines) {
      expect(line).toMatchObject({ traceId: own.traceId, sessionTraceId: opening.traceId });
    }
  });

  it("is what Stripe is told, whichever call asks for the session again and makes its intent", async () => {
    const [opening, again] = [newTrace(), newTrace()];
    const token = shop.token();
    const first = await opened(opening.traceparent, shop.team.priceId, token);
    // As if the first call had died before it had an intent: the next one sends the same request under the same key.
    await shop.query(
      "update billing.checkout_sessions set payment_intent_id = null where id = $1",
      [first.id],
    );
    await shop.query("delete from billing.payment_intents where checkout_session_id = $1", [
      first.id,
    ]);
    const second = await opened(again.traceparent, shop.team.priceId, token);
    expect(second.id).toBe(first.id);
    expect(second.paymentIntentId).toBe(first.paymentIntentId);
    const { intent } = await shop.atStripe(second);
    expect(intent.metadata["trace_id"]).toBe(opening.traceId);
  });

  it("stands on the lines of a repair, each session's on its own", async () => {
    const traces = [newTrace(), newTrace()];
    const sessions = await Promise.all(traces.map(({ traceparent }) => opened(traceparent)));
    await control("functions/stripe-webhook/kill");
    try {
      for (const session of sessions) await shop.payInBrowser(session);
      // Nobody has told of the payments, and what is past its expiry is looked at.
      await shop.query(
        "update billing.checkout_sessions set expires_at = now() where id = any($1)",
        [sessions.map(({ id }) => id)],
      );
      // Not by asking for the status, which may look itself.
      for (const { id } of sessions) {
        await eventually(
          async () => {
            await reconcileOf(stack());
            return shop.one("select status from billing.checkout_sessions where id = $1", [id]);
          },
          ({ status }) => status === "succeeded",
        );
      }
    } finally {
      await control("functions/stripe-webhook/restart");
    }
    for (const [index, { traceId }] of traces.entries()) {
      const lines = await linesWith(traceId, saying("checkout-reconcile", "fulfilled"));
      const fulfilled = lines.filter(({ message }) => message === "fulfilled");
      expect(fulfilled).toMatchObject([
        { sessionId: sessions[index]?.id, sessionTraceId: traceId },
      ]);
    }
    await shop.idle();
  });

  it("is nowhere where its caller named none, or named it wrongly", async () => {
    const { traceId } = newTrace();
    const session = await opened(`00-${traceId}-0000000000000000-01`);
    const { intent } = await shop.atStripe(session);
    expect(intent.metadata).not.toHaveProperty("trace_id");
    expect(
      await shop.one("select trace_id from billing.checkout_sessions where id = $1", [
        session.id,
      ]),
    ).toEqual({ trace_id: null });
  });
});

describe("what a request took", () => {
  it.each([
    ["checkout-create", "/checkout-create", 2, 1],
    ["checkout-status", "/checkout-status/:sessionId", 1, 0],
  ])("is on its line, by dependency: %s", async (slug, route, databaseCalls, stripeCalls) => {
    const { traceId, traceparent } = newTrace();
    const session = await opened(traceparent);
    await fetch(`${functionsUrl}/checkout-status/${session.id}`, { headers: { traceparent } });
    const lines = await linesWith(traceId, saying(slug, "request"));
    const line = lines.find((one) => one.function === slug && one.message === "request");
    expect(line).toMatchObject({ route, databaseCalls });
    const spent = z.object({
      milliseconds: z.number(),
      databaseMilliseconds: z.number(),
      stripeMilliseconds: z.number(),
      stripeCalls: z.number(),
    }).parse(line);
    // The price is asked for once in a while, and then not again.
    expect(spent.stripeCalls - stripeCalls).toBeGreaterThanOrEqual(0);
    expect(spent.stripeCalls - stripeCalls).toBeLessThanOrEqual(1);
    expect(spent.databaseMilliseconds).toBeGreaterThan(0);
    expect(spent.databaseMilliseconds + spent.stripeMilliseconds)
      .toBeLessThanOrEqual(spent.milliseconds + 2);
  });

  it("is on the lines of the webhook and of reconcile", async () => {
    const { traceId, traceparent } = newTrace();
    const session = await opened(traceparent);
    await shop.pay(session);
    await shop.idle();
    const webhook = (await linesWith(traceId, saying("stripe-webhook", "request")))
      .find((line) => line.function === "stripe-webhook" && line.message === "request");
    expect(Number(webhook?.["databaseCalls"])).toBeGreaterThan(0);
    const since = new Date().toISOString();
    await reconcileOf(stack());
    const lines = await eventually(
      async () =>
        (await logLines("function:checkout-reconcile", since))
          .filter(({ line }) => line.includes('"message":"request"')),
      ({ length }) => length > 0,
    );
    const run = logLine.parse(JSON.parse(lines[0]?.line ?? ""));
    expect(Number(run["databaseCalls"])).toBeGreaterThan(0);
  });
});
