import type { Account } from "../store/account.ts";
import type { Subscription } from "../store/types.ts";
import type { Context } from "./context.ts";

export type EndReason = "cancellation_requested" | "payment_failed";

/** Changes a subscription and tells of it, when anything did change. */
export function changeSubscription(
  { world, account, actor }: Context,
  subscription: Subscription,
  apply: (subscription: Subscription) => void,
): void {
  world.change(account, "customer.subscription.updated", subscription, actor, apply);
}

/** Ends a subscription for good. */
export function endSubscription(
  { world, account, actor }: Context,
  subscription: Subscription,
  reason: EndReason,
): void {
  const now = world.clock.now();
  subscription.status = "canceled";
  subscription.canceled_at ??= now;
  subscription.ended_at = now;
  if (subscription.cancellation_details !== null) {
    subscription.cancellation_details.reason ??= reason;
  }
  stopCollecting(account, subscription);
  world.emit(account, "customer.subscription.deleted", subscription, actor);
}

/** Leaves what is still owed for a subscription to be paid by hand. */
function stopCollecting(account: Account, subscription: Subscription): void {
  for (const invoice of account.unpaidInvoices) {
    if (invoice.parent?.subscription_details?.subscription !== subscription.id) continue;
    invoice.auto_advance = false;
    invoice.automatically_finalizes_at = null;
    invoice.next_payment_attempt = null;
  }
}

/** Ends a subscription whose first invoice nobody has paid, nor will. */
export function expireSubscription(
  context: Context,
  subscription: Subscription,
  reason?: EndReason,
): void {
  const now = context.world.clock.now();
  changeSubscription(context, subscription, () => {
    subscription.status = "incomplete_expired";
    subscription.ended_at = now;
    if (reason === undefined) return;
    subscription.canceled_at ??= now;
    if (subscription.cancellation_details !== null) {
      subscription.cancellation_details.reason ??= reason;
    }
  });
}

const NOTICE_SECONDS = 3 * 86_400;

/** Tells at once of a trial that ends within three days; the clock tells of the others. */
export function tellTrialEndIfNear(
  { world, account, actor }: Context,
  subscription: Subscription,
): void {
  account.trialEndTold.delete(subscription.id);
  if ((subscription.trial_end ?? Infinity) - NOTICE_SECONDS > world.clock.now()) return;
  account.trialEndTold.add(subscription.id);
  world.emit(account, "customer.subscription.trial_will_end", subscription, actor);
}
