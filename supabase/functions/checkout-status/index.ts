import { proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode, publishableKey } from "../../../shared/compose/compose.ts";
import { lateStripe } from "../../../shared/compose/late-stripe.ts";
import { checkoutReading } from "../../../shared/database/checkout-reading.ts";
import { statusEndpoint } from "./handler.ts";

const { ports, serve } = compose("checkout-status", {
  checkouts: database(checkoutReading),
  lateStripe,
  proofs,
  livemode,
  publishableKey,
});

export default serve([
  { method: "GET", path: "/checkout-status/:sessionId", handle: statusEndpoint(ports) },
]);
