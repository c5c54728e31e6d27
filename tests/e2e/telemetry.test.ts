import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createResponse } from "../../shared/contract/create.ts";
import { startStack } from "../../stack/index.ts";
import { openReceiver, type ReceivedSpan } from "../support/otlp-receiver.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { shopStackOf } from "../support/shop-stack.ts";
import { eventually, openShop } from "../support/shop.ts";
import { expectStripesContract } from "../support/stripe-contract.ts";

// A stack of its own, whose functions are told where to send their traces.
const receiver = await openReceiver();
const KEY = randomUUID();
const stack = await startStack({
  env: {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${KEY}`,
    OTEL_SERVICE_NAME: "a-shop",
  },
});
const shopStack = shopStackOf(stack);
afterAll(async () => {
  try {
    await expectStripesContract(shopStack.stripeAdminUrl);
  } finally {
    await stack.stop();
    await receiver.close();
  }
});
const shop = await openShop(shopStack);
afterAll(() => shop.close());
afterEach(() => {
  receiver.behave("takes");
});

const newTrace = (flags = "01") => {
  const [traceId, parent] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { traceId, parent, traceparent: `00-${traceId}-${parent}-${flags}` };
};

const EMAIL = `private.person.${randomUUID().slice(0, 8)}@example.com`;

async function opened(traceparent: string) {
  const token = await shop.token();
  const response = await fetch(`${shopStack.functionsUrl}/checkout-create`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${token}`,
      traceparent,
    },
    body: JSON.stringify({ priceId: shop.pro.priceId, customer: { email: EMAIL } }),
  });
  return { token, session: createResponse.parse(await response.json()) };
}

/** The spans of a trace, once there is one of a function among them. */
const spansOf = (traceId: string, slug: string) =>
  eventually(
    () => Promise.resolve(receiver.spans.filter((span) => span.traceId === traceId)),
    (spans) => spans.some(({ resource, kind }) => kind === 2 && resource["faas.name"] === slug),
  );

const childrenOf = (spans: readonly ReceivedSpan[], parent: ReceivedSpan | undefined) =>
  spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId);

