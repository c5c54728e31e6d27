import type { Proration } from "../contract/proration.ts";

/** What a change of a subscription's price came to, in minor units, and why. */
export interface ChangeFigures {
  /** Null for a free subscription, of which Stripe knows nothing. */
  readonly stripeSubscriptionId: string | null;
  readonly trialing: boolean;
  /** A new period begins with the change. */
  readonly restarts: boolean;
  readonly credited: number;
  readonly charged: number;
  /** Of the new plan, in the place of a free one. */
  readonly trialDays: number;
}

export function prorationOf(change: ChangeFigures): Proration {
  const { credited, charged, stripeSubscriptionId } = change;
  const total = charged - credited;
  const fromFree = stripeSubscriptionId === null;
  return { credited, charged, total, fromFree, explanation: explanation(change, total) };
}

function explanation(change: ChangeFigures, total: number) {
  const { stripeSubscriptionId, trialing, restarts, trialDays } = change;
  if (stripeSubscriptionId === null) {
    if (trialDays > 0) {
      return "Your plan so far is free. The new plan begins with a trial, and is charged when that ends.";
    }
    return total > 0
      ? "Your plan so far is free. The first period of the new plan is due now."
      : "Both plans are free. Nothing is due.";
  }
  if (trialing) return "Your trial goes on. The new plan is charged when it ends.";
  if (total < 0) {
    return "Nothing is due now. What you have paid beyond the new plan counts toward your next invoices.";
  }
  if (total === 0) return "Both plans cost the same. Nothing is due now.";
  return restarts
    ? "The unused time of your plan is credited toward the new one, which begins now. The difference is due now."
    : "For the rest of the period you are credited your plan and charged the new one. The difference is due now.";
}
