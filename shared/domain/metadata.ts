import { METADATA_PREFIX } from "../contract/primitives.ts";

export type Metadata = Readonly<Record<string, string>>;

/** What of a session stands in the metadata of its intent and its subscription. */
export interface DescribedSession {
  readonly sessionId: string;
  readonly organizationId: string;
  /** The trace that the call which opened the session was part of; null where its caller named none. */
  readonly traceId: string | null;
  /** The merchant's. */
  readonly metadata: Metadata;
}

/** The key of ours that has the trace's id. */
export const TRACE_KEY = "trace_id";

/**
 * The merchant's metadata with ours, as Stripe is given them: a function of a row that does not change, and of nothing that the
 * request at hand says, so that a retry sends the same under the same idempotency key (law 12).
 */
export const stripeMetadata = (
  { sessionId, organizationId, traceId, metadata }: DescribedSession,
): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [METADATA_PREFIX + key, value]),
  ),
  checkout_session_id: sessionId,
  organization_id: organizationId,
  ...(traceId === null ? {} : { [TRACE_KEY]: traceId }),
});
