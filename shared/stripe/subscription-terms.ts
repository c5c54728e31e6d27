import type Stripe from "stripe";
import type { FulfilmentPlan } from "../database/rows.ts";
import { afterPeriods } from "../domain/billing-period.ts";
import { type CalendarDay, EARLY, type FirstAnchor, firstAnchor } from "../domain/first-anchor.ts";
import { type LaterDiscount, laterDiscount } from "../domain/later-discount.ts";

/** What Stripe is told of a subscription's first charge, and what is left of its discount by then. */
export interface SubscriptionTerms {
  readonly parameters: Partial<Stripe.SubscriptionCreateParams>;
  readonly later: LaterDiscount | null;
}

const DAY = 86_400;

/** The terms of a session's subscription that is made now (Unix seconds). */
export function subscriptionTerms(plan: FulfilmentPlan, now: number): SubscriptionTerms {
  return plan.trialDays > 0 ? trialOf(plan, now) : paidUntil(plan, now);
}

/** Without a card at its end a trial is over, and nothing is owed. */
function trialOf(plan: FulfilmentPlan, now: number): SubscriptionTerms {
  const end = now + plan.trialDays * DAY;
  return {
    parameters: {
      trial_period_days: plan.trialDays,
      trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
    },
    later: plan.discount && laterDiscount(plan.discount, {
      recurrence: plan,
      now,
      isPaid: false,
      chargeAt: (index) => afterPeriods(end, plan, index),
    }),
  };
}

/** Law 2: the payment intent has paid the first period; Stripe's first charge is the second one's. */
function paidUntil(plan: FulfilmentPlan, now: number): SubscriptionTerms {
  // Stripe begins the discount's months as it makes the subscription, a moment after the payment: only an earlier anchor
  // puts each charge on its own side of their end.
  const early = firstAnchor(plan.paidAt, plan, now, { early: true });
  const later = plan.discount && laterDiscount(plan.discount, {
    recurrence: plan,
    // Never before the payment, whatever the clocks say.
    now: Math.max(now, plan.paidAt),
    isPaid: true,
    chargeAt: (index) =>
      early.day === undefined
        ? afterPeriods(early.at, plan, index)
        : afterPeriods(plan.paidAt, plan, index + 1) - EARLY,
  });
  const anchor = later?.duration === "repeating" ? early : firstAnchor(plan.paidAt, plan, now);
  return { parameters: { ...anchored(anchor), proration_behavior: "none" }, later };
}

function anchored({ at, day }: FirstAnchor): Partial<Stripe.SubscriptionCreateParams> {
  return day === undefined
    ? { billing_cycle_anchor: at }
    : { billing_cycle_anchor_config: calendarDay(day) };
}

const calendarDay = ({ dayOfMonth, ...time }: CalendarDay) => ({
  day_of_month: dayOfMonth,
  ...time,
});
