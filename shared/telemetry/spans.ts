import { mask } from "../runtime/log.ts";
import type { AnsweredRequest, TracedSession } from "./answered-request.ts";
import type { DependencyCall } from "./dependency-calls.ts";

/**
 * A span as OTLP's JSON has it: ids in hexadecimal, enumerations and 64-bit integers as
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding says.
 */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  /** To a span that this one has to do with, and that is not its parent. */
  readonly links?: readonly Ids[];
  readonly status?: { readonly code: number };
}

export interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
}

// Of opentelemetry/proto/trace/v1/trace.proto: SPAN_KIND_SERVER, SPAN_KIND_CLIENT, STATUS_CODE_ERROR.
const SERVER = 2;
const CLIENT = 3;
const ERROR = { code: 2 };

/** What a span may say in the place of a text that may hold a secret (semantic conventions, `url.full`). */
const REDACTED = "REDACTED";

/** What the conventions know; a method beside them is a caller's own text. */
const methods: ReadonlySet<string> = new Set(
  ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"],
);

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const hex = (bytes: number): string => hexOf(crypto.getRandomValues(new Uint8Array(bytes)));

/**
 * The id of the span of the request that has opened a session. Nobody stores it: it follows from the session's id, of which it tells
 * nothing, that being 122 bits of chance.
 */
export async function openingSpanId({ id }: Pick<TracedSession, "id">): Promise<string> {
  const bytes = new TextEncoder().encode(`opening span of ${id}`);
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes), 0, 8));
}

/** A request as spans tell it. */
interface TracedRequest extends Omit<AnsweredRequest, "session"> {
  /** With the id of the span that has opened it. */
  readonly session: (Omit<TracedSession, "id"> & Pick<Ids, "spanId">) | undefined;
}

/** Attributes with a value. The mask is the last guard, as it is of the log. */
export const attributesOf = (
  values: Readonly<Record<string, string | number | undefined>>,
): Attribute[] =>
  Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{
      key,
      value: typeof value === "number" ? { intValue: String(value) } : { stringValue: mask(value) },
    }];
  });

/**
 * A request's span with one for each call of a dependency below it, by the stable conventions for HTTP
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/). None where the caller says that it does not record the trace; of
 * a caller that says nothing the request begins a trace (the SDK's default sampler, `parentbased_always_on`).
 */
export function spansOf(request: TracedRequest): Span[] {
  const { trace, calls, session } = request;
  if (trace?.sampled === false) return [];
  const spanId = session?.opened === true ? session.spanId : hex(8);
  const ids = { traceId: trace?.traceId ?? hex(16), spanId };
  return [
    serverSpan(request, ids),
    ...calls.map((call) => clientSpan(request, call, ids)),
  ];
}

interface Ids {
  readonly traceId: string;
  readonly spanId: string;
}

/** Nanoseconds of the Unix epoch, of an instant of `performance.now()`. */
const unixNano = ({ cameAt, begun }: TracedRequest, instant: number): string =>
  `${Math.round((cameAt + instant - begun) * 1_000)}000`;

/** The path is told by its pattern: it may hold a client secret, or the id that is the proof for a session's state. */
function serverSpan(request: TracedRequest, ids: Ids): Span {
  const { route, status, trace, session } = request;
  const method = methods.has(request.method) ? request.method : undefined;
  const failed = status >= 500;
  return {
    ...ids,
    ...(trace === undefined ? {} : { parentSpanId: trace.parentSpanId }),
    name: [method ?? "HTTP", route].join(" ").trim(),
    kind: SERVER,
    startTimeUnixNano: unixNano(request, request.begun),
    endTimeUnixNano: unixNano(request, request.ended),
    attributes: attributesOf({
      "http.request.method": method ?? "_OTHER",
      "http.route": route,
      "http.response.status_code": status,
      "url.path": route ?? REDACTED,
      "url.scheme": request.scheme,
      "error.type": failed ? request.errorCode ?? String(status) : undefined,
      "billingos.request_id": request.requestId,
      "billingos.error_code": request.errorCode,
      "billingos.session_trace_id": request.session?.traceId,
    }),
    // What belongs to the checkout and is no child of it, as https://opentelemetry.io/docs/concepts/signals/traces/#span-links has it.
    ...(session === undefined || session.opened
      ? {}
      : { links: [{ traceId: session.traceId, spanId: session.spanId }] }),
    ...(failed ? { status: ERROR } : {}),
  };
}

function clientSpan(request: TracedRequest, call: DependencyCall, parent: Ids): Span {
  const { method, status, failure } = call;
  const { origin, hostname, port, protocol, pathname } = new URL(call.url);
  const template = templateOf(pathname);
  const failed = status === undefined || status >= 400;
  return {
    traceId: parent.traceId,
    spanId: hex(8),
    parentSpanId: parent.spanId,
    name: `${method} ${template}`,
    kind: CLIENT,
    startTimeUnixNano: unixNano(request, call.begun),
    endTimeUnixNano: unixNano(request, call.ended),
    attributes: attributesOf({
      "http.request.method": method,
      "http.response.status_code": status,
      "server.address": hostname,
      "server.port": Number(port === "" ? (protocol === "https:" ? 443 : 80) : port),
      // Without its query: Stripe takes e-mail addresses there.
      "url.full": origin + pathname,
      "url.template": template,
      "error.type": failed ? failure ?? String(status) : undefined,
      "billingos.dependency": call.dependency,
    }),
    ...(failed ? { status: ERROR } : {}),
  };
}

/** A path with `{id}` for each id: Stripe's have a prefix and a digit or a capital letter. */
const templateOf = (pathname: string): string =>
  pathname.replaceAll(/\/[a-z]{1,10}_(?=\w*[0-9A-Z])\w+/g, "/{id}");
