import type { Client } from "pg";
import type { Context } from "./context.ts";
import type { Step } from "./step.ts";

/** The job and the two entries of Vault that are ours; nothing else there is touched. */
export const JOB = "checkout-reconcile";
export const VAULT_URL = "checkout_project_url";
export const VAULT_KEY = "checkout_secret_key";

/**
 * The project's key goes into `apikey`, the header that the platform's newer keys are sent in; as a bearer the gateway would take one for a JWT
 * where it looks at that (https://supabase.com/docs/guides/api/api-keys). A run takes up to a minute, and is answered at its beginning:
 * until all that it has sent is answered, pg_net sends nothing else for anybody in the project (supabase/pg_net, src/worker.c).
 */
const COMMAND = `select net.http_post(
  url := (select decrypted_secret from vault.decrypted_secrets where name = '${VAULT_URL}')
    || '/functions/v1/checkout-reconcile',
  headers := jsonb_build_object('prefer', 'respond-async', 'apikey', (
    select decrypted_secret from vault.decrypted_secrets where name = '${VAULT_KEY}')),
  timeout_milliseconds := 10000
)`;

/** Supabase Cron, its HTTP client, and the store of secrets, by the schemas that they make. */
const EXTENSIONS = { pg_cron: "cron", pg_net: "net", supabase_vault: "vault" } as const;

/** Reconcile runs every minute (https://supabase.com/docs/guides/functions/schedule-functions). */
export function cron(
  { database, management, settings }: Pick<Context, "database" | "management" | "settings">,
): Step {
  async function wanted(): Promise<Readonly<Record<string, string>>> {
    const key = await management.secretKey();
    if (key === undefined) {
      throw new Error(
        `the project has no secret key named default; make one at ` +
          `https://supabase.com/dashboard/project/${settings.ref}/settings/api-keys`,
      );
    }
    return { [VAULT_URL]: settings.projectUrl, [VAULT_KEY]: key };
  }
  async function missing(): Promise<readonly string[]> {
    const absent: string[] = [];
    for (const [extension, schema] of Object.entries(EXTENSIONS)) {
      if (!await hasSchema(database, schema)) absent.push(extension);
    }
    return absent;
  }

  return {
    name: "cron",
    async check() {
      const secrets = await wanted();
      const absent = await missing();
      const enabling = absent.map((extension) => `enable the extension ${extension}`);
      if (absent.length > 0) {
        return [
          ...enabling,
          "store the project's URL and key in Vault",
          `schedule ${JOB} every minute`,
        ];
      }
      const stale = await staleSecrets(database, secrets);
      return [
        ...stale.map((name) => `store ${name} in Vault`),
        ...(await isScheduled(database) ? [] : [`schedule ${JOB} every minute`]),
      ];
    },
    async apply(say) {
      for (const extension of await missing()) {
        await enable(database, extension, settings.ref);
        say(`enabled ${extension}`);
      }
      const secrets = await wanted();
      for (const name of await staleSecrets(database, secrets)) {
        await store(database, name, secrets[name] ?? "");
        say(`stored ${name}`);
      }
      // By its name, which Supabase Cron has once: the same name changes the job.
      await database.query("select cron.schedule($1, '* * * * *', $2)", [JOB, COMMAND]);
      say(`scheduled ${JOB}`);
    },
  };
}

export async function hasSchema(database: Client, schema: string): Promise<boolean> {
  const { rows: [row] } = await database.query<{ there: boolean }>(
    "select to_regnamespace($1) is not null as there",
    [schema],
  );
  return row?.there ?? false;
}

async function enable(database: Client, extension: string, ref: string): Promise<void> {
  try {
    await database.query(`create extension if not exists ${extension}`);
  } catch (error) {
    throw new Error(
      `${extension} was refused (${
        error instanceof Error ? error.message : String(error)
      }); enable it at ` +
        `https://supabase.com/dashboard/project/${ref}/database/extensions, and run this command again`,
      { cause: error },
    );
  }
}

async function staleSecrets(
  database: Client,
  wanted: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string; decrypted_secret: string }>(
    "select name, decrypted_secret from vault.decrypted_secrets where name = any($1)",
    [Object.keys(wanted)],
  );
  const stored = new Map(rows.map((row) => [row.name, row.decrypted_secret]));
  return Object.keys(wanted).filter((name) => stored.get(name) !== wanted[name]);
}

/** https://supabase.com/docs/guides/database/vault: names are unique, so an entry is updated and not made twice. */
async function store(database: Client, name: string, secret: string): Promise<void> {
  const { rows: [known] } = await database.query<{ id: string }>(
    "select id from vault.decrypted_secrets where name = $1",
    [name],
  );
  await (known === undefined
    ? database.query("select vault.create_secret($1, $2)", [secret, name])
    : database.query("select vault.update_secret($1, $2)", [known.id, secret]));
}

async function isScheduled(database: Client): Promise<boolean> {
  const { rows } = await database.query<{ schedule: string; command: string; active: boolean }>(
    "select schedule, command, active from cron.job where jobname = $1",
    [JOB],
  );
  return rows.length === 1 &&
    rows.every(({ schedule, command, active }) =>
      schedule === "* * * * *" && command === COMMAND && active
    );
}
