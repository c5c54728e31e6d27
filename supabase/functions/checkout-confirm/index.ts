import { addressHeader, digest, proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode } from "../../../shared/compose/compose.ts";
import { stripe } from "../../../shared/compose/stripe.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { confirmByPathEndpoint, confirmEndpoint } from "./handler.ts";

const { ports, serve } = compose("checkout-confirm", {
  checkouts: database(checkouts),
  stripe,
  proofs,
  livemode,
  digest,
  addressHeader,
});
const byPath = confirmByPathEndpoint(ports);

export default serve([
  { method: "POST", path: "/checkout-confirm", handle: confirmEndpoint(ports) },
  { method: "POST", path: "/checkout-confirm/:clientSecret", handle: byPath },
]);
