import { connect } from "../../../shared/database/client.ts";
import { entitlementRows } from "../../../shared/database/entitlements.ts";
import {
  allowedOrigins,
  databaseEnvironment,
  environmentRecord,
  tokenKeys,
} from "../../../shared/runtime/environment.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { entitlementsEndpoint } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "tokens",
  "browsers",
]);
const entitlements = entitlementsEndpoint({
  rows: entitlementRows(connect(databaseEnvironment(environment))),
  tokens: sessionTokens(tokenKeys(environment)),
});

export default {
  fetch: serve([
    { method: "GET", path: "/entitlements", handle: entitlements },
  ], { log: consoleLogger("entitlements"), allowedOrigins: allowedOrigins(environment) }),
};
