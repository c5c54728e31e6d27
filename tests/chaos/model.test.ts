import { afterAll, expect, it } from "vitest";
import { openArena } from "./arena.ts";
import { checkScenarios } from "./check.ts";
import { chaosSettings } from "./settings.ts";

const arena = await openArena();
afterAll(() => arena.close());

it("no interleaving of callers, webhooks, faults, repairs and time breaks a law", async () => {
  console.log(`chaos: seed ${chaosSettings.seed}`);
  const begun = performance.now();
  const tally = await checkScenarios(arena, chaosSettings);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`chaos: ${JSON.stringify({ ...tally, seconds })}`);
  expect(tally.runs).toBeGreaterThan(0);
  expect(tally.sessions).toBeGreaterThan(0);
}, 3_600_000);
