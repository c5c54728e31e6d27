import * as z from "zod/mini";

/** `deep=1` asks the database and Stripe as well, and needs the project's secret key. */
export const healthRequest = z.object({ deep: z.optional(z.enum(["0", "1"])) });

const status = z.enum(["ok", "degraded"]);

/** Without `deep`: the function runs, and its variables are well formed. */
export const healthResponse = z.object({ status });
export type HealthResponse = z.infer<typeof healthResponse>;

/** One thing that functions depend on, as one call of it went. */
const dependency = z.object({ answers: z.boolean(), milliseconds: z.int().check(z.minimum(0)) });
export type DependencyHealth = z.infer<typeof dependency>;

/** What the database tells of itself; times in Unix seconds. */
export const databaseFacts = z.object({
  now: z.number(),
  /** Whether organization keys were made with this function's digest key; `unused` where there is none yet. */
  digestKey: z.enum(["matches", "differs", "unused"]),
  /** When reconcile last came to its end. */
  reconciledAt: z.nullable(z.number()),
  inbox: z.object({
    due: z.int(),
    oldestDueSeconds: z.number(),
    dead: z.int(),
  }),
});
export type DatabaseFacts = z.infer<typeof databaseFacts>;

/** Answered with 503 where the status is `degraded`: a dependency does not answer, or no organization key can be opened. */
export const deepHealthResponse = z.object({
  status,
  /** Of the function's Stripe keys. */
  livemode: z.boolean(),
  allowedOrigins: z.array(z.string()),
  /** The function's clock, in Unix seconds. */
  now: z.number(),
  dependencies: z.object({ database: dependency, stripe: dependency }),
  /** Null where the database does not answer. */
  facts: z.nullable(databaseFacts),
});
export type DeepHealthResponse = z.infer<typeof deepHealthResponse>;
