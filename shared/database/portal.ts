import * as z from "zod";
import type { Call } from "./client.ts";
import { rateLimited } from "./rate-limited.ts";

const opened = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("found"),
    stripeCustomerId: z.string(),
    stripeAccountId: z.string().nullable(),
  }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden", "customer_not_found"]) }),
  rateLimited,
]);

/** The typed call about who a customer is at Stripe; what each outcome means stands beside the SQL function. */
export interface PortalRows {
  open(
    token: { readonly tokenId: string; readonly livemode: boolean },
  ): Promise<z.output<typeof opened>>;
}

export const portalRows = (call: Call): PortalRows => ({
  open: ({ tokenId, livemode }) =>
    call("open_portal", { p_token_id: tokenId, p_livemode: livemode }, opened),
});
