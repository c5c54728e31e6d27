import type Stripe from "stripe";
import { CheckoutError } from "../runtime/errors.ts";
import type { Account } from "./account.ts";
import { found } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { hasEnded, isMerchantsOwn, type Subscriptions } from "./subscriptions.ts";
import { isReplay, writeOrRefuse } from "./write.ts";

/** Which subscription is to end with its period, or to go on. */
export interface Ending {
  readonly stripeSubscriptionId: string;
  readonly account: Account;
  readonly ending: boolean;
  /** Of our row when this was asked for. What is asked again later, after a change, has another key at Stripe. */
  readonly revision: number;
}

/** `unsure`: Stripe answered with what it had answered before, and the subscription may have changed since. */
export type Ended = "done" | "ended" | "unsure";

/** The calls that let a subscription end with its period. */
export interface Cancellations {
  /**
   * Says so at Stripe, or takes it back; nothing where it is so already. Throws `change_unavailable` where somebody else has fixed when
   * it ends (a schedule, a date that is not its period's end), where the platform has not made it, and while it has not begun.
   */
  set(wanted: Ending): Promise<Ended>;
}

/**
 * What is to be told to Stripe; undefined where it is so. In flexible billing mode Stripe's portal sets a date and not the flag
 * (https://docs.stripe.com/billing/subscriptions/billing-mode/compare); whether taking back the flag takes back the date, and the other
 * way round, is not relied on: each is taken back until neither is left.
 */
function step(
  { cancel_at_period_end: flag, cancel_at: date, items }: Stripe.Subscription,
  ending: boolean,
): Stripe.SubscriptionUpdateParams | undefined {
  const periodEnds = items.data.map((item) => item.current_period_end);
  if (!flag && date !== null && !periodEnds.includes(date)) {
    // It ends before its period does: so be it. The date of one that was sold for a term is not the customer's to move.
    if (ending && date < Math.max(...periodEnds)) return undefined;
    throw new CheckoutError("change_unavailable");
  }
  if (ending) return flag || date !== null ? undefined : { cancel_at_period_end: true };
  if (flag) return { cancel_at_period_end: false };
  return date === null ? undefined : { cancel_at: "" };
}

export const cancellations = (
  stripe: Stripe,
  subscriptions: Pick<Subscriptions, "retrieve">,
): Cancellations => ({
  async set({ stripeSubscriptionId: id, account, ending, revision }) {
    const seen = await found(subscriptions.retrieve(id, account));
    if (seen === undefined || hasEnded(seen)) return "ended";
    // Stripe refuses both: https://docs.stripe.com/billing/subscriptions/subscription-schedules (recorded in
    // https://github.com/dust-tt/dust/pull/32051), and package: Subscription.status (`incomplete`).
    if (seen.schedule !== null || seen.status === "incomplete") {
      throw new CheckoutError("change_unavailable");
    }
    const parameters = step(seen, ending);
    if (parameters === undefined) return "done";
    if (isMerchantsOwn(seen, account)) throw new CheckoutError("change_unavailable");
    const made = await writeOrRefuse<Stripe.Subscription>({
      account,
      idempotencyKey: await idempotencyKey("ending", id, { revision, ...parameters }),
      run: (keyed) => stripe.subscriptions.update(id, parameters, keyed),
      find: async () => {
        const again = await found(subscriptions.retrieve(id, account));
        if (again === undefined) return undefined;
        return hasEnded(again) || step(again, ending) === undefined ? again : undefined;
      },
    });
    if (hasEnded(made)) return "ended";
    return isReplay(made) || step(made, ending) !== undefined ? "unsure" : "done";
  },
});
