import * as z from "zod/mini";
import { snapshot } from "../contract/snapshot.ts";
import type { SessionCaller } from "../domain/caller.ts";
import { ownedSession, traceId } from "../domain/sessions.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";
import { rateLimited } from "./rate-limited.ts";

const read = z.object({ snapshot, stuck: z.boolean(), traceId, owner: z.nullable(ownedSession) });
const limitedRead = z.union([read, rateLimited]);

/** What a look at a session asks: alone, so that who only looks makes no schema of what is written. */
export interface CheckoutReading {
  /** A session as anybody may see it, with whether it waits for something that should have come. */
  read(sessionId: string): Promise<z.output<typeof read> | null>;
  /** The same for a caller, within a limit; to its owner also what nobody else may see. */
  readFor(
    sessionId: string,
    caller?: SessionCaller,
  ): Promise<z.output<typeof limitedRead> | null>;
  /** Whether the caller is the one to look at Stripe now. */
  claim(sessionId: string): Promise<boolean>;
}

export function checkoutReading(call: Call): CheckoutReading {
  return {
    read: (sessionId) => call("read_checkout", { p_session_id: sessionId }, z.nullable(read)),

    readFor: (sessionId, caller) =>
      call(
        "read_checkout",
        {
          p_session_id: sessionId,
          p_limited: true,
          ...(caller && callerArguments(caller)),
        },
        z.nullable(limitedRead),
      ),

    claim: (sessionId) => call("claim_session", { p_session_id: sessionId }, z.boolean()),
  };
}
