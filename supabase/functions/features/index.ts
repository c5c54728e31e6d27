import type { Entitlement } from "../../../shared/contract/entitlements.ts";
import { connect } from "../../../shared/database/client.ts";
import { entitlementRows } from "../../../shared/database/entitlements.ts";
import {
  allowedOrigins,
  databaseEnvironment,
  environmentRecord,
  tokenKeys,
} from "../../../shared/runtime/environment.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { checkFeature, listEntitlements } from "../entitlements/handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "tokens",
  "browsers",
]);
const dependencies = {
  rows: entitlementRows(connect(databaseEnvironment(environment))),
  tokens: sessionTokens(tokenKeys(environment)),
};
const checkOne = checkFeature(dependencies);
const listAll = listEntitlements(dependencies);

// The SDK reads names with underscores; both stand in the answers.

async function check(call: Call): Promise<Response> {
  const checked = await checkOne(call);
  return Response.json({
    ...checked,
    feature_key: checked.featureKey,
    has_access: checked.hasAccess,
  });
}

async function list(call: Call): Promise<Response> {
  const { entitlements } = await listAll(call);
  return Response.json({ entitlements: entitlements.map((one) => withSdkNames(one)) });
}

const withSdkNames = (one: Entitlement) => ({
  ...one,
  feature_key: one.featureKey,
  feature_title: one.name,
  product_name: one.productName,
  subscription_status: one.status,
  granted_at: one.grantedAt,
});

export default {
  fetch: serve([
    { method: "GET", path: "/features/check", handle: check },
    { method: "GET", path: "/features/entitlements", handle: list },
  ], { log: consoleLogger("features"), allowedOrigins: allowedOrigins(environment) }),
};
