import * as z from "zod";
import type { Call } from "./client.ts";

const claimedEvent = z.object({
  eventId: z.uuid(),
  payload: z.object({
    type: z.string(),
    livemode: z.boolean(),
    account: z.string().optional(),
    data: z.object({ object: z.record(z.string(), z.unknown()) }),
  }),
});

const claimedAccount = z.object({
  stripeAccountId: z.string().nullable(),
  /** Unix seconds, as is the next. */
  eventsUntil: z.number().int(),
  intentsUntil: z.number().int(),
});
export type ClaimedAccount = z.infer<typeof claimedAccount>;

/** Seconds for which a run may hold an event; longer than an edge function may run. */
const LEASE_SECONDS = 180;

/** The typed calls by which reconcile takes up work; each claim is one run's alone. */
export function repairs(call: Call) {
  return {
    claimEvents: (limit: number) =>
      call(
        "claim_events",
        { p_limit: limit, p_lease_seconds: LEASE_SECONDS },
        z.array(claimedEvent),
      ),

    claimSessions: (limit: number) => call("claim_sessions", { p_limit: limit }, z.array(z.uuid())),

    claimAccount: (intervalSeconds: number, livemode: boolean) =>
      call("claim_account", {
        p_interval_seconds: intervalSeconds,
        p_livemode: livemode,
      }, claimedAccount.nullable()),

    claimUnavailableAccounts: (limit: number, intervalSeconds: number, livemode: boolean) =>
      call("claim_unavailable_accounts", {
        p_limit: limit,
        p_interval_seconds: intervalSeconds,
        p_livemode: livemode,
      }, z.array(z.string())),

    /** Stripe's ids of subscriptions on one account that are to be read again. */
    claimSubscriptions: (stripeAccountId: string | null, livemode: boolean, limit: number) =>
      call("claim_subscriptions", {
        p_stripe_account_id: stripeAccountId ?? "",
        p_livemode: livemode,
        p_limit: limit,
      }, z.array(z.string())),

    restSubscription: (stripeSubscriptionId: string) =>
      call(
        "rest_subscription",
        { p_stripe_subscription_id: stripeSubscriptionId },
        z.unknown(),
      ),

    expireGrants: (limit: number) => call("expire_grants", { p_limit: limit }, z.number().int()),

    advanceAccount: (
      stripeAccountId: string | null,
      livemode: boolean,
      until: { readonly events?: number; readonly intents?: number },
    ) =>
      call("advance_account", {
        p_stripe_account_id: stripeAccountId ?? "",
        p_livemode: livemode,
        ...(until.events === undefined ? {} : { p_events_until: until.events }),
        ...(until.intents === undefined ? {} : { p_intents_until: until.intents }),
      }, z.unknown()),

    postponeAccount: (stripeAccountId: string | null, livemode: boolean, seconds: number) =>
      call("postpone_account", {
        p_stripe_account_id: stripeAccountId ?? "",
        p_livemode: livemode,
        p_seconds: seconds,
      }, z.unknown()),

    unknownIntents: (stripePaymentIntentIds: string[]) =>
      call(
        "unknown_intents",
        { p_stripe_payment_intent_ids: stripePaymentIntentIds },
        z.array(z.string()),
      ),

    renewFree: (limit: number) =>
      call("renew_free_subscriptions", { p_limit: limit }, z.number().int()),

    prune: (limit: number, days: number) =>
      call(
        "prune",
        { p_limit: limit, p_days: days },
        z.object({ events: z.number().int(), tokens: z.number().int() }),
      ),
  };
}

export type Repairs = ReturnType<typeof repairs>;
