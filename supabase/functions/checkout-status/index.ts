import { checkouts } from "../../../shared/database/checkouts.ts";
import { connect } from "../../../shared/database/client.ts";
import {
  allowedOrigins,
  databaseEnvironment,
  environmentRecord,
  stripeEnvironment,
  tokenKeys,
} from "../../../shared/env.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/log.ts";
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { statusEndpoint } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name));
const account = stripeEnvironment(environment);
// Only an owner's request needs Stripe: a browser that polls is answered without loading its package.
const lateStripe = () => import("../../../shared/stripe/client-secret.ts");

const status = statusEndpoint({
  checkouts: checkouts(connect(databaseEnvironment(environment))),
  tokens: sessionTokens(tokenKeys(environment)),
  livemode: account.livemode,
  clientSecret: async (intentId, stripeAccount) =>
    (await lateStripe()).readClientSecret(account, intentId, stripeAccount),
});

export default {
  fetch: serve([
    { method: "GET", path: "/checkout-status/:sessionId", handle: status },
  ], { log: consoleLogger("checkout-status"), allowedOrigins: allowedOrigins(environment) }),
};
