import { connect } from "../../../shared/database/client.ts";
import { sessionTokenRows } from "../../../shared/database/session-tokens.ts";
import { createDigest } from "../../../shared/runtime/digest.ts";
import {
  allowedOrigins,
  databaseEnvironment,
  digestKeyBytes,
  environmentRecord,
  tokenKeys,
} from "../../../shared/runtime/environment.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { createSessionToken, revokeSessionToken } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "tokens",
  "digests",
  "browsers",
]);
const dependencies = {
  rows: sessionTokenRows(connect(databaseEnvironment(environment))),
  tokens: sessionTokens(tokenKeys(environment)),
  digest: createDigest(digestKeyBytes(environment)),
};

export default {
  fetch: serve([
    { method: "POST", path: "/session-tokens", handle: createSessionToken(dependencies) },
    {
      method: "DELETE",
      path: "/session-tokens/:tokenId",
      handle: revokeSessionToken(dependencies),
    },
  ], { log: consoleLogger("session-tokens"), allowedOrigins: allowedOrigins(environment) }),
};
