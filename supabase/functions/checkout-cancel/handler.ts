import { callerOf, type CallerProofs } from "../../../shared/tokens/caller.ts";
import { aboutSession } from "../../../shared/checkout/about-session.ts";
import { canceledOrWhy, cancelIntent } from "../../../shared/checkout/cancel.ts";
import { refused } from "../../../shared/database/refused.ts";
import type { CheckoutPorts } from "../../../shared/checkout/ports.ts";
import { type Call, pathId } from "../../../shared/http/routes.ts";

export interface CancelDependencies extends Omit<CheckoutPorts, "log"> {
  readonly proofs: CallerProofs;
  readonly livemode: boolean;
}

/**
 * `POST …/:sessionId`: the owner gives the session up. Answers the snapshot, canceled, however often it is asked; what
 * ended in another way, or is being paid, is a refusal whose `details.session` is the snapshot as it is.
 */
export function cancelEndpoint({ checkouts, stripe, proofs, livemode }: CancelDependencies) {
  return async ({ request, params, log }: Call): Promise<Response> => {
    const caller = await callerOf(request, proofs, { operation: "checkout", livemode });
    const sessionId = pathId(params, "sessionId", "session_not_found");
    const canceled = await checkouts.cancel(sessionId, caller);
    if ("snapshot" in canceled) {
      log.note(aboutSession({ sessionId, traceId: canceled.traceId }));
      return Response.json(canceledOrWhy(canceled.snapshot));
    }
    if (!("located" in canceled)) throw refused(canceled);
    log.note(aboutSession(canceled.located));
    const session = await cancelIntent({ checkouts, stripe, log }, canceled.located);
    return Response.json(canceledOrWhy(session));
  };
}
