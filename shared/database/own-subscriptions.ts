import * as z from "zod/mini";
import { ownSubscription } from "../contract/subscription.ts";
import type { SessionCaller } from "../domain/caller.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";
import { rateLimited } from "./rate-limited.ts";

const refusedToken = z.object({ outcome: z.enum(["unauthorized", "forbidden"]) });
const notTheirs = z.object({ outcome: z.literal("subscription_not_found") });

const list = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("read"),
    subscriptions: z.array(z.object({
      subscription: ownSubscription,
      stripeSubscriptionId: z.optional(z.string()),
      stripeAccountId: z.optional(z.string()),
    })),
  }),
  refusedToken,
  rateLimited,
]);

const one = z.object({ outcome: z.literal("read"), subscription: ownSubscription });
const read = z.discriminatedUnion("outcome", [one, refusedToken, notTheirs]);

const atStripe = z.object({
  outcome: z.literal("at_stripe"),
  stripeSubscriptionId: z.string(),
  stripeAccountId: z.nullable(z.string()),
});
export type EndingAtStripe = z.output<typeof atStripe>;

const begun = z.discriminatedUnion("outcome", [
  one,
  atStripe,
  z.object({ outcome: z.enum(["subscription_ended", "change_in_progress"]) }),
  refusedToken,
  notTheirs,
  rateLimited,
]);

/** The typed calls about a customer's own subscriptions; what each outcome means stands beside the SQL function. */
export interface OwnSubscriptionRows {
  /** The live ones; with `preview` also by what they are known at Stripe. */
  list(caller: SessionCaller, preview: boolean): Promise<z.output<typeof list>>;
  /** One, live or ended. */
  read(caller: SessionCaller, subscriptionId: string): Promise<z.output<typeof read>>;
  /** That one is to end with its period, or to go on: done where it is free, else to be done at Stripe. */
  beginEnding(
    caller: SessionCaller,
    subscriptionId: string,
    ending: boolean,
  ): Promise<z.output<typeof begun>>;
}

export const ownSubscriptionRows = (call: Call): OwnSubscriptionRows => ({
  list: (caller, preview) =>
    call("read_subscriptions", { ...callerArguments(caller), p_preview: preview }, list),

  read: (caller, subscriptionId) =>
    call(
      "read_own_subscription",
      { ...callerArguments(caller), p_subscription_id: subscriptionId },
      read,
    ),

  beginEnding: (caller, subscriptionId, ending) =>
    call("begin_ending", {
      ...callerArguments(caller),
      p_subscription_id: subscriptionId,
      p_ending: ending,
    }, begun),
});
