import type { Snapshot } from "../contract/snapshot.ts";
import type { FulfillmentPlan, RefusalReason } from "../domain/plans.ts";
import { causeText } from "../runtime/cause.ts";
import { StripeRefusal } from "../stripe/errors.ts";
import type { BilledSubscription } from "../stripe/subscriptions.ts";
import type { CheckoutPorts } from "./ports.ts";

export interface PaidSubscription {
  readonly stripeSubscriptionId: string;
  /** As it is since, where that was answered along. */
  readonly subscription?: BilledSubscription;
}

/** A step of a fulfillment that came to an end at Stripe: the subscription is paid for, or why it will not be. */
export type Paid =
  | { readonly outcome: "paid" } & PaidSubscription
  | { readonly outcome: "refused"; readonly reason: RefusalReason }
  /** Our rows are to be planned from again. */
  | { readonly outcome: "stale" };

/** What came of a paid session: it is fulfilled, or why its payment has to go back. */
export type Fulfilled =
  | { readonly outcome: "succeeded"; readonly snapshot: Snapshot }
  /** Our rows were written meanwhile: plan again. */
  | { readonly outcome: "stale" }
  | { readonly outcome: "refused"; readonly reason: RefusalReason }
  /** That the payment goes back has been decided by another. */
  | { readonly outcome: "refund" };

/** Rethrows what is to be tried again. */
export function givenUp(
  { log }: Pick<CheckoutPorts, "log">,
  { sessionId, overdue }: Pick<FulfillmentPlan, "sessionId" | "overdue">,
  error: unknown,
): Fulfilled {
  const isFinal = error instanceof StripeRefusal && error.isFinal;
  if (!isFinal && !overdue) {
    if (error instanceof StripeRefusal) {
      log.error("stripe refused, and is asked again", { sessionId, cause: causeText(error) });
    }
    throw error;
  }
  const about = { sessionId, cause: causeText(error) };
  if (isFinal) {
    log.error("stripe refused", about);
    return { outcome: "refused", reason: "fulfillment_refused" };
  }
  log.error("not fulfilled by its deadline", about);
  return { outcome: "refused", reason: "deadline_passed" };
}
