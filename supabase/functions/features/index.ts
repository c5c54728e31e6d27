import { proofs } from "../../../shared/compose/callers.ts";
import { compose, database } from "../../../shared/compose/compose.ts";
import { entitlementRows } from "../../../shared/database/entitlements.ts";
import { checkEndpoint, listEndpoint } from "./handler.ts";

const { ports, serve } = compose("features", { rows: database(entitlementRows), proofs });

export default serve([
  { method: "GET", path: "/features/check", handle: checkEndpoint(ports) },
  { method: "GET", path: "/features/entitlements", handle: listEndpoint(ports) },
]);
