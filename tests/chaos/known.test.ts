import { afterAll, expect, it } from "vitest";
import { openArena } from "./arena.ts";
import { known } from "./known.ts";
import { newTally, playScenario } from "./play.ts";

const arena = await openArena();
afterAll(() => arena.close());

it.each(known)("%s", async (_law, succeeded, scenario) => {
  const tally = newTally();
  await playScenario(arena, scenario, tally);
  expect(tally).toMatchObject({ runs: 1, succeeded });
});
