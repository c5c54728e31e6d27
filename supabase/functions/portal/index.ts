import { proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode, origins } from "../../../shared/compose/compose.ts";
import { stripe } from "../../../shared/compose/stripe.ts";
import { portalRows } from "../../../shared/database/portal.ts";
import { portalEndpoint } from "./handler.ts";

const { ports, serve } = compose("portal", {
  rows: database(portalRows),
  stripe,
  proofs,
  livemode,
  origins,
});

export default serve([
  { method: "POST", path: "/portal", handle: portalEndpoint(ports) },
]);
