import { addressHeader, digest, proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode, publishableKey } from "../../../shared/compose/compose.ts";
import { stripe } from "../../../shared/compose/stripe.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { createEndpoint } from "./handler.ts";

const { ports, serve } = compose("checkout-create", {
  checkouts: database(checkouts),
  stripe,
  proofs,
  livemode,
  publishableKey,
  digest,
  addressHeader,
});

export default serve([
  { method: "POST", path: "/checkout-create", handle: createEndpoint(ports) },
]);
