import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStripeSimulator, type StripeSimulator } from "@billingos/stripe-simulator";
import { Client } from "pg";
import { Stripe } from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cron } from "../../../scripts/deploy/cron.ts";
import { management } from "../../../scripts/deploy/management.ts";
import { projectFolder, readMigrations } from "../../../scripts/deploy/migrations.ts";
import { applySchema } from "../../../scripts/deploy/schema.ts";
import { readSettings } from "../../../scripts/deploy/settings.ts";
import { webhooks } from "../../../scripts/deploy/webhooks.ts";
import { uninstall as uninstallCommand } from "../../../scripts/uninstall.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";
import { type ManagementApi, startManagementApi } from "../../support/management-api.ts";
import {
  type PlatformDatabases,
  startPlatformDatabases,
} from "../../support/platform-databases.ts";

let server: PlatformDatabases;
let simulator: StripeSimulator;
let stripe: Stripe;
let owner: Client;
let api: ManagementApi;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  server = await startPlatformDatabases();
  simulator = await startStripeSimulator();
});
afterAll(() => Promise.all([server.stop(), simulator.close()]));

/** The project of an app, in which ours was deployed. */
beforeEach(async () => {
  const databaseUrl = await server.create();
  owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  await owner.query(
    await readFile(new URL("../../support/platform-extensions.sql", import.meta.url), "utf8"),
  );
  await owner.query(APP);
  api = await startManagementApi({ secretKey: "sb_secret_one" });
  const { hostname, port } = new URL(simulator.url);
  stripe = new Stripe(simulator.secretKey, {
    protocol: "http",
    host: hostname,
    port: Number(port),
    telemetry: false,
  });
  env = {
    SUPABASE_ACCESS_TOKEN: api.token,
    SUPABASE_API_URL: api.url,
    SUPABASE_URL: "https://project.example.com",
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
  const settings = readSettings(api.ref, env);
  const context = {
    database: owner,
    settings,
    stripe,
    management: management(settings, projectFolder),
  };
  await applySchema(owner, await readMigrations(projectFolder), () => undefined);
  await owner.query(
    "insert into billing.organizations (name) select 'Number ' || n from generate_series(1, 2500) n",
  );
  for (const step of [webhooks(context), cron(context)]) await step.apply(() => undefined);
  await stripe.webhookEndpoints.create({
    url: "https://project.example.com/functions/v1/stripe-webhook",
    enabled_events: ["*"],
  });
  api.schemas = "public, billing, app";
  api.secrets.set("APP_SECRET", "app").set("CHECKOUT_DIGEST_KEY", "ours")
    // Which the app's functions may use as well.
    .set("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example.com");
  for (const slug of ["hello", "products"]) api.functions.set(slug, new Map());
  folder = await mkdtemp(join(tmpdir(), "billingos test "));
  return async () => {
    await Promise.all([owner.end(), api.close(), rm(folder, { recursive: true, force: true })]);
    for (const { id } of (await stripe.webhookEndpoints.list()).data) {
      await stripe.webhookEndpoints.del(id);
    }
  };
});

const APP = `
  create table public.customers (id bigint primary key);
  insert into public.customers values (1);
  select cron.schedule('of-the-app', '* * * * *', 'select 1');
  select vault.create_secret('app', 'of_the_app');
`;

const uninstall = (...args: string[]) =>
  runCommand(uninstallCommand, env, [
    "--project-ref",
    api.ref,
    "--export",
    join(folder, "export"),
    ...args,
  ]);
const rows = async (sql: string) => (await owner.query<Record<string, unknown>>(sql)).rows;
const everything = async () => ({
  schemas: await rows("select nspname from pg_namespace where nspname like 'billing%' order by 1"),
  policies: await rows("select policyname from pg_policies where schemaname = 'realtime'"),
  jobs: await rows("select jobname from cron.job order by 1"),
  vault: await rows("select name from vault.secrets order by 1"),
  exposed: api.schemas,
  secrets: [...api.secrets.keys()].toSorted(),
  functions: [...api.functions.keys()],
  endpoints: (await stripe.webhookEndpoints.list()).data.length,
});
const ALL = {
  schemas: [{ nspname: "billing" }, { nspname: "billing_private" }],
  policies: [{ policyname: "checkout_session_listeners" }],
  jobs: [{ jobname: "checkout-reconcile" }, { jobname: "of-the-app" }],
  vault: [{ name: "checkout_project_url" }, { name: "checkout_secret_key" }, {
    name: "of_the_app",
  }],
  exposed: "public, billing, app",
  secrets: [
    "APP_SECRET",
    "CHECKOUT_DIGEST_KEY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "STRIPE_WEBHOOK_SECRETS",
  ],
  functions: ["hello", "products"],
  endpoints: 3,
};

it("takes out all that deploy has put there, after an export, and nothing of the app's", async () => {
  expect(await everything()).toEqual(ALL);
  await uninstall("--confirm", api.ref);
  expect(await everything()).toEqual({
    schemas: [],
    policies: [],
    jobs: [{ jobname: "of-the-app" }],
    vault: [{ name: "of_the_app" }],
    exposed: "public, app",
    secrets: ["APP_SECRET", "OTEL_EXPORTER_OTLP_ENDPOINT"],
    functions: ["hello"],
    endpoints: 1,
  });
  expect(await rows("select id from public.customers")).toEqual([{ id: "1" }]);

  const files = await readdir(join(folder, "export"));
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) expect((await stat(join(folder, "export", file))).mode & 0o077).toBe(0);
  const lines = (await readFile(join(folder, "export", "organizations.ndjson"), "utf8")).trim()
    .split("\n");
  expect(lines).toHaveLength(2500);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
    expect.objectContaining({ name: "Number 2500" }),
  );
});

async function failed(...args: string[]): Promise<CommandFailed> {
  const told = await uninstall(...args).then(() => undefined, (error: unknown) => error);
  if (!(told instanceof CommandFailed)) throw new Error("it did not fail");
  expect(await everything()).toEqual(ALL);
  return told;
}

describe("changes nothing", () => {
  it("in a dry run", async () => {
    const { stdout } = await uninstall("--dry-run");
    expect(stdout).toMatch(/^schema: would drop billing and billing_private/m);
    expect(await everything()).toEqual(ALL);
  });

  it.each([
    ["the project is not named once more", () => [], /say --confirm [a-z]{20}/],
    ["another project is named", () => ["--confirm", "abcdefghijklmnopqrst"], /say --confirm/],
    ["the export's folder holds something", async () => {
      await writeFile(join(folder, "there"), "");
      return ["--confirm", api.ref, "--export", folder];
    }, /is not empty; name a new folder/],
    ["a policy of the app asks one of our tables", async () => {
      await owner.query(
        `create policy paid on public.customers using (exists (select from billing.features f where f.key = 'x'))`,
      );
      return ["--confirm", api.ref];
    }, /depends on.*policy paid on public\.customers/],
    ["a table of the app refers to one of ours", async () => {
      await owner.query(
        "create table public.notes (organization_id uuid references billing.organizations (id))",
      );
      return ["--confirm", api.ref];
    }, /table constraint notes_organization_id_fkey on public\.notes/],
  ])("where %s", async (_what, prepare, reason) => {
    const { code, stderr } = await failed(...await prepare());
    expect(stderr).toMatch(reason);
    expect(code).toBe(2);
  });
});
