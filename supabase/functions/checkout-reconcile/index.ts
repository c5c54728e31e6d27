import { compose, database, livemode, now, secretKey } from "../../../shared/compose/compose.ts";
import { stripe } from "../../../shared/compose/stripe.ts";
import { billing } from "../../../shared/database/billing.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { events } from "../../../shared/database/events.ts";
import { repairs } from "../../../shared/database/repairs.ts";
import { reconcileEndpoint } from "./handler.ts";

const { ports, serve } = compose("checkout-reconcile", {
  billing: database(billing),
  checkouts: database(checkouts),
  events: database(events),
  repairs: database(repairs),
  stripe,
  livemode,
  secretKey,
  now,
}, { browsers: false });

export default serve([
  { method: "POST", path: "/checkout-reconcile", handle: reconcileEndpoint(ports) },
]);
