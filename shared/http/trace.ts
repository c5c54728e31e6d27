/** A version, the trace's id, the caller's span and flags; later versions may add fields: https://www.w3.org/TR/trace-context/#traceparent-header. */
const traceparent =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/**
 * The id of the trace that a caller says a request is part of, undefined where it says none or says it wrongly. The caller's own
 * word: for finding lines that belong together, and for nothing that is decided.
 */
export function traceIdOf(request: Request): string | undefined {
  const header = request.headers.get("traceparent") ?? "";
  const match = traceparent.exec(header);
  // Version 00 has these four fields and no other.
  if (header.startsWith("00") && match?.[2] !== undefined) return undefined;
  return match?.[1];
}
