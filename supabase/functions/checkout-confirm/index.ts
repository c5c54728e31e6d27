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
import { confirmByPathEndpoint, confirmEndpoint } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "stripe",
  "tokens",
  "digests",
  "browsers",
  "addresses",
]);
const account = stripeEnvironment(environment);
const dependencies = {
  checkouts: checkouts(connect(databaseEnvironment(environment))),
  stripe: stripeGateway(connectStripe(account)),
  tokens: sessionTokens(tokenKeys(environment)),
  livemode: account.livemode,
  digest: createDigest(digestKeyBytes(environment)),
  addressHeader: addressHeader(environment),
};

export default {
  fetch: serve([
    { method: "POST", path: "/checkout-confirm", handle: confirmEndpoint(dependencies) },
    {
      method: "POST",
      path: "/checkout-confirm/:clientSecret",
      handle: confirmByPathEndpoint(dependencies),
    },
  ], {
    log: consoleLogger("checkout-confirm"),
    allowedOrigins: allowedOrigins(environment),
    addresses: { header: addressHeader(environment) },
  }),
};
