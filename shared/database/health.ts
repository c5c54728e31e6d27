import { type DatabaseFacts, databaseFacts } from "../contract/health.ts";
import type { Call } from "./client.ts";

/** What the database tells of itself, given what the digest key makes of the fixed text. */
export type ReadHealth = (digestKeyCheck: string) => Promise<DatabaseFacts>;

export const readHealth = (call: Call): ReadHealth => (digestKeyCheck) =>
  call("health", { p_digest_key_check: digestKeyCheck }, databaseFacts);
