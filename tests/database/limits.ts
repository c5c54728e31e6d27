import { beforeEach } from "vitest";
import { openRaces } from "./races.ts";

/** A shop, and connections that race there, whose limits nobody reaches unless a test sets one. */
export async function openLimits() {
  const { first: service, second, owner, keyDigest, race } = await openRaces();
  beforeEach(async () => {
    await owner.rows("update billing.rate_limits set max_count = 1000, window_seconds = 600");
    await owner.rows("delete from billing.rate_counters");
    await owner.rows("delete from billing.organization_guards");
  });
  const limit = (name: string, count: number, seconds = 600) =>
    owner.rows(
      "update billing.rate_limits set max_count = $2, window_seconds = $3 where name = $1",
      [name, count, seconds],
    );
  return { service, second, owner, keyDigest, race, limit };
}
