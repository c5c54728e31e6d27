/** What a caller says of the trace that a request is part of. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** The caller's span; 16 of them. */
  readonly parentSpanId: string;
  /** Whether the caller records the trace. */
  readonly sampled: boolean;
}

/**
 * A version, the trace's id, the caller's span and flags; later versions may add fields:
 * https://www.w3.org/TR/trace-context/#traceparent-header.
 */
const traceparent =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The flag that says that the caller may have recorded it (3.2.2.5.1, Sampled flag). */
const SAMPLED = 1;

/**
 * The trace that a caller says a request is part of, undefined where it says none or says it wrongly. The caller's own word: for
 * finding what belongs together, and for nothing that is decided.
 */
export function traceContextOf(request: Request): TraceContext | undefined {
  const header = request.headers.get("traceparent") ?? "";
  const [, traceId, parentSpanId, flags = "", more] = traceparent.exec(header) ?? [];
  if (traceId === undefined || parentSpanId === undefined) return undefined;
  // Version 00 has these four fields and no other.
  if (header.startsWith("00") && more !== undefined) return undefined;
  return { traceId, parentSpanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}
