import { allowedOrigins, stripeEnvironment } from "../../shared/runtime/environment.ts";
import type { Client } from "pg";
import type { FoundCatalogue } from "../catalogue/load.ts";
import { openProject } from "../doctor/project.ts";
import { examine, isWell, tell } from "../doctor/report.ts";
import type { Settings } from "../doctor/settings.ts";
import { digestKeyOf } from "../keys/digest-key.ts";
import type { Context } from "./context.ts";
import type { Step } from "./step.ts";

/** What `npm run doctor` says of what was deployed; a failure fails the step, a warning is told. */
export function doctor(
  { database, folder }: { readonly database: Client; readonly folder: string },
  settings: () => Promise<Settings>,
): Step {
  return {
    name: "doctor",
    check: () => Promise.resolve(["look at the project as npm run doctor does"]),
    async apply(say) {
      const outcomes = await examine(openProject(await settings(), database, folder), []);
      tell({ out: say }, outcomes);
      if (!isWell(outcomes)) {
        throw new Error(
          "there are failures, above; docs/operations.md says under each name what to do",
        );
      }
    },
  };
}

/** What the doctor is told of a project, of what the deploy knows. */
export const doctorsSettings = async (
  { management, settings }: Pick<Context, "management" | "settings">,
  catalogue: FoundCatalogue | undefined,
): Promise<Settings> => ({
  databaseUrl: settings.databaseUrl,
  url: settings.projectUrl,
  secretKey: await management.secretKey() ?? "",
  stripe: stripeEnvironment(settings.secrets),
  // Whether those that are stored are the endpoints' was looked at when they were made.
  webhookSecrets: undefined,
  allowedOrigins: allowedOrigins(settings.secrets),
  digestKey: digestKeyOf(settings.secrets),
  catalogue,
});
