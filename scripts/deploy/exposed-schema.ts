import type { Context } from "./context.ts";
import type { Step } from "./step.ts";

/**
 * The functions reach `billing` through the project's Data API, which serves the schemas that it is told
 * (https://supabase.com/docs/guides/api/using-custom-schemas). Those of the app stay, in their order: the first is the default.
 */
export function exposedSchema({ management }: Context): Step {
  return {
    name: "exposed schema",
    check: async () =>
      (await management.exposedSchemas()).includes("billing")
        ? []
        : ["add billing to the schemas that the Data API serves"],
    apply: async () => management.expose([...await management.exposedSchemas(), "billing"]),
  };
}
