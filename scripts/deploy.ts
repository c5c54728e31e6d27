// `npm run deploy`: from an empty or a used Supabase project to one that sells. Safe to repeat; stops at the first failure.
import { connectStripe } from "../shared/stripe/client.ts";
import { stripeEnvironment } from "../shared/runtime/environment.ts";
import { findCatalogue } from "./catalogue/load.ts";
import { toPush } from "./deploy/catalogue.ts";
import { allSteps, localSteps } from "./deploy/steps.ts";
import { digestKeyIsTheSame } from "./deploy/digest-key.ts";
import { settingsOf } from "./deploy/env-file.ts";
import { whileAlone } from "./deploy/lock.ts";
import { management } from "./deploy/management.ts";
import { projectFolder, readMigrations } from "./deploy/migrations.ts";
import { anAccountOf, organizationIsNamed, projectIsOfMode } from "./deploy/organization.ts";
import { namesAreFree } from "./deploy/ownership.ts";
import { keyMayDoAll } from "./deploy/permissions.ts";
import { postgresIsNewEnough, realtimeIsNewEnough } from "./deploy/platform.ts";
import { planSchema } from "./deploy/schema.ts";
import { isLocalStack, readSettings } from "./deploy/settings.ts";
import { runSteps } from "./deploy/step.ts";
import { environmentOf, settingsOf as doctorsSettingsOf } from "./doctor/settings.ts";
import {
  argumentsOf,
  command,
  onDatabase,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";

const usage =
  `usage: npm run deploy -- --project-ref <ref> [--catalogue <file> | --organization <name>] [--dry-run]
       npm run deploy -- --local [--catalogue <file>] [--dry-run]

  --project-ref   the hosted project; its settings come from the environment and from --env-file
  --catalogue     what is sold, which also names the organization; billing.catalogue.ts unless told, once it is not the demo
  --organization  names the first organization, where the project has none and no catalogue does
  --dry-run       says what would be done, and changes nothing
  --take-over     writes over functions and secrets of somebody else's that have the names of ours
  --new-digest-key
                  says that CHECKOUT_DIGEST_KEY is replaced on purpose, so that organization keys open nothing any more
  --new-webhook-secrets
                  replaces the webhook endpoints that deploy has made, and with them the secrets that are stored
  --sources       uploads the functions as they are written, and not bundled
  --env-file      a file of settings, .env unless told; the environment counts before it
  --local         the stack that npm start or npm run stack runs on this machine; of several, the one whose operator.env
                  --env-file names

Settings: SUPABASE_ACCESS_TOKEN, DATABASE_URL (as the role postgres), STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY,
CHECKOUT_ALLOWED_ORIGINS, CHECKOUT_DIGEST_KEY, CHECKOUT_TOKEN_KEYS; what each is: docs/environment.md.
Exit code 0: done. 1: stopped at a step, which is told. 2: a setting is missing or malformed, and nothing was done.`;

async function toProject(
  terminal: Terminal,
  ref: string | undefined,
  options: {
    organization: string | undefined;
    catalogue: string | undefined;
    dryRun: boolean;
    sources: boolean;
    takeOver: boolean;
    newDigestKey: boolean;
    newWebhookSecrets: boolean;
    envFile: string | undefined;
  },
): Promise<number> {
  const settings = readSettings(ref, settingsOf(terminal.env, options.envFile));
  const catalogue = await findCatalogue(options.catalogue);
  const pushed = toPush(catalogue);
  if (pushed !== undefined && options.organization !== undefined) {
    const { name } = pushed.wanted.organization;
    throw new UsageError(
      `--organization: leave it out; the catalogue that is pushed names ${name}`,
    );
  }
  const stripe = connectStripe(stripeEnvironment(settings.secrets));
  const platform = management(settings, projectFolder);
  return onDatabase({ env: { DATABASE_URL: settings.databaseUrl } }, undefined, (database) => {
    const run = async () => {
      const migrations = await readMigrations(projectFolder);
      const folder = projectFolder;
      const context = { settings, folder, migrations, database, management: platform, stripe };
      // All that can be refused is refused before the first change.
      const state = await platform.projectState();
      if (state !== "ACTIVE_HEALTHY") {
        throw new UsageError(
          `the project is ${state}; restore or wait for it in the dashboard, and come again`,
        );
      }
      await postgresIsNewEnough(database);
      await realtimeIsNewEnough(database, settings.ref);
      await keyMayDoAll(context, {
        catalogue: pushed !== undefined,
        account: pushed?.wanted.organization.stripeAccount ?? await anAccountOf(database),
      });
      await planSchema(database, migrations);
      await organizationIsNamed(context, options.organization, pushed?.wanted.organization);
      await projectIsOfMode(context);
      if (!options.newDigestKey) await digestKeyIsTheSame(context);
      if (!options.takeOver) await namesAreFree(context);
      const steps = allSteps(context, { ...options, catalogue, show: terminal.out });
      return runSteps(steps, options.dryRun, terminal);
    };
    return options.dryRun ? run() : whileAlone(database, run);
  });
}

async function toStack(
  terminal: Terminal,
  { catalogue: file, dryRun, envFile }: {
    readonly catalogue: string | undefined;
    readonly dryRun: boolean;
    readonly envFile: string | undefined;
  },
): Promise<number> {
  const env = environmentOf(terminal, { local: envFile === undefined, file: envFile });
  isLocalStack(env);
  const settings = { ...doctorsSettingsOf(env), catalogue: await findCatalogue(file) };
  const stripe = connectStripe(settings.stripe);
  return onDatabase({ env }, undefined, async (database) => {
    const migrations = await readMigrations(projectFolder);
    const context = { folder: projectFolder, migrations, database, stripe };
    return runSteps(localSteps(context, settings), dryRun, terminal);
  });
}

export const deploy = command(usage, async (terminal) => {
  const { values } = argumentsOf(terminal, {
    options: {
      "project-ref": { type: "string" },
      organization: { type: "string" },
      catalogue: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      sources: { type: "boolean", default: false },
      "take-over": { type: "boolean", default: false },
      "new-digest-key": { type: "boolean", default: false },
      "new-webhook-secrets": { type: "boolean", default: false },
      "env-file": { type: "string" },
      local: { type: "boolean", default: false },
    },
  });
  const { organization, catalogue, sources, "dry-run": dryRun, "env-file": envFile } = values;
  if (values.local) {
    if (values["project-ref"] !== undefined) {
      throw new UsageError("--local and --project-ref are two places: name one");
    }
    return toStack(terminal, { catalogue, dryRun, envFile });
  }
  return toProject(terminal, values["project-ref"], {
    organization,
    catalogue,
    dryRun,
    sources,
    takeOver: values["take-over"],
    newDigestKey: values["new-digest-key"],
    newWebhookSecrets: values["new-webhook-secrets"],
    envFile,
  });
});

await runIfMain(import.meta.url, deploy);