describe("with OTEL_EXPORTER_OTLP_ENDPOINT set", () => {
  it("a call's span is its caller's child, and has each call of a dependency within it", async () => {
    const { traceId, parent, traceparent } = newTrace();
    await opened(traceparent);
    const spans = await spansOf(traceId, "checkout-create");
    expect(spans.flatMap(({ links = [] }) => links)).toEqual([]);
    const server = spans.find(({ kind }) => kind === 2);
    expect(server).toMatchObject({
      parentSpanId: parent,
      name: "POST /checkout-create",
      resource: { "service.name": "a-shop", "faas.name": "checkout-create" },
      attributes: {
        "http.request.method": "POST",
        "http.route": "/checkout-create",
        "http.response.status_code": 201,
        "url.path": "/checkout-create",
        "billingos.session_trace_id": traceId,
      },
    });
    const calls = childrenOf(spans, server);
    expect(calls).toHaveLength(spans.length - 1);
    expect(calls.map(({ name }) => name)).toContain("POST /rest/v1/rpc/begin_checkout");
    expect(calls.map(({ name }) => name)).toContain("POST /v1/payment_intents");
    for (const call of calls) {
      expect(call.kind).toBe(3);
      expect(call.attributes).toMatchObject({ "server.address": "127.0.0.1" });
      expect(call.startTimeUnixNano).toBeGreaterThanOrEqual(server?.startTimeUnixNano ?? 0n);
      expect(call.endTimeUnixNano).toBeLessThanOrEqual(server?.endTimeUnixNano ?? 0n);
    }
    expect(receiver.problems).toEqual([]);
    for (const headers of receiver.headers) expect(headers["x-api-key"]).toBe(KEY);
  });

  it("Stripe's delivery and a run of reconcile have traces of their own; the delivery's is linked to the call that opened the session", async () => {
    const { traceId, traceparent } = newTrace();
    const { session } = await opened(traceparent);
    await shop.pay(session);
    await shop.idle();
    const delivered = await eventually(
      () =>
        Promise.resolve(
          receiver.spans.filter(({ resource, attributes }) =>
            resource["faas.name"] === "stripe-webhook" &&
            attributes["billingos.session_trace_id"] === traceId
          ),
        ),
      ({ length }) => length > 0,
    );
    const opening = (await spansOf(traceId, "checkout-create")).find(({ kind }) => kind === 2);
    for (const span of delivered) {
      expect(span.links).toEqual([{ traceId, spanId: opening?.spanId }]);
      expect(span).not.toHaveProperty("parentSpanId");
      expect(span.traceId).not.toBe(traceId);
    }
    await reconcileOf(stack.info);
    await eventually(
      () => Promise.resolve(receiver.spans),
      (spans) => spans.some(({ resource }) => resource["faas.name"] === "checkout-reconcile"),
    );
    expect(receiver.problems).toEqual([]);
  });

  it("a caller's word that it records nothing is kept", async () => {
    const [unrecorded, recorded] = [newTrace("00"), newTrace()];
    await opened(unrecorded.traceparent);
    await opened(recorded.traceparent);
    await spansOf(recorded.traceId, "checkout-create");
    expect(receiver.spans.filter((span) => span.traceId === unrecorded.traceId)).toEqual([]);
  });

  it("no secret, token or address leaves in a span, whichever way it came in", async () => {
    const { traceId, traceparent } = newTrace();
    const { token, session: { clientSecret, id } } = await opened(traceparent);
    const asked: readonly (readonly [method: string, path: string])[] = [
      ["POST", `checkout-confirm/${clientSecret}`],
      ["POST", `checkout/${clientSecret}/confirm`],
      ["GET", `checkout-confirm/${clientSecret}`],
      ["POST", `checkout-confirm/${clientSecret}/further`],
      ["GET", `checkout-status/${id}?client_secret=${clientSecret}&email=${EMAIL}`],
    ];
    for (const [method, path] of asked) {
      await fetch(`${shopStack.functionsUrl}/${path}`, {
        method,
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${token}`,
          traceparent,
          tracestate: `secret=${clientSecret}`,
          baggage: `email=${EMAIL}`,
        },
        ...(method === "POST" ? { body: '{"paymentMethodId":"pm_card_visa"}' } : {}),
      });
    }
    await shop.idle();
    const spans = await spansOf(traceId, "checkout-status");
    expect(new Set(spans.map(({ resource }) => resource["faas.name"])))
      .toEqual(new Set(["checkout-create", "checkout-confirm", "checkout", "checkout-status"]));
    const text = receiver.bodies.join();
    const secrets = {
      "the client secret": clientSecret.split("_secret_")[1] ?? "",
      "the session's id": id,
      "the session token": token,
      "its signature": token.split(".")[2] ?? "",
      "the e-mail address": EMAIL,
      "the e-mail address, encoded": encodeURIComponent(EMAIL),
      "the organization's key": shop.organizationKey,
      "the project's key": shopStack.secretKey,
      "Stripe's key": shopStack.stripeSecretKey,
      "the webhook's secret": shopStack.webhookSecret,
      "the receiver's key": KEY,
    };
    expect(Object.values(secrets)).not.toContain("");
    expect(Object.entries(secrets).filter(([, secret]) => text.includes(secret))).toEqual([]);
  });
});

describe("a receiver", () => {
  it.each(["refuses", "is silent"] as const)(
    "that %s changes nothing for the caller",
    async (as) => {
      const { traceparent } = newTrace();
      const before = await timed(() => opened(traceparent));
      receiver.behave(as);
      for (let calls = 0; calls < 5; calls += 1) {
        const { milliseconds, result: { session } } = await timed(() => opened(traceparent));
        expect(session.status).toBe("pending");
        // Not a measurement: it would be seconds if the answer waited for the receiver.
        expect(milliseconds).toBeLessThan(before.milliseconds + 4_000);
      }
      const { session } = await opened(traceparent);
      expect(await shop.pay(session)).toMatchObject({ success: true, status: "active" });
    },
  );

  it("that is gone is told of in the log, and is no end of the function", async () => {
    await receiver.close();
    const { traceparent } = newTrace();
    const { session } = await opened(traceparent);
    expect(session.status).toBe("pending");
    await eventually(
      () => Promise.resolve(stack.logs.tail(200).map(({ line }) => line).join("\n")),
      (text) => text.includes("traces are not taken"),
    );
    expect((await opened(traceparent)).session.status).toBe("pending");
  });
});

async function timed<Result>(work: () => Promise<Result>) {
  const begun = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - begun };
}
