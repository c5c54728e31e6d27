import * as z from "zod";

/** What `npm run test:chaos` was told, by way of the environment. */
const settings = z.object({
  CHAOS_RUNS: z.coerce.number().int().positive().optional(),
  CHAOS_SEED: z.coerce.number().int().optional(),
  CHAOS_PATH: z.string().optional(),
  CHAOS_SECONDS: z.coerce.number().positive().optional(),
}).parse(process.env);

/** Without a number of runs, as many as fit into the seconds. */
export const chaosSettings = {
  runs: settings.CHAOS_RUNS ?? 10_000,
  seed: settings.CHAOS_SEED ?? Date.now() % 2 ** 31,
  path: settings.CHAOS_PATH,
  seconds: settings.CHAOS_SECONDS ?? (settings.CHAOS_RUNS === undefined ? 90 : undefined),
} as const;
