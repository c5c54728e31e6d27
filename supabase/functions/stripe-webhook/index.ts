import { billing } from "../../../shared/database/billing.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { connect } from "../../../shared/database/client.ts";
import { events } from "../../../shared/database/events.ts";
import {
  databaseEnvironment,
  environmentRecord,
  stripeEnvironment,
  webhookSecrets,
} from "../../../shared/runtime/environment.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { connectStripe } from "../../../shared/stripe/client.ts";
import { stripeGateway } from "../../../shared/stripe/gateway.ts";
import { webhookEndpoint } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "stripe",
  "webhook",
]);
const account = stripeEnvironment(environment);
const call = connect(databaseEnvironment(environment));
const stripe = connectStripe(account);
const webhook = webhookEndpoint({
  billing: billing(call),
  checkouts: checkouts(call),
  events: events(call),
  stripe: stripeGateway(stripe),
  livemode: account.livemode,
  verifier: stripe,
  secrets: webhookSecrets(environment),
});

export default {
  // No browser calls this: no origin is allowed.
  fetch: serve([
    { method: "POST", path: "/stripe-webhook", handle: webhook },
  ], { log: consoleLogger("stripe-webhook"), allowedOrigins: [] }),
};
