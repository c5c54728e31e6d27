import * as z from "zod";
import { entitlement } from "../contract/entitlements.ts";
import { present } from "../runtime/present.ts";
import type { Call } from "./client.ts";

const entitlementsRead = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("read"), entitlements: z.array(entitlement) }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden"]) }),
]);

/** The typed call about what a customer may use; what each outcome means stands beside the SQL function. */
export interface EntitlementRows {
  /** All that the token's customer may use now, or the one feature of that key. */
  read(
    token: { readonly tokenId: string; readonly livemode: boolean },
    featureKey?: string,
  ): Promise<z.output<typeof entitlementsRead>>;
}

export const entitlementRows = (call: Call): EntitlementRows => ({
  read: (token, featureKey) =>
    call("read_entitlements", {
      p_token_id: token.tokenId,
      p_livemode: token.livemode,
      ...present({ p_feature_key: featureKey }),
    }, entitlementsRead),
});
