import { environmentNames } from "../../shared/runtime/environment.ts";
import { type Context, webhookUrl } from "../deploy/context.ts";
import { hasSchema, JOB, VAULT_KEY, VAULT_URL } from "../deploy/cron.ts";
import { functionSlugs } from "../deploy/function-slugs.ts";
import type { Step } from "../deploy/step.ts";
import { ourEndpoints } from "../deploy/webhooks.ts";
import { exportTables, tables } from "./export.ts";
import { dropSchemas } from "./schema.ts";

/** From what calls us to what is called, the data first and last: nothing is taken out that something still needs. */
export function uninstallSteps(context: Context, folder: string): readonly Step[] {
  return [
    exported(context, folder),
    webhooks(context),
    cron(context),
    functions(context),
    secrets(context),
    exposedSchema(context),
    schema(context),
  ];
}

const exported = ({ database }: Context, folder: string): Step => ({
  name: "export",
  check: async () => {
    const found = await tables(database);
    return found.length === 0 ? [] : [`write ${found.length} tables to ${folder}`];
  },
  apply: async (say) => say(`wrote ${await exportTables(database, folder)} rows`),
});

function webhooks({ stripe, settings }: Context): Step {
  const found = () => ourEndpoints(stripe, webhookUrl(settings));
  return {
    name: "webhook endpoints",
    check: async () => (await found()).map((id) => `delete ${id}`),
    apply: async () => {
      for (const id of await found()) await stripe.webhookEndpoints.del(id);
    },
  };
}

function cron({ database }: Context): Step {
  const isScheduled = async () =>
    await hasSchema(database, "cron") &&
    (await database.query("select from cron.job where jobname = $1", [JOB])).rowCount === 1;
  const names = [VAULT_URL, VAULT_KEY];
  const stored = async () =>
    await hasSchema(database, "vault")
      ? (await database.query("select from vault.secrets where name = any($1)", [names])).rowCount
      : 0;
  return {
    name: "cron",
    check: async () => [
      ...(await isScheduled() ? [`unschedule ${JOB}`] : []),
      ...((await stored() ?? 0) > 0 ? ["delete what was stored for it in Vault"] : []),
    ],
    apply: async () => {
      if (await isScheduled()) await database.query("select cron.unschedule($1)", [JOB]);
      if ((await stored() ?? 0) > 0) {
        await database.query("delete from vault.secrets where name = any($1)", [names]);
      }
    },
  };
}

function functions({ management, folder }: Context): Step {
  const found = async () => {
    const ours = new Set(await functionSlugs(folder));
    return (await management.functions()).map(({ slug }) => slug).filter((slug) => ours.has(slug));
  };
  return {
    name: "functions",
    check: async () => (await found()).map((slug) => `delete ${slug}`),
    apply: async () => {
      for (const slug of await found()) await management.cli(["functions", "delete", slug]);
    },
  };
}

function secrets({ management }: Context): Step {
  const found = async () => {
    const set = await management.secretDigests();
    // Those of the platform are its own, and an app's functions may send their traces by the same variables.
    return environmentNames.filter((name) => !/^(SUPABASE|OTEL)_/.test(name) && set.has(name));
  };
  return {
    name: "function secrets",
    check: async () => (await found()).map((name) => `unset ${name}`),
    apply: async () => {
      await management.cli(["secrets", "unset", ...await found()]);
    },
  };
}

const exposedSchema = ({ management }: Context): Step => ({
  name: "exposed schema",
  check: async () =>
    (await management.exposedSchemas()).includes("billing")
      ? ["take billing out of the schemas that the Data API serves"]
      : [],
  apply: async () =>
    management.expose((await management.exposedSchemas()).filter((name) => name !== "billing")),
});

const schema = ({ database, migrations }: Context): Step => ({
  name: "schema",
  check: async () =>
    await hasSchema(database, "billing") || await hasSchema(database, "billing_private")
      ? ["drop billing and billing_private, with all in them"]
      : [],
  apply: () => dropSchemas(database, migrations),
});
