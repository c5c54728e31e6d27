import { proofs } from "../../../shared/compose/callers.ts";
import { compose, database, livemode } from "../../../shared/compose/compose.ts";
import { lateSubscriptions } from "../../../shared/compose/late-stripe.ts";
import { ownSubscriptionRows } from "../../../shared/database/own-subscriptions.ts";
import { endingEndpoint, subscriptionsEndpoint } from "./handler.ts";

const { ports, serve } = compose("subscription", {
  rows: database(ownSubscriptionRows),
  lateSubscriptions,
  proofs,
  livemode,
});

export default serve([
  { method: "GET", path: "/subscription", handle: subscriptionsEndpoint(ports) },
  { method: "POST", path: "/subscription/cancel", handle: endingEndpoint(ports, true) },
  { method: "POST", path: "/subscription/resume", handle: endingEndpoint(ports, false) },
]);
