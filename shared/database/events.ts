import * as z from "zod";
import type { Call } from "./client.ts";
import type { Json } from "./database.types.ts";
import type { SubscriptionFacts } from "./rows.ts";

const received = z.object({
  outcome: z.enum(["claimed", "processed", "in_work", "dead"]),
  eventId: z.uuid(),
});
const located = z.object({
  subscriptionId: z.uuid(),
  revision: z.number().int(),
  stripeItemId: z.string().nullable(),
  stripePriceId: z.string().nullable(),
});
const recorded = z.object({
  outcome: z.enum(["recorded", "stale", "unknown"]),
  /** Whether the row said otherwise. */
  changed: z.boolean().optional(),
  /** Why the product stays although the price at Stripe is another. */
  price: z.enum(["unknown", "taken"]).optional(),
});
const nothing = z.unknown().transform(() => undefined);

/** Seconds for which a worker may hold an event; longer than an edge function may run. */
const LEASE_SECONDS = 180;
/** Stripe itself gives up after three days; with the doubling wait this many tries outlast that. */
const MAX_ATTEMPTS = 80;

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  readonly account?: string | undefined;
  /** Without any client secret. */
  readonly payload: Json;
}

/** The typed calls of the webhook inbox and of what follows from its events. */
export function events(call: Call) {
  return {
    receive: (event: ReceivedEvent) =>
      call("receive_event", {
        p_stripe_event_id: event.id,
        p_type: event.type,
        p_livemode: event.livemode,
        p_payload: event.payload,
        p_lease_seconds: LEASE_SECONDS,
        ...(event.account === undefined ? {} : { p_stripe_account_id: event.account }),
      }, received),

    finish: (eventId: string, outcome: "ignored" | "superseded") =>
      call("finish_event", { p_event_id: eventId, p_outcome: outcome }, nothing),

    fail: (eventId: string, error: string) =>
      call("fail_event", {
        p_event_id: eventId,
        p_error: error,
        p_max_attempts: MAX_ATTEMPTS,
      }, nothing),

    locateSubscription: (stripeSubscriptionId: string) =>
      call("locate_subscription", {
        p_stripe_subscription_id: stripeSubscriptionId,
      }, located.nullable()),

    /** @param eventId is marked with it; left out where more has to be written for the event */
    recordSubscription: (
      seenRevision: number,
      facts: SubscriptionFacts & { readonly trialWillEnd: boolean },
      eventId?: string,
    ) =>
      call("record_subscription", {
        p_seen_revision: seenRevision,
        p_subscription: { ...facts },
        ...(eventId === undefined ? {} : { p_event_id: eventId }),
      }, recorded),
  };
}

export type Events = ReturnType<typeof events>;
