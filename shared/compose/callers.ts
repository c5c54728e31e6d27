import { createDigest } from "../runtime/digest.ts";
import { addressHeader as headerOf, digestKeyBytes, tokenKeys } from "../runtime/environment.ts";
import { sessionTokens } from "../tokens/session-token.ts";
import { part } from "./compose.ts";

/** Signs and verifies session tokens. */
export const tokens = part(["tokens"], (environment) => sessionTokens(tokenKeys(environment)));

/** The keyed digests under which the database holds secrets. */
export const digest = part(
  ["digests"],
  (environment) => createDigest(digestKeyBytes(environment)),
);

/** The header that names the caller's address; the project's own origin says whether one is trusted unnamed. */
export const addressHeader = part(["addresses", "database"], headerOf);
