import * as fc from "fast-check";
import type { Arena } from "./arena.ts";
import { newTally, playScenario, type Tally } from "./play.ts";
import { scenario } from "./scenario.ts";

export interface CheckOptions {
  /** How many scenarios at most. */
  readonly runs: number;
  readonly seed: number;
  /** Fast-check's way to one scenario of that seed. */
  readonly path?: string | undefined;
  /** No scenario is begun after that many seconds. */
  readonly seconds?: number | undefined;
}

/** How long a shorter failure is looked for after each one found. */
const SHORTEN_SECONDS = 20;

/** Plays random scenarios; throws with the seed, the path and the shortest scenario found that breaks a law. */
export async function checkScenarios(arena: Arena, options: CheckOptions): Promise<Tally> {
  const tally = newTally();
  let until = options.seconds === undefined ? Infinity : Date.now() + options.seconds * 1000;
  const details = await fc.check(
    fc.asyncProperty(scenario, async (one) => {
      if (Date.now() > until) return;
      try {
        await playScenario(arena, one, tally);
      } catch (error) {
        until = Math.min(until, Date.now() + SHORTEN_SECONDS * 1000);
        throw error;
      }
    }),
    {
      seed: options.seed,
      numRuns: options.runs,
      // A replay shows the very scenario that was asked for.
      ...(options.path === undefined ? {} : { path: options.path, endOnFailure: true }),
    },
  );
  if (!details.failed) return tally;
  const why = details.errorInstance;
  const replay = `--runs 1 --seed ${details.seed} --path ${details.counterexamplePath ?? ""}`;
  throw new Error(
    [
      `a law broke after ${details.numRuns} runs. Replay: npm run test:chaos -- ${replay}`,
      `scenario: ${JSON.stringify(details.counterexample)}`,
      why instanceof Error ? why.message : String(why),
    ].join("\n"),
  );
}
