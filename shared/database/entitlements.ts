import * as z from "zod";
import { entitlement } from "../contract/entitlements.ts";
import type { Call } from "./client.ts";

const entitlementsRead = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("read"), entitlements: z.array(entitlement) }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden"]) }),
]);

/** The typed call about what a customer may use; what each outcome means stands beside the SQL function. */
export function entitlementRows(call: Call) {
  return {
    read: (
      token: { readonly tokenId: string; readonly livemode: boolean },
      featureKey?: string,
    ) =>
      call("read_entitlements", {
        p_token_id: token.tokenId,
        p_livemode: token.livemode,
        ...(featureKey === undefined ? {} : { p_feature_key: featureKey }),
      }, entitlementsRead),
  };
}

export type EntitlementRows = ReturnType<typeof entitlementRows>;
