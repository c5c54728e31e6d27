import * as z from "zod";
import type { CheckOptions } from "./check.ts";

/** What `npm run test:chaos` was told, by way of the environment. */
const { CHAOS_RUNS, CHAOS_SEED, CHAOS_PATH, CHAOS_SECONDS } = z.object({
  CHAOS_RUNS: z.coerce.number().int().positive().optional(),
  CHAOS_SEED: z.coerce.number().int().default(() => Date.now() % 2 ** 31),
  CHAOS_PATH: z.string().optional(),
  CHAOS_SECONDS: z.coerce.number().positive().optional(),
}).parse(process.env);

/** How many scenarios are played at a time: one alone waits longer than it works. As many as there are files in `lanes/`. */
export const AT_ONCE = 4;

/** Fewer lanes where fewer runs are asked for; a replay plays one. */
export const lanes = CHAOS_PATH === undefined ? Math.min(AT_ONCE, CHAOS_RUNS ?? AT_ONCE) : 1;

/** How far the seeds of two lanes are apart. */
const APART = 1_000_000;

/** No lane plays more in a second. Those that no time is left for are made all the same, which takes as long as playing some. */
const MOST_A_SECOND = 2;

const seconds = CHAOS_SECONDS ?? (CHAOS_RUNS === undefined ? 90 : undefined);

/** What a lane plays, counted from 1; the first has the very seed that was given. Without a number of runs, as many as fit. */
export const settingsOf = (lane: number): CheckOptions => ({
  runs: Math.ceil(
    CHAOS_RUNS === undefined ? MOST_A_SECOND * (seconds ?? 0) : (CHAOS_RUNS + 1 - lane) / lanes,
  ),
  seed: CHAOS_SEED + (lane - 1) * APART,
  path: CHAOS_PATH,
  seconds,
});
