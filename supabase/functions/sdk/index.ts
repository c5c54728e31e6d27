import { addressHeader, digest, proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode, publishableKey } from "../../../shared/compose/compose.ts";
import { stripe } from "../../../shared/compose/stripe.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { confirmByPathEndpoint } from "../checkout-confirm/handler.ts";
import { sdkCreateEndpoint } from "./handler.ts";

const { ports, serve } = compose("sdk", {
  checkouts: database(checkouts),
  stripe,
  proofs,
  livemode,
  publishableKey,
  digest,
  addressHeader,
});
const confirm = confirmByPathEndpoint(ports);

export default serve([
  { method: "POST", path: "/sdk/checkout/create", handle: sdkCreateEndpoint(ports) },
  { method: "POST", path: "/sdk/checkout/:clientSecret/confirm", handle: confirm },
]);
