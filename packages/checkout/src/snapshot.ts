import { type Check, isObject } from "./request.ts";
import type { CheckoutStatus, Snapshot } from "./types.ts";

/** Whether a session can still become something else, by its status. */
const isFinal: Readonly<Record<CheckoutStatus, boolean>> = {
  pending: false,
  requires_action: false,
  processing: false,
  succeeded: true,
  failed: true,
  // Money that lands late is still honored.
  expired: false,
  canceled: true,
};

/** Whether the checkout has come to its end; what its subscription becomes later still makes new versions. */
export const isOver = ({ status }: Snapshot): boolean => isFinal[status];

/**
 * Whether this is a snapshot of the session: what decides how messages are taken is looked at. The rest is the service's own
 * writing, since no browser can send on a checkout's channel.
 */
export const isSnapshotOf = (sessionId: string): Check<Snapshot> => (value): value is Snapshot =>
  isObject(value) && value["id"] === sessionId && Number.isInteger(value["version"]) &&
  typeof value["status"] === "string" && Object.hasOwn(isFinal, value["status"]);
