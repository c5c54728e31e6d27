import type { ProductPrice } from "../types.ts";

/** What the components say of themselves; an app in another language gives its own. */
export interface Labels {
  readonly close: string;
  readonly choosePlan: string;
  readonly otherPlan: string;
  readonly choose: string;
  readonly currentPlan: string;
  /** Of several that the customer has, the one that a plan would be bought in the place of. */
  readonly inPlaceOf: (plan: string) => string;
  /** How to come from a paid plan to a free one; the second where it is to end already. */
  readonly freeByCanceling: (plan: string, end: string) => string;
  readonly freeAfter: (plan: string, end: string) => string;
  /** Leads to where a subscription is ended or paid. */
  readonly manage: string;
  readonly trial: (days: number) => string;
  readonly free: string;
  readonly interval: (price: Pick<ProductPrice, "interval" | "intervalCount">) => string;
  readonly intervals: string;
  readonly features: string;
  readonly order: string;
  readonly seats: string;
  readonly seatsOf: (seats: number) => string;
  readonly fewerSeats: string;
  readonly moreSeats: string;
  readonly seatsBetween: (min: number, max: number | undefined) => string;
  /** An entry that no such thing looks like. */
  readonly invalid: string;
  readonly addCoupon: string;
  readonly coupon: string;
  readonly apply: string;
  readonly remove: (coupon: string) => string;
  readonly address: string;
  readonly addressNeeded: string;
  readonly country: string;
  readonly chooseCountry: string;
  readonly postalCode: string;
  readonly taxId: string;
  readonly saveAddress: string;
  readonly changeAddress: string;
  readonly dueNow: string;
  readonly discount: string;
  readonly tax: string;
  readonly credit: string;
  readonly owed: string;
  /** What comes after a trial, or after a change that costs nothing yet. */
  readonly afterTrial: (price: string, days: number) => string;
  readonly confirmFree: string;
  readonly confirmChange: string;
  readonly pay: string;
  readonly payAmount: (amount: string) => string;
  readonly saveCard: string;
  readonly action: string;
  readonly continueAtBank: string;
  readonly otherMethod: string;
  readonly processing: string;
  readonly loading: string;
  readonly success: string;
  readonly successTrial: string;
  readonly successChange: string;
  readonly done: string;
  readonly failure: string;
  readonly expired: string;
  readonly unavailable: string;
  readonly retry: string;
}

export const english: Labels = {
  close: "Close",
  choosePlan: "Choose a plan",
  otherPlan: "Choose another plan",
  choose: "Choose",
  currentPlan: "Current plan",
  inPlaceOf: (plan) => `In place of ${plan}`,
  freeByCanceling: (plan, end) => `To move to this plan, cancel ${plan}: you keep it until ${end}.`,
  freeAfter: (plan, end) => `Yours to choose once ${plan} has ended, on ${end}.`,
  manage: "Manage subscription",
  trial: (days) => `Try it ${days} days for free`,
  free: "Free",
  interval: ({ interval, intervalCount }) =>
    intervalCount === 1 ? `per ${interval}` : `every ${intervalCount} ${interval}s`,
  intervals: "Billing period",
  features: "What is included",
  order: "Your order",
  seats: "Seats",
  seatsOf: (seats) => seats === 1 ? "1 seat" : `${seats} seats`,
  fewerSeats: "One seat less",
  moreSeats: "One seat more",
  seatsBetween: (min, max) =>
    max === undefined ? `At least ${min} seats.` : `Between ${min} and ${max} seats.`,
  invalid: "Please check this entry.",
  addCoupon: "Add a coupon",
  coupon: "Coupon",
  apply: "Apply",
  remove: (coupon) => `Remove ${coupon}`,
  address: "Billing address",
  addressNeeded: "Taxes follow from where you are.",
  country: "Country",
  chooseCountry: "Choose a country",
  postalCode: "Postal code",
  taxId: "Tax ID of a company, if you have one",
  saveAddress: "Continue",
  changeAddress: "Change the address",
  dueNow: "Due now",
  discount: "Discount",
  tax: "Tax",
  credit: "Your credit",
  owed: "Owed from before",
  afterTrial: (price, days) => `${price} after ${days} days, unless you cancel before.`,
  confirmFree: "Start now",
  confirmChange: "Change the plan",
  pay: "Payment",
  payAmount: (amount) => `Pay ${amount}`,
  saveCard: "Save card and start",
  action: "Your bank wants to confirm this with you.",
  continueAtBank: "Continue with your bank",
  otherMethod: "Pay another way",
  processing: "Your payment is being processed.",
  loading: "One moment.",
  success: "Done. Your subscription is active.",
  successTrial: "Done. Your free trial has begun.",
  successChange: "Done. Your plan has changed.",
  done: "Done",
  failure: "This did not work.",
  expired: "This checkout has expired. Nothing was charged.",
  unavailable: "The plans cannot be shown at the moment.",
  retry: "Try again",
};
