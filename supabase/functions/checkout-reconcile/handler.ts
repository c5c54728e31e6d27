import { projectKeyOf } from "../../../shared/tokens/caller.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { reconcile } from "../../../shared/sync/reconcile.ts";
import type { ReconcilePorts } from "../../../shared/sync/reconcile-stage.ts";

export interface ReconcileDependencies extends Omit<ReconcilePorts, "log"> {
  /** The project's secret key. */
  readonly secretKey: string;
}

/** `POST /checkout-reconcile`: one run of the repairs, and what it did. */
export function reconcileEndpoint({ secretKey, ...ports }: ReconcileDependencies) {
  return async ({ request, log }: Call): Promise<Response> => {
    await projectKeyOf(request, secretKey);
    const report = await reconcile({ ...ports, log });
    log.info("reconciled", {
      events: report.events.worked,
      sessions: report.sessions.settled,
      missedEvents: report.missedEvents.worked,
      strayIntents: report.strayIntents.canceled,
      subscriptions: report.subscriptions.changed,
    });
    return Response.json(report);
  };
}
