import { callerIfAny, type CallerProofs } from "../../../shared/tokens/caller.ts";
import type { OwnedSnapshot, Snapshot } from "../../../shared/contract/snapshot.ts";
import type { CheckoutReading } from "../../../shared/database/checkout-reading.ts";
import type { OwnedSession } from "../../../shared/domain/sessions.ts";
import { refusedOrLimited } from "../../../shared/database/refused.ts";
import { prorationOf } from "../../../shared/domain/proration.ts";
import { CheckoutError } from "../../../shared/runtime/errors.ts";
import { present } from "../../../shared/runtime/present.ts";
import { causeText } from "../../../shared/runtime/cause.ts";
import { type Call, pathId } from "../../../shared/http/routes.ts";
import type { Logger } from "../../../shared/runtime/log.ts";
import { aboutSession } from "../../../shared/checkout/about-session.ts";
import type { StatusStripe } from "../../../shared/checkout/status.ts";

export interface StatusDependencies {
  readonly checkouts: CheckoutReading;
  readonly proofs: CallerProofs;
  readonly livemode: boolean;
  readonly publishableKey: string;
  readonly lateStripe: () => Promise<StatusStripe>;
}

/** `GET …/:sessionId`: the snapshot; to the session's owner also what create answered. */
export function statusEndpoint(dependencies: StatusDependencies) {
  const { checkouts, proofs, livemode } = dependencies;
  return async ({ request, params, log }: Call): Promise<Response> => {
    const sessionId = pathId(params, "sessionId", "session_not_found");
    const caller = await callerIfAny(request, proofs, { operation: "checkout", livemode });
    const found = await checkouts.readFor(sessionId, caller);
    if (found === null) throw new CheckoutError("session_not_found");
    if ("retryAfter" in found) throw refusedOrLimited(found, log, { sessionId });
    const { owner, stuck, traceId } = found;
    log.note(aboutSession({ sessionId, traceId }));
    const snapshot = stuck ? await looked(dependencies, found.snapshot, log) : found.snapshot;
    if (owner === null) return Response.json(snapshot);
    return Response.json(await owned(dependencies, snapshot, owner));
  };
}

/** What create answered, of the session as it is now. */
async function owned(
  { lateStripe, publishableKey }: StatusDependencies,
  snapshot: Snapshot,
  { stripeAccountId, stripePaymentIntentId: id, change, topic, ...shown }: OwnedSession,
): Promise<OwnedSnapshot> {
  return {
    ...snapshot,
    ...shown,
    clientSecret: id === null ? "" : await (await lateStripe()).clientSecret(id, stripeAccountId),
    paymentIntentId: id,
    stripePublishableKey: publishableKey,
    ...present({ proration: change && prorationOf(change), stripeAccountId }),
    realtime: { topic, event: "checkout.updated" },
  };
}

/** A stuck session's snapshot after a look at Stripe, by one of its callers every few seconds. */
async function looked(
  { checkouts, lateStripe }: StatusDependencies,
  snapshot: Snapshot,
  log: Logger,
): Promise<Snapshot> {
  try {
    if (!await checkouts.claim(snapshot.id)) return snapshot;
    return await (await lateStripe()).repair(snapshot.id, log) ?? snapshot;
  } catch (error) {
    // What is known is still worth an answer; reconcile looks again.
    log.warn("not looked", { cause: causeText(error) });
    return snapshot;
  }
}
