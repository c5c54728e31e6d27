import { periodEnd, type Recurrence } from "./billing-period.ts";

/** How long a discount holds. */
export interface DiscountDuration {
  readonly duration: "once" | "repeating" | "forever";
  /** Of a repeating one. */
  readonly months?: number | undefined;
}

/** What is known of a subscription that is about to be made; times in Unix seconds. */
export interface Discounted {
  readonly recurrence: Recurrence;
  /** When the subscription is made at Stripe. */
  readonly now: number;
  /** Whether the first period has been paid already, less the discount. */
  readonly isPaid: boolean;
  /** When Stripe will charge, counted from zero: at the anchor or the trial's end, and a period later each. */
  readonly chargeAt: (index: number) => number;
}

/** What is left of a discount for Stripe to take off; null where nothing is. `months` count from the making. */
export type LaterDiscount =
  | { readonly duration: "once" | "forever" }
  | { readonly duration: "repeating"; readonly months: number };

/**
 * What Stripe is to take off the periods that it charges for, so that a discount of N months is taken off the periods that
 * begin within N months of the first one, in all. Stripe's own coupon counts its months from the moment at which the
 * subscription is made and holds to the second: in months that end there is chance, so the months given are the least
 * that reach beyond the beginning of the last period.
 */
export function laterDiscount(
  { duration, months = 0 }: DiscountDuration,
  { recurrence, now, isPaid, chargeAt }: Discounted,
): LaterDiscount | null {
  if (duration === "forever") return { duration };
  if (duration === "once") return isPaid ? null : { duration };
  const charged = periodsWithin(months, recurrence) - (isPaid ? 1 : 0);
  if (charged < 1) return null;
  const last = chargeAt(charged - 1);
  let reaching = 1;
  while (inMonths(now, reaching) <= last) reaching += 1;
  return { duration, months: reaching };
}

/** How many periods begin within so many months. */
function periodsWithin(months: number, { interval, intervalCount }: Recurrence): number {
  return Math.ceil(months / (intervalCount * (interval === "year" ? 12 : 1)));
}

const inMonths = (from: number, intervalCount: number) =>
  periodEnd(from, { interval: "month", intervalCount });
