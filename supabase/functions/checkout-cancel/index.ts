import { checkouts } from "../../../shared/database/checkouts.ts";
import { connect } from "../../../shared/database/client.ts";
import {
  allowedOrigins,
  databaseEnvironment,
  environmentRecord,
  stripeEnvironment,
  tokenKeys,
} from "../../../shared/runtime/environment.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { connectStripe } from "../../../shared/stripe/client.ts";
import { stripeGateway } from "../../../shared/stripe/gateway.ts";
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { cancelEndpoint } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "stripe",
  "tokens",
  "browsers",
]);
const account = stripeEnvironment(environment);
const cancel = cancelEndpoint({
  checkouts: checkouts(connect(databaseEnvironment(environment))),
  stripe: stripeGateway(connectStripe(account)),
  tokens: sessionTokens(tokenKeys(environment)),
  livemode: account.livemode,
});

export default {
  fetch: serve([
    { method: "POST", path: "/checkout-cancel/:sessionId", handle: cancel },
  ], { log: consoleLogger("checkout-cancel"), allowedOrigins: allowedOrigins(environment) }),
};
