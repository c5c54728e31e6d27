import type { Logger } from "../runtime/log.ts";
import { isOrigin } from "../runtime/origin.ts";

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
  if (origin !== null && isAllowed(origin, allowed)) {
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

/** Whether an origin is on the list of those that may call, where `*` is every one. */
export const isAllowed = (origin: string, allowed: readonly string[]) =>
  allowed.includes("*") || allowed.includes(origin);

/** How many refused origins are told in an hour; whoever sends more is not the operator's own page. */
const TOLD = 10;
const HOUR = 3_600_000;

/**
 * Warns of an origin that is not on the list, once an hour, with the name of the setting: the browser tells its page's
 * developer nothing, and a missing entry looks like a dead service. What is no origin is a caller's own text and is not
 * repeated. A function for no browser has no list, and says nothing.
 */
export function originWatch(allowed: readonly string[], now: () => number = Date.now) {
  const told = new Set<string>();
  let since = now();
  return (request: Request, log: Logger): void => {
    const origin = request.headers.get("origin");
    if (origin === null || allowed.length === 0 || isAllowed(origin, allowed)) return;
    if (now() - since >= HOUR) {
      told.clear();
      since = now();
    }
    const shown = origin.length <= 200 && isOrigin(origin) ? origin : "none that can be listed";
    if (told.size >= TOLD || told.has(shown)) return;
    told.add(shown);
    log.warn("origin refused", { origin: shown, setting: "CHECKOUT_ALLOWED_ORIGINS" });
  };
}
