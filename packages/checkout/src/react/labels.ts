import type { ProductPrice } from "../types.ts";

/** What the components say of themselves; an app in another language gives its own. */
export interface Labels {
  readonly close: string;
  readonly choosePlan: string;
  readonly choose: string;
  readonly currentPlan: string;
  readonly trial: (days: number) => string;
  readonly free: string;
  readonly interval: (price: Pick<ProductPrice, "interval" | "intervalCount">) => string;
  readonly intervals: string;
  readonly dueNow: string;
  readonly discount: string;
  readonly tax: string;
  readonly confirmFree: string;
  readonly pay: string;
  readonly action: string;
  readonly continueAtBank: string;
  readonly processing: string;
  readonly loading: string;
  readonly success: string;
  readonly failure: string;
  readonly unavailable: string;
  readonly retry: string;
}

export const english: Labels = {
  close: "Close",
  choosePlan: "Choose a plan",
  choose: "Choose",
  currentPlan: "Current plan",
  trial: (days) => `Try it ${days} days for free`,
  free: "Free",
  interval: ({ interval, intervalCount }) =>
    intervalCount === 1 ? `per ${interval}` : `every ${intervalCount} ${interval}s`,
  intervals: "Billing period",
  dueNow: "Due now",
  discount: "Discount",
  tax: "Tax",
  confirmFree: "Start now",
  pay: "Payment",
  action: "Your bank wants to confirm this with you.",
  continueAtBank: "Continue with your bank",
  processing: "Your payment is being processed.",
  loading: "One moment.",
  success: "Done. Your subscription is active.",
  failure: "This did not work.",
  unavailable: "The plans cannot be shown at the moment.",
  retry: "Try again",
};
