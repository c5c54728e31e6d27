import { createDigest } from "../runtime/digest.ts";
import {
  addressHeader as headerOf,
  databaseEnvironment,
  digestKeyBytes,
  tokenKeys,
} from "../runtime/environment.ts";
import { accessTokens } from "../tokens/access-token.ts";
import type { CallerProofs } from "../tokens/caller.ts";
import { sessionTokens } from "../tokens/session-token.ts";
import { part } from "./compose.ts";

/** Signs and verifies session tokens. */
export const tokens = part(["tokens"], (environment) => sessionTokens(tokenKeys(environment)));

/** Verifies what a customer can show: a session token, or an access token of the project's own Supabase Auth. */
export const proofs = part(["tokens", "database"], (environment): CallerProofs => ({
  sessions: sessionTokens(tokenKeys(environment)),
  users: accessTokens(databaseEnvironment(environment).url),
}));

/** The keyed digests under which the database holds secrets. */
export const digest = part(
  ["digests"],
  (environment) => createDigest(digestKeyBytes(environment)),
);

/** The header that names the caller's address; the project's own origin says whether one is trusted unnamed. */
export const addressHeader = part(["addresses", "database"], headerOf);
