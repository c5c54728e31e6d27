import * as z from "zod/mini";
import type { SessionCaller } from "../domain/caller.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";
import { rateLimited } from "./rate-limited.ts";

const opened = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("found"),
    stripeCustomerId: z.string(),
    stripeAccountId: z.nullable(z.string()),
  }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden", "customer_not_found"]) }),
  rateLimited,
]);

/** The typed call about who a customer is at Stripe; what each outcome means stands beside the SQL function. */
export interface PortalRows {
  open(caller: SessionCaller): Promise<z.output<typeof opened>>;
}

export const portalRows = (call: Call): PortalRows => ({
  open: (caller) => call("open_portal", callerArguments(caller), opened),
});
