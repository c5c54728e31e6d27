import { digest } from "../../../shared/compose/callers.ts";
import {
  compose,
  database,
  livemode,
  now,
  origins,
  secretKey,
} from "../../../shared/compose/compose.ts";
import { lateProbe } from "../../../shared/compose/late-stripe.ts";
import { readHealth } from "../../../shared/database/health.ts";
import { healthEndpoint } from "./handler.ts";

const { ports, serve } = compose("health", {
  allowedOrigins: origins,
  digest,
  lateProbe,
  livemode,
  now,
  readHealth: database(readHealth),
  secretKey,
});

export default serve([
  { method: "GET", path: "/health", handle: healthEndpoint(ports) },
]);
