import * as z from "zod/mini";
import type { ReconcileResponse } from "../contract/reconcile.ts";
import { present } from "../runtime/present.ts";
import type { Call } from "./client.ts";
import { LEASE_SECONDS } from "./lease.ts";

const claimedEvent = z.object({
  eventId: z.uuid(),
  payload: z.object({
    type: z.string(),
    livemode: z.boolean(),
    account: z.optional(z.string()),
    data: z.object({ object: z.record(z.string(), z.unknown()) }),
  }),
});

const claimedAccount = z.object({
  stripeAccountId: z.nullable(z.string()),
  /** Unix seconds, as is the next. */
  eventsUntil: z.int(),
  intentsUntil: z.int(),
});
/** An account whose lists one run is to read, and how far each was read. */
export type ClaimedAccount = z.infer<typeof claimedAccount>;

const pruned = z.object({ events: z.int(), tokens: z.int(), more: z.boolean() });

/** The typed calls by which reconcile takes up work; each claim is one run's alone. */
export interface Repairs {
  /** Stored events that are due to be worked. */
  claimEvents(limit: number): Promise<z.output<typeof claimedEvent>[]>;
  /** The ids of sessions that are due to be looked at. */
  claimSessions(limit: number): Promise<string[]>;
  /** The account whose lists were not read for the longest time; null where all were read within the interval. */
  claimAccount(intervalSeconds: number, livemode: boolean): Promise<ClaimedAccount | null>;
  /** Stripe's ids of accounts that could not take payments when they were last read. */
  claimUnavailableAccounts(
    limit: number,
    intervalSeconds: number,
    livemode: boolean,
  ): Promise<string[]>;
  /** Stripe's ids of subscriptions on one account that are to be read again. */
  claimSubscriptions(
    stripeAccountId: string | null,
    livemode: boolean,
    limit: number,
  ): Promise<string[]>;
  /** One that Stripe does not have is not asked about again soon. */
  restSubscription(stripeSubscriptionId: string): Promise<unknown>;
  /** Takes back grants that have ended; answers how many. */
  expireGrants(limit: number): Promise<number>;
  /** Keeps how far an account's lists are read, in Unix seconds. */
  advanceAccount(
    stripeAccountId: string | null,
    livemode: boolean,
    until: { readonly events?: number; readonly intents?: number },
  ): Promise<unknown>;
  /** Leaves an account alone for a while. */
  postponeAccount(
    stripeAccountId: string | null,
    livemode: boolean,
    seconds: number,
  ): Promise<unknown>;
  /** Ids of those intents that no session has taken, and that are of an organization of ours. */
  unknownIntents(
    intents: readonly { readonly id: string; readonly organizationId: string }[],
  ): Promise<string[]>;
  /** Begins the next period of free subscriptions; answers how many. */
  renewFree(limit: number): Promise<number>;
  /** Deletes what is no longer needed: worked events older than that, tokens that have expired. */
  prune(limit: number, days: number): Promise<z.output<typeof pruned>>;
  /** Keeps that a run came to its end, and what it did. */
  recordRun(report: ReconcileResponse): Promise<unknown>;
}

export const repairs = (call: Call): Repairs => ({
  claimEvents: (limit) =>
    call(
      "claim_events",
      { p_limit: limit, p_lease_seconds: LEASE_SECONDS },
      z.array(claimedEvent),
    ),

  claimSessions: (limit) => call("claim_sessions", { p_limit: limit }, z.array(z.uuid())),

  claimAccount: (intervalSeconds, livemode) =>
    call("claim_account", {
      p_interval_seconds: intervalSeconds,
      p_livemode: livemode,
    }, z.nullable(claimedAccount)),

  claimUnavailableAccounts: (limit, intervalSeconds, livemode) =>
    call("claim_unavailable_accounts", {
      p_limit: limit,
      p_interval_seconds: intervalSeconds,
      p_livemode: livemode,
    }, z.array(z.string())),

  claimSubscriptions: (stripeAccountId, livemode, limit) =>
    call("claim_subscriptions", {
      p_stripe_account_id: stripeAccountId ?? "",
      p_livemode: livemode,
      p_limit: limit,
    }, z.array(z.string())),

  restSubscription: (stripeSubscriptionId) =>
    call("rest_subscription", { p_stripe_subscription_id: stripeSubscriptionId }, z.unknown()),

  expireGrants: (limit) => call("expire_grants", { p_limit: limit }, z.int()),

  advanceAccount: (stripeAccountId, livemode, until) =>
    call("advance_account", {
      p_stripe_account_id: stripeAccountId ?? "",
      p_livemode: livemode,
      ...present({ p_events_until: until.events, p_intents_until: until.intents }),
    }, z.unknown()),

  postponeAccount: (stripeAccountId, livemode, seconds) =>
    call("postpone_account", {
      p_stripe_account_id: stripeAccountId ?? "",
      p_livemode: livemode,
      p_seconds: seconds,
    }, z.unknown()),

  unknownIntents: (intents) =>
    call(
      "unknown_intents",
      {
        p_stripe_payment_intent_ids: intents.map(({ id }) => id),
        p_organization_ids: intents.map(({ organizationId }) => organizationId),
      },
      z.array(z.string()),
    ),

  renewFree: (limit) => call("renew_free_subscriptions", { p_limit: limit }, z.int()),

  prune: (limit, days) => call("prune", { p_limit: limit, p_days: days }, pruned),

  recordRun: (report) => call("record_reconcile_run", { p_report: report }, z.unknown()),
});
