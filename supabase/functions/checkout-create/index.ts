import { checkouts } from "../../../shared/database/checkouts.ts";
import { connect } from "../../../shared/database/client.ts";
import { createDigest } from "../../../shared/runtime/digest.ts";
import {
  addressHeader,
  allowedOrigins,
  databaseEnvironment,
  digestKeyBytes,
  environmentRecord,
  stripeEnvironment,
  tokenKeys,
} from "../../../shared/runtime/environment.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { connectStripe } from "../../../shared/stripe/client.ts";
import { stripeGateway } from "../../../shared/stripe/gateway.ts";
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { createEndpoint } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "stripe",
  "tokens",
  "digests",
  "browsers",
  "addresses",
]);
const account = stripeEnvironment(environment);
const create = createEndpoint({
  checkouts: checkouts(connect(databaseEnvironment(environment))),
  stripe: stripeGateway(connectStripe(account)),
  tokens: sessionTokens(tokenKeys(environment)),
  digest: createDigest(digestKeyBytes(environment)),
  addressHeader: addressHeader(environment),
  account,
});

export default {
  fetch: serve([
    { method: "POST", path: "/checkout-create", handle: create },
  ], {
    log: consoleLogger("checkout-create"),
    allowedOrigins: allowedOrigins(environment),
    addresses: { header: addressHeader(environment) },
  }),
};
