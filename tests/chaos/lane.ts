import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, openArena } from "./arena.ts";
import { checkScenarios } from "./check.ts";
import { settingsOf } from "./settings.ts";

/** One of the lanes that play random scenarios at a time: each has a test file, hence a process, and a stack of its own. */
export function itPlaysLane(lane: number): void {
  let arena: Arena;
  beforeAll(async () => {
    arena = await openArena();
  });
  afterAll(() => arena.close());

  it("no interleaving of callers, webhooks, faults, repairs and time breaks a law", async () => {
    const settings = settingsOf(lane);
    console.log(`chaos: lane ${lane}, seed ${settings.seed}`);
    const begun = performance.now();
    const tally = await checkScenarios(arena, settings);
    const seconds = (performance.now() - begun) / 1000;
    console.log(`chaos: ${JSON.stringify({ ...tally, seconds })}`);
    expect(tally.runs).toBeGreaterThan(0);
    expect(tally.sessions).toBeGreaterThan(0);
  }, 3_600_000);
}
