import type { Repairs } from "../database/repairs.ts";
import { causeText } from "../runtime/cause.ts";
import type { InboxPorts } from "./inbox.ts";

export interface ReconcilePorts extends InboxPorts {
  readonly repairs: Repairs;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Runs one thing, whose failure is logged, counted and handed back, and holds up nothing else. */
export async function guarded(
  { log }: ReconcilePorts,
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
