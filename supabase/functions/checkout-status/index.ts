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
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { statusEndpoint } from "./handler.ts";
import type { StatusStripe } from "../../../shared/checkout/status.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "stripe",
  "tokens",
  "browsers",
]);
const account = stripeEnvironment(environment);
const rows = checkouts(connect(databaseEnvironment(environment)));
// Most calls need no Stripe: a browser that polls is answered without loading its package.
let side: StatusStripe | undefined;

const status = statusEndpoint({
  checkouts: rows,
  tokens: sessionTokens(tokenKeys(environment)),
  livemode: account.livemode,
  publishableKey: account.publishableKey,
  statusStripe: async () => {
    const { statusStripe } = await import("../../../shared/checkout/status.ts");
    return side ??= statusStripe(account, rows);
  },
});

export default {
  fetch: serve([
    { method: "GET", path: "/checkout-status/:sessionId", handle: status },
  ], { log: consoleLogger("checkout-status"), allowedOrigins: allowedOrigins(environment) }),
};
