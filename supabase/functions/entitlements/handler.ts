import { callerOf, type CallerProofs } from "../../../shared/tokens/caller.ts";
import {
  checkRequest,
  type CheckResponse,
  type Entitlement,
  type EntitlementsResponse,
} from "../../../shared/contract/entitlements.ts";
import type { EntitlementRows } from "../../../shared/database/entitlements.ts";
import { refused } from "../../../shared/database/refused.ts";
import { readQuery } from "../../../shared/http/body.ts";
import type { Call } from "../../../shared/http/routes.ts";

export interface EntitlementDependencies {
  readonly rows: EntitlementRows;
  readonly proofs: CallerProofs;
}

/** `GET /entitlements`: what the caller may use now. */
export function listEntitlements(dependencies: EntitlementDependencies) {
  return async ({ request }: Call): Promise<EntitlementsResponse> => ({
    entitlements: await granted(dependencies, request),
  });
}

/** `listEntitlements` as an endpoint of its own. */
export function entitlementsEndpoint(dependencies: EntitlementDependencies) {
  const list = listEntitlements(dependencies);
  return async (call: Call): Promise<Response> => Response.json(await list(call));
}

/**
 * `?feature_key=`: whether the caller may use that feature. A key that is in no catalogue is answered like one
 * that is not granted: what others could buy is none of the caller's business.
 */
export function checkFeature(dependencies: EntitlementDependencies) {
  return async ({ request }: Call): Promise<CheckResponse> => {
    const { feature_key: featureKey } = readQuery(request, checkRequest);
    const [entitlement] = await granted(dependencies, request, featureKey);
    if (entitlement === undefined) return { featureKey, hasAccess: false, limit: 0 };
    const { limit } = entitlement;
    return { featureKey, hasAccess: limit === null || limit > 0, limit, entitlement };
  };
}

/** The mode is the token's own, held against its organization's in the same call; of a user's own token, what that finds. */
async function granted(
  { rows, proofs }: EntitlementDependencies,
  request: Request,
  featureKey?: string,
): Promise<Entitlement[]> {
  const caller = await callerOf(request, proofs, { operation: "entitlements" });
  const read = await rows.read(caller, featureKey);
  if (read.outcome === "read") return read.entitlements;
  throw refused(read);
}
