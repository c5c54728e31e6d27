import * as z from "zod";

/** What `npm run test:chaos` was told, by way of the environment; the lane is told by `vitest.chaos.config.ts`. */
const { CHAOS_RUNS, CHAOS_SEED, CHAOS_PATH, CHAOS_SECONDS, CHAOS_LANE } = z.object({
  CHAOS_RUNS: z.coerce.number().int().positive().optional(),
  CHAOS_SEED: z.coerce.number().int().default(() => Date.now() % 2 ** 31),
  CHAOS_PATH: z.string().optional(),
  CHAOS_SECONDS: z.coerce.number().positive().optional(),
  CHAOS_LANE: z.coerce.number().int().nonnegative().default(0),
}).parse(process.env);

/** How many scenarios are played at a time, each on a stack of its own: one alone waits longer than it works. */
export const AT_ONCE = 4;

/** How far the seeds of two lanes are apart, so that those of two runs seldom meet. */
const APART = 1_000_000;

/** Fewer lanes where fewer runs are asked for, so that a replay plays one, which has the very seed that was given. */
const count = CHAOS_PATH === undefined ? Math.min(AT_ONCE, CHAOS_RUNS ?? AT_ONCE) : 1;

/** What each lane is told, by one process for all, since without a seed it is the time's. */
export const lanes = Array.from({ length: count }, (_, lane) => ({
  CHAOS_LANE: String(lane),
  CHAOS_SEED: String(CHAOS_SEED + lane * APART),
}));

/** Of this lane. Without a number of runs, as many as fit into the seconds. */
export const chaosSettings = {
  runs: Math.ceil(((CHAOS_RUNS ?? 10_000) - CHAOS_LANE) / count),
  seed: CHAOS_SEED,
  path: CHAOS_PATH,
  seconds: CHAOS_SECONDS ?? (CHAOS_RUNS === undefined ? 90 : undefined),
} as const;
