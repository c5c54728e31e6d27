import * as z from "zod/mini";
import { grouped } from "../runtime/grouped.ts";
import { present } from "../runtime/present.ts";
import type { Call } from "./client.ts";
import type { Json } from "./database.types.ts";
import type { Command } from "../domain/event-command.ts";
import type { SubscriptionFacts } from "../domain/facts.ts";
import { locatedCheckout } from "../domain/sessions.ts";
import { LEASE_SECONDS } from "./lease.ts";
import {
  locatedInvoice,
  type LocatedSubscription,
  locatedSubscription,
  type RecordedSubscription,
  recordedSubscription,
} from "./located-billing.ts";

const received = z.object({
  outcome: z.enum(["claimed", "processed", "in_work", "dead"]),
  eventId: z.uuid(),
  /** What a claimed one is about, each as its `locate…` answers it. */
  session: z.optional(locatedCheckout),
  subscription: z.optional(z.nullable(locatedSubscription)),
  invoice: z.optional(locatedInvoice),
});

const severalReceived = z.array(received);

/** Stripe itself gives up after three days; with the doubling wait this many tries outlast that. */
const MAX_ATTEMPTS = 80;

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  readonly account?: string | undefined;
  /** Without any client secret. */
  readonly payload: Json;
  /** What it asks for; left out where nothing is to be answered of what it is about. */
  readonly command?: Command["kind"] | undefined;
}

export type Received = z.output<typeof received>;

/** The typed calls of the webhook inbox and of what follows from its events. */
export interface Events {
  /** The same calls, made for an event, whose mark what they write carries, or for none. */
  for(eventId?: string): Events;
  /**
   * Stores an event, or finds it stored; `claimed` where it is to be acted upon now. Events that come while others are being stored are
   * stored together.
   */
  receive(event: ReceivedEvent): Promise<Received>;
  /** Marks an event that has brought nothing about. */
  finish(eventId: string, outcome: "ignored"): Promise<unknown>;
  /** Gives the lease back: the event comes again later, unless it has failed too often. */
  fail(eventId: string, error: string): Promise<unknown>;
  /** Null where the subscription is not known. */
  locateSubscription(stripeSubscriptionId: string): Promise<LocatedSubscription | null>;
  /** Writes a known subscription; `stale` where its row was written since it was located. */
  recordSubscription(
    seenRevision: number,
    facts: SubscriptionFacts & { readonly trialWillEnd: boolean },
  ): Promise<RecordedSubscription>;
}

export function events(call: Call, eventId?: string): Events {
  return {
    for: (event) => events(call, event),

    receive: grouped((batch) => receiveAll(call, batch)),

    finish: (event, outcome) =>
      call("finish_event", { p_event_id: event, p_outcome: outcome }, z.unknown()),

    fail: (event, error) =>
      call("fail_event", {
        p_event_id: event,
        p_error: error,
        p_max_attempts: MAX_ATTEMPTS,
      }, z.unknown()),

    locateSubscription: (stripeSubscriptionId) =>
      call("locate_subscription", {
        p_stripe_subscription_id: stripeSubscriptionId,
      }, z.nullable(locatedSubscription)),

    recordSubscription: (seenRevision, facts) =>
      call("record_subscription", {
        p_seen_revision: seenRevision,
        p_subscription: { ...facts },
        ...present({ p_event_id: eventId }),
      }, recordedSubscription),
  };
}

async function receiveAll(
  call: Call,
  batch: readonly ReceivedEvent[],
): Promise<readonly Received[]> {
  const [event] = batch;
  if (event === undefined || batch.length > 1) {
    return call("receive_events", {
      p_events: batch.map((one) => ({
        ...one,
        command: one.command ?? null,
        account: one.account ?? null,
      })),
      p_lease_seconds: LEASE_SECONDS,
    }, severalReceived);
  }
  return [
    await call("receive_event", {
      p_stripe_event_id: event.id,
      p_type: event.type,
      p_livemode: event.livemode,
      p_payload: event.payload,
      p_lease_seconds: LEASE_SECONDS,
      ...present({ p_stripe_account_id: event.account, p_command: event.command }),
    }, received),
  ];
}
