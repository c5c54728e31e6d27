import type { Repairs } from "../database/repairs.ts";
import { causeText } from "../runtime/cause.ts";
import type { InboxPorts } from "./inbox.ts";

export interface ReconcilePorts extends InboxPorts {
  readonly repairs: Repairs;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Runs one thing, whose failure is logged, counted and handed back, and holds up nothing else. It is given ports of its own: what
 * is noted of it stands on its lines, and on no other's.
 */
export async function guarded(
  ports: ReconcilePorts,
  counts: { failed: number },
  run: (own: ReconcilePorts) => Promise<unknown>,
): Promise<unknown> {
  const log = ports.log.with({});
  try {
    return await run({ ...ports, log });
  } catch (error) {
    counts.failed += 1;
    log.error("left for the next run", { cause: causeText(error) });
    return error;
  }
}
