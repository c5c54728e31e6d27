import { digest, tokens } from "../../../shared/compose/callers.ts";
import { compose, database } from "../../../shared/compose/compose.ts";
import { sessionTokenRows } from "../../../shared/database/session-tokens.ts";
import { createSessionToken, revokeSessionToken } from "./handler.ts";

const { ports, serve } = compose("session-tokens", {
  rows: database(sessionTokenRows),
  tokens,
  digest,
});

export default serve([
  { method: "POST", path: "/session-tokens", handle: createSessionToken(ports) },
  { method: "DELETE", path: "/session-tokens/:tokenId", handle: revokeSessionToken(ports) },
]);
