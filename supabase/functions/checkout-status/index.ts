import { proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode, publishableKey } from "../../../shared/compose/compose.ts";
import { lateStripe } from "../../../shared/compose/late-stripe.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { statusEndpoint } from "./handler.ts";

const { ports, serve } = compose("checkout-status", {
  checkouts: database(checkouts),
  lateStripe,
  proofs,
  livemode,
  publishableKey,
});

export default serve([
  { method: "GET", path: "/checkout-status/:sessionId", handle: statusEndpoint(ports) },
]);
