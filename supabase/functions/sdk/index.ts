import { STATUS_CODE } from "deno-std/http/status.js";
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
import type { Call } from "../../../shared/http/routes.ts";
import { serve } from "../../../shared/http/serve.ts";
import { consoleLogger } from "../../../shared/runtime/log.ts";
import { connectStripe } from "../../../shared/stripe/client.ts";
import { stripeGateway } from "../../../shared/stripe/gateway.ts";
import { sessionTokens } from "../../../shared/tokens/session-token.ts";
import { confirmByPathEndpoint } from "../checkout-confirm/handler.ts";
import { createCheckout } from "../checkout-create/handler.ts";

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
};
const createSession = createCheckout(dependencies);

/**
 * The older SDK calls these paths (billingos-sdk at commit 89a98472, src/client/index.ts) and reads the answer under
 * `checkoutSession`; others of its age read the fields at the top.
 */
async function create(call: Call): Promise<Response> {
  const session = await createSession(call);
  return Response.json({ ...session, checkoutSession: session }, { status: STATUS_CODE.Created });
}

export default {
  fetch: serve([
    { method: "POST", path: "/sdk/checkout/create", handle: create },
    {
      method: "POST",
      path: "/sdk/checkout/:clientSecret/confirm",
      handle: confirmByPathEndpoint(dependencies),
    },
  ], {
    log: consoleLogger("sdk"),
    allowedOrigins: allowedOrigins(environment),
    addresses: { header: addressHeader(environment) },
  }),
};
