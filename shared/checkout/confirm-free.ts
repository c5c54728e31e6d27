import { aboutSession } from "./about-session.ts";
import { finished } from "./answer.ts";
import type { ConfirmResponse } from "../contract/confirm.ts";
import { refused } from "../database/refused.ts";
import type { CheckoutPorts } from "./ports.ts";
import { carryOut } from "./change.ts";
import type { SessionCaller } from "../domain/caller.ts";

/** Carries out a session with nothing due, for its owner; a second time changes nothing. */
export async function confirmFree(
  ports: CheckoutPorts,
  sessionId: string,
  caller: SessionCaller,
): Promise<ConfirmResponse> {
  const completed = await ports.checkouts.completeFree(sessionId, caller);
  if (completed.outcome === "succeeded") {
    ports.log.note(aboutSession({ sessionId, traceId: completed.traceId }));
    return finished(completed.snapshot);
  }
  if (completed.outcome === "apply") return finished(await carryOut(ports, completed.plan));
  throw refused(completed);
}
