import { proofs } from "../../../shared/compose/callers.ts";
import { compose, database } from "../../../shared/compose/compose.ts";
import { entitlementRows } from "../../../shared/database/entitlements.ts";
import { entitlementsEndpoint } from "./handler.ts";

const { ports, serve } = compose("entitlements", { rows: database(entitlementRows), proofs });

export default serve([
  { method: "GET", path: "/entitlements", handle: entitlementsEndpoint(ports) },
]);
