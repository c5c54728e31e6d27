const ALLOWED_HEADERS = "authorization, apikey, content-type, idempotency-key, x-client-info";
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
