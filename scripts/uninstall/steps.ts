import type { Context } from "../deploy/context.ts";
import { hasSchema, JOB, VAULT_KEY, VAULT_URL } from "../deploy/cron.ts";
import { ownNames } from "../deploy/ownership.ts";
import type { Step } from "../deploy/step.ts";
import { ourEndpoints } from "../deploy/webhooks.ts";
import { exportTo, tables } from "./export.ts";
import { owed, spoken } from "./owed.ts";
import { dropSchemas } from "./schema.ts";

/** The functions that open checkouts, each by calling checkout-create's handler. */
export const OPENERS: readonly string[] = ["checkout", "checkout-create", "sdk"];

/**
 * What opens checkouts goes first; nothing else while anything is owed. Then from what calls us to what is called, and the data last,
 * written down when nobody can change it any more.
 */
export function uninstallSteps(context: Context, folder: string): readonly Step[] {
  return [
    functions(context, "new checkouts", (slug) => OPENERS.includes(slug)),
    nothingOwed(context),
    webhooks(context),
    cron(context),
    functions(context, "functions", () => true),
    exported(context, folder),
    secrets(context),
    exposedSchema(context),
    schema(context),
  ];
}

const nothingOwed = ({ database }: Context): Step => ({
  name: "open checkouts",
  check: async () => {
    const left = spoken(await owed(database));
    if (left !== undefined) throw new Error(left);
    return [];
  },
  apply: () => Promise.resolve(),
});

const exported = ({ database }: Context, target: string): Step => ({
  name: "export",
  check: async () => {
    const found = await tables(database);
    return found.length === 0 ? [] : [`write ${found.length} tables to ${target}`];
  },
  apply: async (say) => {
    const { folder, count } = await exportTo(database, target);
    say(`wrote ${count} rows to ${folder}`);
  },
});

function webhooks(context: Context): Step {
  const { stripe } = context;
  const found = () => ourEndpoints(context);
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

function functions(
  { management, database }: Context,
  name: string,
  isMeant: (slug: string) => boolean,
): Step {
  const found = async () => {
    const { function: own } = await ownNames(database);
    return (await management.functions()).map(({ slug }) => slug)
      .filter((slug) => own.has(slug) && isMeant(slug));
  };
  return {
    name,
    check: async () => (await found()).map((slug) => `delete ${slug}`),
    apply: async () => {
      for (const slug of await found()) await management.cli(["functions", "delete", slug]);
    },
  };
}

function secrets({ management, database }: Context): Step {
  const found = async () => {
    const { secret: own } = await ownNames(database);
    return [...(await management.secretDigests()).keys()].filter((name) => own.has(name));
  };
  return {
    name: "function secrets",
    check: async () => (await found()).map((name) => `unset ${name}`),
    apply: async () => management.unsetSecrets(await found()),
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
