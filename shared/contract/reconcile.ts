import * as z from "zod/mini";

const count = z.int().check(z.minimum(0));

/** What one run of reconcile did. A failure is left for the next run and is in the log. */
export const reconcileResponse = z.object({
  /** Stored events that were due. */
  events: z.object({ worked: count, failed: count }),
  /** Sessions that were stuck, expired or paid without a subscription. */
  sessions: z.object({ settled: count, failed: count }),
  /** Stripe's events that no delivery had brought. */
  missedEvents: z.object({ worked: count, failed: count }),
  /** Subscriptions that were read again although nothing was told of them, and those that had changed. */
  subscriptions: z.object({ read: count, changed: count, failed: count }),
  /** Intents at Stripe that no session knows. */
  strayIntents: z.object({ canceled: count, failed: count }),
  /** Free subscriptions whose next period began. */
  freeSubscriptions: z.object({ renewed: count }),
  /** Subscriptions whose grace period had ended: their features were taken. */
  grants: z.object({ expired: count }),
  pruned: z.object({ events: count, tokens: count }),
});
export type ReconcileResponse = z.infer<typeof reconcileResponse>;
