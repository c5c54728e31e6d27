import { proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode } from "../../../shared/compose/compose.ts";
import { stripe } from "../../../shared/compose/stripe.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { cancelEndpoint } from "./handler.ts";

const { ports, serve } = compose("checkout-cancel", {
  checkouts: database(checkouts),
  stripe,
  proofs,
  livemode,
});

export default serve([
  { method: "POST", path: "/checkout-cancel/:sessionId", handle: cancelEndpoint(ports) },
]);
