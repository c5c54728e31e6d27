/**
 * Each header that a real caller sends; a browser asks for leave of every one and calls nothing where one is missing.
 * `idempotency-key` is our own. The others rest on:
 * - `authorization`, `apikey`, `content-type`, `x-client-info`, `x-retry-count`: @supabase/supabase-js, src/cors.ts;
 * - `traceparent`, `tracestate`, `baggage`: @supabase/supabase-js, src/lib/fetch.ts, and W3C Trace Context and Baggage;
 * - `x-region`: @supabase/functions-js, src/FunctionsClient.ts;
 * - `x-billingos-version`: the BillingOS SDK (billingos-sdk, src/client/index.ts);
 * - `sentry-trace`: https://docs.sentry.io/platforms/javascript/tracing/distributed-tracing/
 */
const ALLOWED_HEADERS = [
  "authorization",
  "apikey",
  "content-type",
  "idempotency-key",
  "x-client-info",
  "x-retry-count",
  "x-region",
  "x-billingos-version",
  "traceparent",
  "tracestate",
  "baggage",
  "sentry-trace",
].join(", ");
/** Seconds for which a browser may keep the answer to a preflight. */
const MAX_AGE = 600;

/** The CORS headers for a request's origin; none for an origin that is not on the list. */
export function corsHeaders(request: Request, allowed: readonly string[]): Headers {
  const headers = new Headers({ vary: "Origin" });
  const origin = request.headers.get("origin");
  if (origin !== null && (allowed.includes("*") || allowed.includes(origin))) {
    headers.set("access-control-allow-origin", allowed.includes("*") ? "*" : origin);
    headers.set("access-control-expose-headers", "x-request-id, retry-after");
  }
  return headers;
}

export function preflight(methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-allow-methods": methods.join(", "),
      "access-control-max-age": String(MAX_AGE),
    },
  });
}
