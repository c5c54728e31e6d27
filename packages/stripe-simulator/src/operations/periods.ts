import { addIntervals, dayOfMonth } from "../core/dates.ts";
import type { Price, Subscription } from "../store/types.ts";

/** The end of a period that begins at `from`; `day` is the day of the month that it is billed on. */
export function nextBoundary(from: number, price: Price, day = dayOfMonth(from)): number {
  const { interval = "month", interval_count = 1 } = price.recurring ?? {};
  return addIntervals(from, interval, interval_count, day);
}

type Cycle = Pick<Subscription, "billing_cycle_anchor">;

/** The day of the month on which a subscription is billed, also when its anchor's month was too short. */
export function billingDay(cycle: Cycle): number {
  return dayOfMonth(cycle.billing_cycle_anchor);
}

/** The period of a price that an instant falls in, counted from the subscription's anchor. */
export function alignedPeriod(
  subscription: Cycle,
  price: Price,
  at: number,
): { start: number; end: number } {
  const { interval = "month", interval_count = 1 } = price.recurring ?? {};
  const day = billingDay(subscription);
  const boundary = (count: number): number =>
    addIntervals(subscription.billing_cycle_anchor, interval, count * interval_count, day);
  let count = 0;
  while (boundary(count) > at) count -= 1;
  while (boundary(count + 1) <= at) count += 1;
  return { start: boundary(count), end: boundary(count + 1) };
}
