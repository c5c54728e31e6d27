import { compose, database, livemode } from "../../../shared/compose/compose.ts";
import { stripe, verify } from "../../../shared/compose/stripe.ts";
import { billing } from "../../../shared/database/billing.ts";
import { checkouts } from "../../../shared/database/checkouts.ts";
import { events } from "../../../shared/database/events.ts";
import { webhookEndpoint } from "./handler.ts";

const { ports, serve } = compose("stripe-webhook", {
  billing: database(billing),
  checkouts: database(checkouts),
  events: database(events),
  stripe,
  livemode,
  verify,
}, { browsers: false });

export default serve([
  { method: "POST", path: "/stripe-webhook", handle: webhookEndpoint(ports) },
]);
