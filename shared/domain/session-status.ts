/** `checkout_sessions.status`; callers see `open` as `pending`. */
export const sessionStatuses = [
  "open",
  "requires_action",
  "processing",
  "succeeded",
  "failed",
  "expired",
  "canceled",
] as const;
export type SessionStatus = (typeof sessionStatuses)[number];

/**
 * The edges along which a session's state may go. The table `checkout_transitions` holds the same list and enforces it;
 * a test holds the two equal.
 */
export const transitions: { readonly [from in SessionStatus]: readonly SessionStatus[] } = {
  open: ["requires_action", "processing", "succeeded", "failed", "expired", "canceled"],
  requires_action: ["open", "processing", "succeeded", "failed", "expired", "canceled"],
  processing: ["open", "succeeded", "failed"],
  succeeded: [],
  failed: [],
  expired: ["succeeded"],
  canceled: [],
};

/** Seconds that a customer has to pay. */
export const SESSION_LIFETIME = 3_600;
