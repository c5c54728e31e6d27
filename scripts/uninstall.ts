// `npm run uninstall`: takes out of a hosted project all that `npm run deploy` has put there, after an export.
import type { Client } from "pg";
import { connectStripe } from "../shared/stripe/client.ts";
import { stripeEnvironment } from "../shared/runtime/environment.ts";
import { settingsOf } from "./deploy/env-file.ts";
import { whileAlone } from "./deploy/lock.ts";
import { management } from "./deploy/management.ts";
import { projectFolder, readMigrations } from "./deploy/migrations.ts";
import { projectIsOfMode } from "./deploy/organization.ts";
import { readSettings } from "./deploy/settings.ts";
import { runSteps } from "./deploy/step.ts";
import { argumentsOf, command, onDatabase, runIfMain, UsageError } from "./operator.ts";
import { dependents } from "./uninstall/dependents.ts";
import { isFree } from "./uninstall/export.ts";
import { owed, spoken } from "./uninstall/owed.ts";
import { uninstallSteps } from "./uninstall/steps.ts";

const usage =
  `usage: npm run uninstall -- --project-ref <ref> --export <folder> --confirm <ref> [--close] [--dry-run] [--env-file <file>]

  --export    a new folder, which gets every row of every table as JSON before the tables go
  --confirm   the project's reference once more; not needed with --dry-run
  --close     goes on where checkouts are open: takes out what opens new ones, and stops there until those have ended
  --dry-run   says what would be done, and changes nothing

Takes out webhook endpoints, the job and what is stored for it, the functions and secrets that deploy has put there, and the schemas
billing and billing_private with all data. Subscriptions go on at Stripe. The settings are those of npm run deploy. Where it stops, the
same command goes on.`;

export const uninstall = command(usage, async (terminal) => {
  const { values } = argumentsOf(terminal, {
    options: {
      "project-ref": { type: "string" },
      export: { type: "string" },
      confirm: { type: "string" },
      close: { type: "boolean", default: false },
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
  return onDatabase({ env: { DATABASE_URL: settings.databaseUrl } }, undefined, (database) => {
    const run = async () => {
      const platform = management(settings, projectFolder);
      await platform.projectState();
      await projectIsOfMode({ database, settings });
      await nothingDepends(database);
      if (!values.close) await nothingIsOwed(database);
      const context = {
        settings,
        folder: projectFolder,
        migrations: await readMigrations(projectFolder),
        database,
        management: platform,
        stripe: connectStripe(stripeEnvironment(settings.secrets)),
      };
      return runSteps(uninstallSteps(context, target), dryRun, terminal);
    };
    return dryRun ? run() : whileAlone(database, run);
  });
});

async function nothingDepends(database: Client): Promise<void> {
  const needing = await dependents(database);
  if (needing.length === 0) return;
  throw new UsageError(
    `your app depends on what would be taken out; change or drop these first: ${
      needing.join(", ")
    }`,
  );
}

async function nothingIsOwed(database: Client): Promise<void> {
  const left = spoken(await owed(database));
  if (left === undefined) return;
  throw new UsageError(
    `${left}. Without the schema nobody would see them through. --close takes out what opens new checkouts and nothing else; when ` +
      "these have ended, the same command takes out the rest",
  );
}

await runIfMain(import.meta.url, uninstall);
