import type { LogFields } from "../runtime/log.ts";

/**
 * What every log line about a session says of it. Its trace is that of the call which opened it: by this one id the lines of
 * all requests are found that had to do with it, Stripe's deliveries and the repairs included, which have traces of their own
 * or none.
 */
export const aboutSession = (
  { sessionId, traceId }: { readonly sessionId: string; readonly traceId: string | null },
): LogFields => ({ sessionId, sessionTraceId: traceId ?? undefined });
