import type { Repairs } from "../database/repairs.ts";
import { causeText } from "../http/error-response.ts";
import type { WebhookWork } from "./inbox.ts";

export interface Reconcile extends WebhookWork {
  readonly repairs: Repairs;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Runs one thing, whose failure is counted, logged and answered, and holds up nothing else. */
export async function guarded(
  { log }: Reconcile,
  counts: { failed: number },
  run: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    counts.failed += 1;
    log.error("left for the next run", { cause: causeText(error) });
    return error;
  }
}
