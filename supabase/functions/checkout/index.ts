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
import { cancelEndpoint } from "../checkout-cancel/handler.ts";
import { confirmByPathEndpoint, confirmFreeEndpoint } from "../checkout-confirm/handler.ts";
import { createEndpoint } from "../checkout-create/handler.ts";
import { statusEndpoint } from "../checkout-status/handler.ts";
import { statusStripe } from "../../../shared/checkout/status.ts";

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
  digest: createDigest(digestKeyBytes(environment)),
  addressHeader: addressHeader(environment),
  account,
  livemode: account.livemode,
  publishableKey: account.publishableKey,
};
const stripe = statusStripe(account, dependencies.checkouts);
const status = statusEndpoint({
  ...dependencies,
  statusStripe: () => Promise.resolve(stripe),
});
const cancel = cancelEndpoint(dependencies);

export default {
  fetch: serve([
    { method: "POST", path: "/checkout/create", handle: createEndpoint(dependencies) },
    {
      method: "POST",
      path: "/checkout/:clientSecret/confirm",
      handle: confirmByPathEndpoint(dependencies),
    },
    {
      method: "POST",
      path: "/checkout/:sessionId/confirm-free",
      handle: confirmFreeEndpoint(dependencies),
    },
    { method: "GET", path: "/checkout/:sessionId/status", handle: status },
    { method: "POST", path: "/checkout/:sessionId/cancel", handle: cancel },
  ], {
    log: consoleLogger("checkout"),
    allowedOrigins: allowedOrigins(environment),
    addresses: { header: addressHeader(environment) },
  }),
};
