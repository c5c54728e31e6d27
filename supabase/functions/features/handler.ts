import type { Entitlement } from "../../../shared/contract/entitlements.ts";
import type { Call } from "../../../shared/http/routes.ts";
import {
  checkFeature,
  type EntitlementDependencies,
  listEntitlements,
} from "../entitlements/handler.ts";

// The SDK reads names with underscores; both stand in the answers.

/** `GET /features/check?feature_key=`. */
export function checkEndpoint(dependencies: EntitlementDependencies) {
  const checkOne = checkFeature(dependencies);
  return async (call: Call): Promise<Response> => {
    const checked = await checkOne(call);
    return Response.json({
      ...checked,
      feature_key: checked.featureKey,
      has_access: checked.hasAccess,
    });
  };
}

/** `GET /features/entitlements`. */
export function listEndpoint(dependencies: EntitlementDependencies) {
  const listAll = listEntitlements(dependencies);
  return async (call: Call): Promise<Response> => {
    const { entitlements } = await listAll(call);
    return Response.json({ entitlements: entitlements.map((one) => withSdkNames(one)) });
  };
}

const withSdkNames = (one: Entitlement) => ({
  ...one,
  feature_key: one.featureKey,
  feature_title: one.name,
  product_name: one.productName,
  subscription_status: one.status,
  granted_at: one.grantedAt,
});
