import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStripeSimulator, type StripeSimulator } from "@billingos/stripe-simulator";
import { Client } from "pg";
import { Stripe } from "stripe";
import type { Context } from "../../scripts/deploy/context.ts";
import { management } from "../../scripts/deploy/management.ts";
import { projectFolder, readMigrations } from "../../scripts/deploy/migrations.ts";
import { applySchema } from "../../scripts/deploy/schema.ts";
import { readSettings } from "../../scripts/deploy/settings.ts";
import { startManagementApi } from "./management-api.ts";
import { type PlatformDatabases, startPlatformDatabases } from "./platform-databases.ts";

export const PROJECT_URL = "https://project.example.com";

export type AppProject = Awaited<ReturnType<typeof openAppProject>>;

/** One such project, with a server and a Stripe of its own, which end with it. */
export async function startAppProject(): Promise<AppProject> {
  const [server, simulator] = await Promise.all([startPlatformDatabases(), startStripeSimulator()]);
  const project = await openAppProject(server, simulator);
  return {
    ...project,
    async close() {
      await project.close();
      await Promise.all([server.stop(), simulator.close()]);
    },
  };
}

/** The project of an app with our schema and nothing else of ours, on which no function runs. */
export async function openAppProject(server: PlatformDatabases, simulator: StripeSimulator) {
  const databaseUrl = await server.create();
  const owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  await owner.query(await readFile(new URL("platform-extensions.sql", import.meta.url), "utf8"));
  await owner.query(`
    create table public.customers (id bigint primary key);
    insert into public.customers values (1);
    select cron.schedule('of-the-app', '* * * * *', 'select 1');
    select vault.create_secret('app', 'of_the_app')`);
  await applySchema(owner, await readMigrations(projectFolder), () => undefined);
  const api = await startManagementApi({ secretKey: "sb_secret_one" });
  const { hostname, port } = new URL(simulator.url);
  const stripe = new Stripe(simulator.secretKey, {
    protocol: "http",
    host: hostname,
    port: Number(port),
    telemetry: false,
  });
  const folder = await mkdtemp(join(tmpdir(), "billingos test "));
  const env: Record<string, string> = {
    SUPABASE_ACCESS_TOKEN: api.token,
    SUPABASE_API_URL: api.url,
    SUPABASE_URL: PROJECT_URL,
    DATABASE_URL: databaseUrl,
    STRIPE_SECRET_KEY: simulator.secretKey,
    STRIPE_PUBLISHABLE_KEY: simulator.publishableKey,
    STRIPE_API_URL: simulator.url,
    CHECKOUT_ALLOWED_ORIGINS: "*",
    CHECKOUT_DIGEST_KEY: randomBytes(32).toString("base64url"),
    CHECKOUT_TOKEN_KEYS: JSON.stringify({
      keys: [{ kty: "oct", kid: "1", k: randomBytes(32).toString("base64url") }],
    }),
  };
  return {
    databaseUrl,
    owner,
    api,
    stripe,
    /** Stripe's, which may do everything. */
    secretKey: simulator.secretKey,
    folder,
    /** The environment of the commands, to be changed at will. */
    env,
    /** What the steps work with, as of that environment. */
    context(): Omit<Context, "migrations"> {
      const settings = readSettings(api.ref, env);
      return {
        database: owner,
        settings,
        stripe,
        folder: projectFolder,
        management: management(settings, projectFolder),
      };
    },
    rows: async (sql: string) => (await owner.query<Record<string, unknown>>(sql)).rows,
    async close() {
      await Promise.all([owner.end(), api.close(), rm(folder, { recursive: true, force: true })]);
      for (const { id } of (await stripe.webhookEndpoints.list()).data) {
        await stripe.webhookEndpoints.del(id);
      }
    },
  };
}
