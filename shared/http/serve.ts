import { deadline } from "deno-std/async/deadline.js";
import type { ErrorCode } from "../contract/error-table.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { LogFields, Logger } from "../runtime/log.ts";
import { addressWatch } from "./client-address.ts";
import { corsHeaders, originWatch, preflight } from "./cors.ts";
import { errorResponse } from "./error-response.ts";
import { causeText } from "../runtime/cause.ts";
import { type Call, matchPath, type Route } from "./routes.ts";
import { present } from "../runtime/present.ts";
import type { AnsweredRequest, TracedSession } from "../telemetry/answered-request.ts";
import { callRecord, recording } from "../telemetry/dependency-calls.ts";
import { traceContextOf } from "../telemetry/trace-context.ts";

export interface ServeOptions {
  readonly log: Logger;
  readonly allowedOrigins: readonly string[];
  /** Given by a function that limits by address: the header that names the caller, undefined where none is trusted. */
  readonly addresses?: { readonly header: string | undefined };
  /** Told of each request when its answer is ready, where somebody collects them. Must not throw. */
  readonly onAnswered?: (request: AnsweredRequest) => void;
}

/** Milliseconds; the platform ends a function that has not answered within 150 seconds. */
const DEADLINE = 60_000;

/**
 * The outside of a function: request id, CORS, routing, errors in the contract's form, security headers, one log line a
 * request. The line names the route's pattern and not the path, since a path may hold a client secret.
 */
export function serve(routes: readonly Route[], options: ServeOptions) {
  const watch = options.addresses === undefined
    ? undefined
    : addressWatch(options.addresses.header);
  const watchOrigin = originWatch(options.allowedOrigins);
  return async (request: Request): Promise<Response> => {
    const requestId = `req_${crypto.randomUUID()}`;
    const trace = traceContextOf(request);
    const log = options.log.with({ requestId, ...present({ traceId: trace?.traceId }) });
    watch?.(request, log);
    watchOrigin(request, log);
    const cameAt = Date.now();
    const begun = performance.now();
    const calls = callRecord(options.onAnswered !== undefined);
    const { pathname, protocol } = new URL(request.url);
    const fitting = routes.flatMap((route) => {
      const params = matchPath(route.path, pathname);
      return params === undefined ? [] : [{ route, params }];
    });

    let response: Response;
    let errorCode: ErrorCode | undefined;
    try {
      const answer = recording(calls, () => dispatch(request, fitting, { requestId, trace, log }));
      response = await deadline(answer, DEADLINE);
    } catch (thrown) {
      const error = isTimeout(thrown) ? new CheckoutError("timed_out") : thrown;
      response = errorResponse(error, requestId);
      errorCode = error instanceof CheckoutError ? error.code : "internal_error";
      const level = response.status >= 500 ? "error" : "info";
      log[level]("refused", { code: errorCode, cause: causeText(error) });
    }

    // RFC 9110, 15.5.6: a 405 names what the path does take.
    if (response.status === 405) response.headers.set("allow", methodsOf(fitting).join(", "));
    for (const [name, value] of corsHeaders(request, options.allowedOrigins)) {
      response.headers.set(name, value);
    }
    response.headers.set("x-request-id", requestId);
    response.headers.set("cache-control", "no-store");
    response.headers.set("x-content-type-options", "nosniff");
    response.headers.set("referrer-policy", "no-referrer");
    const ended = performance.now();
    const route = fitting[0]?.route.path;
    const { method } = request;
    const { status } = response;
    log.info("request", {
      method,
      route: route ?? "none",
      status,
      milliseconds: Math.round(ended - begun),
      ...calls.totals(),
    });
    options.onAnswered?.({
      requestId,
      method,
      route,
      status,
      errorCode,
      trace,
      cameAt,
      begun,
      ended,
      scheme: protocol.slice(0, -1),
      session: tracedSession(log.fields),
      calls: calls.kept,
    });
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
}

/** What a handler has noted of its session (shared/checkout/about-session.ts). */
function tracedSession(
  { sessionId: id, sessionTraceId: traceId, opened }: LogFields,
): TracedSession | undefined {
  if (typeof id !== "string" || typeof traceId !== "string") return undefined;
  return { id, traceId, opened: opened === true };
}

/** RFC 9110, 9.3.2: the same headers as for GET, its length included, and no body. */
async function withoutBody(response: Response): Promise<Response> {
  const { byteLength } = await response.arrayBuffer();
  response.headers.set("content-length", String(byteLength));
  return new Response(null, { status: response.status, headers: response.headers });
}

const isTimeout = (error: unknown) =>
  error instanceof DOMException && error.name === "TimeoutError";

interface Fit {
  readonly route: Route;
  readonly params: Call["params"];
}

/** The methods that a path takes; where there is GET there is HEAD, and every path is asked for leave. */
const methodsOf = (fitting: readonly Fit[]): string[] => [
  ...fitting.flatMap(({ route: { method } }) => method === "GET" ? ["GET", "HEAD"] : [method]),
  "OPTIONS",
];

function dispatch(
  request: Request,
  fitting: readonly Fit[],
  context: Pick<Call, "requestId" | "trace" | "log">,
): Promise<Response> {
  if (fitting.length === 0) throw new CheckoutError("route_not_found");
  if (request.method === "OPTIONS") {
    return Promise.resolve(preflight(fitting.map(({ route }) => route.method)));
  }
  const method = request.method === "HEAD" ? "GET" : request.method;
  const match = fitting.find(({ route }) => route.method === method);
  if (match === undefined) {
    throw new CheckoutError("method_not_allowed", { details: { allowed: methodsOf(fitting) } });
  }
  return match.route.handle({ request, params: match.params, ...context });
}
