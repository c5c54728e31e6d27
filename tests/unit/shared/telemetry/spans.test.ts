import { describe, expect, it } from "vitest";
import type { DependencyCall } from "../../../../shared/telemetry/dependency-calls.ts";
import { openingSpanId, type Span, spansOf } from "../../../../shared/telemetry/spans.ts";
import { answered, PARENT, TRACE } from "./requests.ts";

/** A call without what came of it. */
const asked: DependencyCall = {
  dependency: "stripe",
  method: "POST",
  url: "https://api.stripe.com/v1/customers",
  begun: 501,
  ended: 502,
};

/** Attributes by their key; integers as OTLP's JSON has them, in decimal digits. */
const attributes = (span: Span | undefined): Record<string, string> =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [
    key,
    "stringValue" in value ? value.stringValue : value.intValue,
  ]));

const spanOfCall = (url: string): Span | undefined =>
  spansOf({ ...answered, calls: [{ ...asked, url, status: 200 }] })[1];

describe("a request's span", () => {
  it("is the child of its caller's, and the parent of one for each call, all of one trace", () => {
    const [server, ...calls] = spansOf(answered);
    expect(server).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: 2 });
    expect(calls.map(({ traceId, parentSpanId, kind }) => ({ traceId, parentSpanId, kind })))
      .toEqual(Array.from({ length: 2 }, () => ({
        traceId: TRACE,
        parentSpanId: server?.spanId,
        kind: 3,
      })));
    const ids = [server, ...calls].map((span) => span?.spanId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(ids).size).toBe(3);
  });

  it("begins a trace of its own where the caller names none", () => {
    const [one, call] = spansOf({ ...answered, trace: undefined });
    const [other] = spansOf({ ...answered, trace: undefined });
    expect(one).not.toHaveProperty("parentSpanId");
    expect(one?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(call?.traceId).toBe(one?.traceId);
    expect(other?.traceId).not.toBe(one?.traceId);
  });

  it("is none where the caller does not record the trace", () => {
    const trace = { traceId: TRACE, parentSpanId: PARENT, sampled: false };
    expect(spansOf({ ...answered, trace })).toEqual([]);
  });

  it("says what the conventions for HTTP servers ask for, and its path by the pattern", () => {
    const [server] = spansOf(answered);
    expect(server?.name).toBe("POST /checkout-confirm/:clientSecret");
    expect(attributes(server)).toEqual({
      "http.request.method": "POST",
      "http.route": "/checkout-confirm/:clientSecret",
      "http.response.status_code": "200",
      "url.path": "/checkout-confirm/:clientSecret",
      "url.scheme": "https",
      "billingos.request_id": "req_1",
    });
    expect(server).not.toHaveProperty("status");
  });

  it.each([
    ["a refusal is no error of the server's", 409, "session_closed", undefined, undefined],
    [
      "a failure is an error, by its code",
      503,
      "stripe_unavailable",
      { code: 2 },
      "stripe_unavailable",
    ],
    ["a failure without a code is an error, by its status", 500, undefined, { code: 2 }, "500"],
  ])("%s", (_name, status, errorCode, spanStatus, type) => {
    const [server] = spansOf({ ...answered, status, errorCode });
    expect(server?.status).toEqual(spanStatus);
    expect(attributes(server)["error.type"]).toBe(type);
    expect(attributes(server)["billingos.error_code"]).toBe(errorCode);
  });

  it("repeats no path that no route fits, and no method that HTTP has not", () => {
    const [server] = spansOf({
      ...answered,
      route: undefined,
      method: "PI_1_SECRET_2",
      status: 404,
    });
    expect(server?.name).toBe("HTTP");
    expect(attributes(server)).toMatchObject({
      "http.request.method": "_OTHER",
      "url.path": "REDACTED",
    });
    expect(JSON.stringify(server)).not.toContain("SECRET");
  });

  it("has the instants of the request and of each call in nanoseconds, to the microsecond", () => {
    expect(spansOf(answered).map((span) => [span.startTimeUnixNano, span.endTimeUnixNano])).toEqual(
      [
        ["1795000000000000000", "1795000000020250000"],
        ["1795000000001000000", "1795000000004500000"],
        ["1795000000005000000", "1795000000019000000"],
      ],
    );
  });
});

