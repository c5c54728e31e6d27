import type { Snapshot } from "./contract/snapshot.ts";
import type { ChangePlan, CreatedSession } from "./database/rows.ts";
import { CheckoutError } from "./errors.ts";
import type { Cause, Fulfilment } from "./fulfilment.ts";
import { causeText } from "./http/error-response.ts";
import type { SessionIntentPorts } from "./session-intent.ts";
import { StripeRefusal } from "./stripe/errors.ts";
import { subscriptionFacts } from "./stripe/facts.ts";

const MAX_READS = 8;

/**
 * The session with what its change of price comes to: asked of Stripe once and then kept, so that whoever asks again, also
 * after a crash in between, is told the same. A session of another mode is given back as it is.
 */
export async function previewed(
  { checkouts, stripe }: Pick<SessionIntentPorts, "checkouts" | "stripe">,
  session: CreatedSession,
): Promise<CreatedSession> {
  const { change } = session;
  if (change === null || change.previewed) return session;
  const { stripeSubscriptionId, stripePriceId } = change;
  // A free subscription is unknown to Stripe; what it changes to costs its first period.
  if (stripeSubscriptionId === null || stripePriceId === null) return session;
  if (session.status === "expired") throw new CheckoutError("session_expired");
  if (session.status !== "pending") throw new CheckoutError("session_closed");
  const preview = await stripe.subscriptionChanges.preview({
    stripeSubscriptionId,
    stripePriceId,
    taxed: change.taxed,
    firstDiscount: change.firstDiscount,
    stripeAccountId: session.stripeAccountId,
  });
  return checkouts.recordChangePreview(session.id, preview);
}

export type Changed =
  | { readonly outcome: "succeeded"; readonly snapshot: Snapshot }
  /** Stripe's subscription is no longer the one that was previewed: nothing was changed. */
  | { readonly outcome: "superseded" }
  /** Our row was written meanwhile: plan again. */
  | { readonly outcome: "stale" }
  | { readonly outcome: "refund" };

/** Carries a decided change out at Stripe, once, and writes it down. */
export async function changeSubscription(
  { checkouts, stripe, log }: Fulfilment,
  plan: ChangePlan,
  { eventId }: Cause,
): Promise<Changed> {
  if (!await stripe.subscriptionChanges.apply(plan)) return { outcome: "superseded" };
  // Read anew: the change may have been made long ago, by a run that died.
  const subscription = await stripe.subscriptions.retrieve(
    plan.stripeSubscriptionId,
    plan.stripeAccountId,
  );
  const completed = await checkouts.completeChange(plan, subscriptionFacts(subscription), eventId);
  if (completed.outcome === "succeeded") {
    log.info("changed", { sessionId: plan.sessionId, subscriptionId: plan.stripeSubscriptionId });
  }
  return completed;
}

/** The same for a confirmed change of which nothing was due: its end, good or bad, is the snapshot's. */
export async function carryOut(ports: Fulfilment, confirmed: ChangePlan): Promise<Snapshot> {
  const { checkouts, log } = ports;
  const { sessionId } = confirmed;
  let plan: ChangePlan | null = confirmed;
  for (let reads = 0; reads < MAX_READS && plan !== null; reads += 1) {
    const changed: Changed = await changedOrRefused(ports, plan);
    if (changed.outcome === "succeeded") return changed.snapshot;
    if (changed.outcome === "superseded") {
      log.warn("change refused", { sessionId });
      return checkouts.refuseChange(sessionId);
    }
    plan = await checkouts.resumeChange(sessionId);
  }
  const read = await checkouts.read(sessionId);
  if (plan === null && read !== null) return read.snapshot;
  throw new CheckoutError("database_unavailable", {
    cause: new Error(`subscription kept changing through ${MAX_READS} reads`),
  });
}

/** What Stripe refuses for good is a change that cannot be made. */
async function changedOrRefused(ports: Fulfilment, plan: ChangePlan): Promise<Changed> {
  try {
    return await changeSubscription(ports, plan, {});
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    ports.log.error("stripe refused", { sessionId: plan.sessionId, cause: causeText(error) });
    return { outcome: "superseded" };
  }
}
