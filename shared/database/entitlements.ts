import * as z from "zod/mini";
import { entitlement } from "../contract/entitlements.ts";
import { present } from "../runtime/present.ts";
import type { SessionCaller } from "../domain/caller.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";

const entitlementsRead = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("read"), entitlements: z.array(entitlement) }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden"]) }),
]);

/** The typed call about what a customer may use; what each outcome means stands beside the SQL function. */
export interface EntitlementRows {
  /** All that the caller may use now, or the one feature of that key. */
  read(
    caller: SessionCaller,
    featureKey?: string,
  ): Promise<z.output<typeof entitlementsRead>>;
}

export const entitlementRows = (call: Call): EntitlementRows => ({
  read: (caller, featureKey) =>
    call("read_entitlements", {
      ...callerArguments(caller),
      ...present({ p_feature_key: featureKey }),
    }, entitlementsRead),
});
