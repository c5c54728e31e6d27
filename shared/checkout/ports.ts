import type { Snapshot } from "../contract/snapshot.ts";
import type { Checkouts } from "../database/checkouts.ts";
import type { FulfilmentPlan, RefusalReason } from "../database/rows.ts";
import { causeText } from "../runtime/cause.ts";
import type { Logger } from "../runtime/log.ts";
import { StripeRefusal } from "../stripe/errors.ts";
import type { StripeGateway } from "../stripe/gateway.ts";

export interface CheckoutPorts {
  readonly checkouts: Checkouts;
  readonly stripe: StripeGateway;
  readonly log: Logger;
}

/** Who asks: a webhook's event is marked processed in the transaction that has its effect. */
export interface Cause {
  readonly eventId?: string | undefined;
  readonly attemptNumber?: number | undefined;
}

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
  { sessionId, overdue }: Pick<FulfilmentPlan, "sessionId" | "overdue">,
  error: unknown,
): Fulfilled {
  const isFinal = error instanceof StripeRefusal && error.isFinal;
  if (!isFinal && !overdue) {
    if (error instanceof StripeRefusal) {
      log.error("stripe refused, and is asked again", { sessionId, cause: causeText(error) });
    }
    throw error;
  }
  const told = isFinal ? "stripe refused" : "not fulfilled by its deadline";
  log.error(told, { sessionId, cause: causeText(error) });
  return { outcome: "refused", reason: isFinal ? "fulfillment_refused" : "deadline_passed" };
}
