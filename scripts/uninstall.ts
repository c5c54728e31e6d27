// `npm run uninstall`: takes out of a hosted project all that `npm run deploy` has put there, after an export.
import { connectStripe } from "../shared/stripe/client.ts";
import { stripeEnvironment } from "../shared/runtime/environment.ts";
import { settingsOf } from "./deploy/env-file.ts";
import { management } from "./deploy/management.ts";
import { projectFolder, readMigrations } from "./deploy/migrations.ts";
import { readSettings } from "./deploy/settings.ts";
import { runSteps } from "./deploy/step.ts";
import { argumentsOf, command, onDatabase, runIfMain, UsageError } from "./operator.ts";
import { isFree } from "./uninstall/export.ts";
import { dependents } from "./uninstall/schema.ts";
import { uninstallSteps } from "./uninstall/steps.ts";

const usage =
  `usage: npm run uninstall -- --project-ref <ref> --export <folder> --confirm <ref> [--dry-run] [--env-file <file>]

  --export    a new folder, which gets every row of every table as JSON before anything is taken out
  --confirm   the project's reference once more; not needed with --dry-run
  --dry-run   says what would be done, and changes nothing

Takes out webhook endpoints, the job and what is stored for it, functions, their secrets, and the schemas billing and
billing_private with all data. Subscriptions go on at Stripe. The settings are those of npm run deploy.`;

export const uninstall = command(usage, async (terminal) => {
  const { values } = argumentsOf(terminal, {
    options: {
      "project-ref": { type: "string" },
      export: { type: "string" },
      confirm: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      "env-file": { type: "string" },
    },
  });
  const { export: target, confirm, "dry-run": dryRun } = values;
  const settings = readSettings(
    values["project-ref"],
    settingsOf(terminal.env, values["env-file"]),
  );
  if (target === undefined || target === "") throw new UsageError("--export: is missing");
  if (!dryRun && confirm !== settings.ref) {
    throw new UsageError(`--confirm: say --confirm ${settings.ref} to take everything out`);
  }
  await isFree(target);
  return onDatabase(
    { env: { DATABASE_URL: settings.databaseUrl } },
    undefined,
    async (database) => {
      const platform = management(settings, projectFolder);
      await platform.projectState();
      const needing = await dependents(database);
      if (needing.length > 0) {
        throw new UsageError(
          `your app depends on what would be taken out; change or drop these first: ${
            needing.join(", ")
          }`,
        );
      }
      const context = {
        settings,
        folder: projectFolder,
        migrations: await readMigrations(projectFolder),
        database,
        management: platform,
        stripe: connectStripe(stripeEnvironment(settings.secrets)),
      };
      return runSteps(uninstallSteps(context, target), dryRun, terminal);
    },
  );
});

await runIfMain(import.meta.url, uninstall);
