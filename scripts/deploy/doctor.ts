import { allowedOrigins, stripeEnvironment } from "../../shared/runtime/environment.ts";
import type { FoundCatalogue } from "../catalogue/load.ts";
import { openProject } from "../doctor/project.ts";
import { examine, isWell, tell } from "../doctor/report.ts";
import { digestKeyOf } from "../keys/digest-key.ts";
import type { Context } from "./context.ts";
import type { Step } from "./step.ts";

/** What `npm run doctor` says of what was deployed, with the settings of the deploy; a failure fails the step, a warning is told. */
export function doctor(
  { database, management, settings, folder }: Context,
  catalogue: FoundCatalogue | undefined,
): Step {
  return {
    name: "doctor",
    check: () => Promise.resolve(["look at the project as npm run doctor does"]),
    async apply(say) {
      const project = openProject(
        {
          databaseUrl: settings.databaseUrl,
          url: settings.projectUrl,
          secretKey: await management.secretKey() ?? "",
          stripe: stripeEnvironment(settings.secrets),
          // Whether those that are stored are the endpoints' was looked at when they were made.
          webhookSecrets: undefined,
          allowedOrigins: allowedOrigins(settings.secrets),
          digestKey: digestKeyOf(settings.secrets),
          catalogue,
        },
        database,
        folder,
      );
      const outcomes = await examine(project, []);
      tell({ out: say }, outcomes);
      if (!isWell(outcomes)) {
        throw new Error(
          "there are failures, above; docs/operations.md says under each name what to do",
        );
      }
    },
  };
}
