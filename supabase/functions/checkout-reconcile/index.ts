import { billing } from "../../../shared/database/billing.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { connect } from "../../../shared/database/client.ts";
import { events } from "../../../shared/database/events.ts";
import { repairs } from "../../../shared/database/repairs.ts";
import {
  databaseEnvironment,
  environmentRecord,
  stripeEnvironment,
} from "../../../shared/runtime/environment.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { connectStripe } from "../../../shared/stripe/client.ts";
import { stripeGateway } from "../../../shared/stripe/gateway.ts";
import { reconcileEndpoint } from "./handler.ts";

const environment = environmentRecord((name) => Deno.env.get(name), [
  "database",
  "stripe",
]);
const account = stripeEnvironment(environment);
const database = databaseEnvironment(environment);
const call = connect(database);
const run = reconcileEndpoint({
  billing: billing(call),
  checkouts: checkouts(call),
  events: events(call),
  repairs: repairs(call),
  stripe: stripeGateway(connectStripe(account)),
  livemode: account.livemode,
  secretKey: database.secretKey,
  now: () => Math.floor(Date.now() / 1000),
});

export default {
  // No browser calls this: no origin is allowed.
  fetch: serve([
    { method: "POST", path: "/checkout-reconcile", handle: run },
  ], { log: consoleLogger("checkout-reconcile"), allowedOrigins: [] }),
};
