import { addressHeader, digest, proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode, publishableKey } from "../../../shared/compose/compose.ts";
import { lateStripe } from "../../../shared/compose/late-stripe.ts";
import { stripe } from "../../../shared/compose/stripe.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { cancelEndpoint } from "../checkout-cancel/handler.ts";
import { confirmByPathEndpoint, confirmFreeEndpoint } from "../checkout-confirm/handler.ts";
import { createEndpoint } from "../checkout-create/handler.ts";
import { statusEndpoint } from "../checkout-status/handler.ts";
import { openapiEndpoint } from "./openapi.ts";

const { ports, serve } = compose("checkout", {
  checkouts: database(checkouts),
  stripe,
  lateStripe,
  proofs,
  livemode,
  publishableKey,
  digest,
  addressHeader,
});
const confirm = confirmByPathEndpoint(ports);
const confirmFree = confirmFreeEndpoint(ports);

export default serve([
  { method: "POST", path: "/checkout/create", handle: createEndpoint(ports) },
  { method: "POST", path: "/checkout/:clientSecret/confirm", handle: confirm },
  { method: "POST", path: "/checkout/:sessionId/confirm-free", handle: confirmFree },
  { method: "GET", path: "/checkout/:sessionId/status", handle: statusEndpoint(ports) },
  { method: "POST", path: "/checkout/:sessionId/cancel", handle: cancelEndpoint(ports) },
  { method: "GET", path: "/checkout/openapi.json", handle: openapiEndpoint },
]);
