import { STATUS_CODE } from "deno-std/http/status.js";
import type { ReconcileResponse } from "../../../shared/contract/reconcile.ts";
import { afterAnswer, mayWorkAfterAnswer } from "../../../shared/runtime/after-answer.ts";
import { causeText } from "../../../shared/runtime/cause.ts";
import type { Logger } from "../../../shared/runtime/log.ts";
import { projectKeyOf } from "../../../shared/tokens/caller.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { reconcile } from "../../../shared/sync/reconcile.ts";
import type { ReconcilePorts } from "../../../shared/sync/reconcile-stage.ts";

export interface ReconcileDependencies extends Omit<ReconcilePorts, "log"> {
  /** The project's secret key. */
  readonly secretKey: string;
}

/**
 * `POST /checkout-reconcile`: one run of the repairs, and what it did; with `Prefer: respond-async` (RFC 7240, 4.1) 202 at its beginning,
 * where the platform lets a run go on.
 */
export function reconcileEndpoint({ secretKey, ...ports }: ReconcileDependencies) {
  async function run(log: Logger): Promise<ReconcileResponse> {
    const report = await reconcile({ ...ports, log });
    log.info("reconciled", {
      events: report.events.worked,
      sessions: report.sessions.settled,
      missedEvents: report.missedEvents.worked,
      strayIntents: report.strayIntents.canceled,
      subscriptions: report.subscriptions.changed,
    });
    return report;
  }
  return async ({ request, log }: Call): Promise<Response> => {
    await projectKeyOf(request, secretKey);
    if (request.headers.get("prefer") !== "respond-async" || !mayWorkAfterAnswer()) {
      return Response.json(await run(log));
    }
    afterAnswer(
      run(log).then(
        () => undefined,
        (error: unknown) => log.error("left for the next run", { cause: causeText(error) }),
      ),
    );
    return new Response(null, {
      status: STATUS_CODE.Accepted,
      headers: { "preference-applied": "respond-async" },
    });
  };
}