describe("the span that has opened a session", () => {
  const ID = "0b500000-0000-4000-8000-00000000beef";
  const OTHER = "4bf92f3577b34da6a3ce929d0e0e4736";

  it("has an id that follows from the session, and says nothing of the session's own", async () => {
    const spanId = await openingSpanId({ id: ID });
    expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(await openingSpanId({ id: ID })).toBe(spanId);
    expect(await openingSpanId({ id: crypto.randomUUID() })).not.toBe(spanId);
    expect(ID.replaceAll("-", "")).not.toContain(spanId);
    const session = { traceId: TRACE, opened: true, spanId };
    const [server, ...calls] = spansOf({ ...answered, session });
    expect(server).toMatchObject({ traceId: TRACE, spanId });
    expect(server).not.toHaveProperty("links");
    expect(new Set(calls.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([spanId]));
  });

  it.each([
    ["a delivery of Stripe's, which has a trace of its own", undefined],
    ["a later call within the same trace", answered.trace],
  ])("is linked to by %s", async (_what, trace) => {
    const spanId = await openingSpanId({ id: ID });
    const session = { traceId: OTHER, opened: false, spanId };
    const [server, ...calls] = spansOf({ ...answered, trace, session });
    expect(server?.links).toEqual([{ traceId: OTHER, spanId }]);
    expect(server?.spanId).not.toBe(spanId);
    expect(attributes(server)["billingos.session_trace_id"]).toBe(OTHER);
    for (const call of calls) expect(call).not.toHaveProperty("links");
  });
});

describe("the span of a call", () => {
  it("says what the conventions for HTTP clients ask for", () => {
    const [, database, stripe] = spansOf(answered);
    expect(database?.name).toBe("POST /rest/v1/rpc/locate_checkout");
    expect(attributes(database)).toEqual({
      "http.request.method": "POST",
      "http.response.status_code": "200",
      "server.address": "ref.supabase.co",
      "server.port": "443",
      "url.full": "https://ref.supabase.co/rest/v1/rpc/locate_checkout",
      "url.template": "/rest/v1/rpc/locate_checkout",
      "billingos.dependency": "database",
    });
    expect(stripe?.name).toBe("GET /v1/payment_intents/{id}");
    expect(attributes(stripe)).toMatchObject({ "server.port": "12111", "error.type": "402" });
    expect(stripe?.status).toEqual({ code: 2 });
  });

  it("that came to no answer is an error, by the name of what was thrown", () => {
    const calls = [{ ...asked, failure: "TimeoutError" }];
    const [, call] = spansOf({ ...answered, calls });
    expect(call?.status).toEqual({ code: 2 });
    expect(attributes(call)["error.type"]).toBe("TimeoutError");
    expect(attributes(call)).not.toHaveProperty("http.response.status_code");
  });

  it.each([
    ["an e-mail address that is asked for", "?email=jenny%40example.com"],
    ["a client secret in a query", "?client_secret=pi_3NabcDEF_secret_xYz123"],
    ["a client secret in a path", "/pi_3NabcDEF_secret_xYz123"],
  ])("holds no %s", (_name, rest) => {
    const url = `https://api.stripe.com/v1/customers${rest}`;
    const text = JSON.stringify(spanOfCall(url));
    expect(text).toContain("https://api.stripe.com/v1/customers");
    expect(text).not.toMatch(/jenny|xYz123/);
  });

  it.each([
    ["/v1/payment_intents/pi_3NabcDEF/confirm", "/v1/payment_intents/{id}/confirm"],
    ["/v1/subscription_items", "/v1/subscription_items"],
    ["/v1/invoices/create_preview", "/v1/invoices/create_preview"],
    ["/v1/accounts/acct_1N", "/v1/accounts/{id}"],
  ])("is named by the pattern of its path: %s", (path, template) => {
    expect(spanOfCall(`https://api.stripe.com${path}`)?.name).toBe(`POST ${template}`);
  });
});
