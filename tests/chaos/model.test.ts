import { afterAll, expect, it } from "vitest";
import { openArena } from "./arena.ts";
import { checkScenarios } from "./check.ts";
import { known } from "./known.ts";
import { newTally, playScenario } from "./play.ts";
import { chaosSettings } from "./settings.ts";

const arena = await openArena();
afterAll(() => arena.close());

it.each(known)("%s", async (_law, succeeded, scenario) => {
  const tally = newTally();
  await playScenario(arena, scenario, tally);
  expect(tally).toMatchObject({ runs: 1, succeeded });
});

it("no interleaving of callers, webhooks, faults, repairs and time breaks a law", async () => {
  console.log(`chaos: seed ${chaosSettings.seed}`);
  const tally = await checkScenarios(arena, chaosSettings);
  console.log(`chaos: ${JSON.stringify(tally)}`);
  expect(tally.runs).toBeGreaterThan(0);
  expect(tally.sessions).toBeGreaterThan(0);
}, 3_600_000);
