import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startStripeSimulator, type StripeSimulator } from "@billingos/stripe-simulator";
import type { Client } from "pg";
import type { Stripe } from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cron } from "../../../scripts/deploy/cron.ts";
import { ADVISORY_LOCK } from "../../../scripts/deploy/lock.ts";
import { webhooks } from "../../../scripts/deploy/webhooks.ts";
import { dropSchemas } from "../../../scripts/uninstall/schema.ts";
import { uninstall as uninstallCommand } from "../../../scripts/uninstall.ts";
import {
  Connection,
  MONTHLY,
  openSession,
  ORGANIZATION,
  PRO_PRODUCT,
  record,
} from "../../database/support.ts";
import { openAppProject, PROJECT_URL } from "../../support/app-project.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";
import type { ManagementApi } from "../../support/management-api.ts";
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
let databaseUrl: string;

beforeAll(async () => {
  server = await startPlatformDatabases();
  simulator = await startStripeSimulator();
});
afterAll(() => Promise.all([server.stop(), simulator.close()]));

/** The project of an app, in which ours was deployed, beside a function and a secret of the app's. */
beforeEach(async () => {
  const project = await openAppProject(server, simulator);
  ({ stripe, owner, api, folder, env, databaseUrl } = project);
  await owner.query(
    "insert into billing.organizations (name) select 'Number ' || n from generate_series(1, 2500) n",
  );
  const context = project.context();
  for (const step of [webhooks(context), cron(context)]) await step.apply(() => undefined);
  await stripe.webhookEndpoints.create({
    url: `${PROJECT_URL}/functions/v1/stripe-webhook`,
    enabled_events: ["*"],
  });
  // Of the time before the project had a domain of its own.
  await stripe.webhookEndpoints.create({
    url: `https://${api.ref}.supabase.co/functions/v1/stripe-webhook`,
    enabled_events: ["*"],
    metadata: { billingos_checkout: "platform" },
  });
  await owner.query(`
    insert into billing.deployed_names (kind, name) values
      ('function', 'products'), ('function', 'checkout-create'),
      ('secret', 'CHECKOUT_DIGEST_KEY'), ('secret', 'STRIPE_WEBHOOK_SECRETS'), ('secret', 'STRIPE_API_URL')`);
  api.schemas = "public, billing, app";
  api.secrets.set("STRIPE_SECRET_KEY", "sk_of_the_app").set("CHECKOUT_DIGEST_KEY", "ours")
    .set("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example.com");
  for (const slug of ["gallery", "products", "checkout-create"]) api.functions.set(slug, new Map());
  return () => project.close();
});

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
    "CHECKOUT_DIGEST_KEY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS",
  ],
  functions: ["gallery", "products", "checkout-create"],
  endpoints: 4,
};

/** The app's own functions and secrets among them, whatever their names. */
const APP = {
  schemas: [],
  policies: [],
  jobs: [{ jobname: "of-the-app" }],
  vault: [{ name: "of_the_app" }],
  exposed: "public, app",
  secrets: ["OTEL_EXPORTER_OTLP_ENDPOINT", "STRIPE_SECRET_KEY"],
  functions: ["gallery"],
  endpoints: 1,
};

/** The one whole export. */
async function exported(): Promise<string> {
  const folders = (await readdir(join(folder, "export"))).filter((name) => /^\w+$/.test(name));
  expect(folders).toHaveLength(1);
  return join(folder, "export", folders[0] ?? "");
}

it("takes out all that deploy has put there, after an export, and nothing of the app's", async () => {
  expect(await everything()).toEqual(ALL);
  await uninstall("--confirm", api.ref);
  expect(await everything()).toEqual(APP);
  expect(await rows("select id from public.customers")).toEqual([{ id: "1" }]);

  const whole = await exported();
  const files = await readdir(whole);
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) expect((await stat(join(whole, file))).mode & 0o077).toBe(0);
  const lines = (await readFile(join(whole, "organizations.ndjson"), "utf8")).trim()
    .split("\n");
  expect(lines).toHaveLength(2500);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
    expect.objectContaining({ name: "Number 2500" }),
  );
});

it("that stopped midway goes on by the same command", async () => {
  const command = () => uninstall("--confirm", api.ref);
  api.fail = ({ method, path }) => method === "DELETE" && path === "/secrets" ? 503 : undefined;
  await expect(command()).rejects.toThrow(/^exit code 1: function secrets failed: .*503/);
  api.fail = undefined;
  await command();
  expect(await everything()).toEqual(APP);
});

/** A checkout that is paid, and that nobody has fulfilled yet. */
async function paid() {
  await owner.query(`
    insert into billing.organizations (id, name, key) values ('${ORGANIZATION}', 'Acme', 'acme');
    insert into billing.api_keys (organization_id, prefix, digest) values ('${ORGANIZATION}', 'sk_test_abcd', 'digest');
    insert into billing.products (id, organization_id, name, stripe_product_id)
    values ('${PRO_PRODUCT}', '${ORGANIZATION}', 'Pro', 'prod_1');
    insert into billing.product_prices (id, product_id, currency, unit_amount, recurring_interval, stripe_price_id)
    values ('${MONTHLY}', '${PRO_PRODUCT}', 'usd', 2900, 'month', 'price_1')`);
  const service = new Connection(owner);
  const session = await openSession(service, "digest");
  await record(service, session, "succeeded");
  return session;
}

/** Has the payment go back, as far as Stripe has said. */
const refund = (sessionId: string, status: "pending" | "succeeded") =>
  owner.query(`
    update billing.payment_intents set refund_reason = 'session_closed', refunding_since = now(),
      stripe_refund_id = 're_1', refund_status = '${status}', refunded_at = now();
    update billing.checkout_sessions set status = 'failed' where id = '${sessionId}'`);

it("takes out with --close what opens checkouts and nothing else, until those that are open have ended", async () => {
  const { sessionId } = await paid();
  await expect(uninstall("--confirm", api.ref, "--close")).rejects.toThrow(
    /^exit code 1: open checkouts failed: checkouts that are open: 1 .*paid back yet: 1\ndone: new checkouts\n/,
  );
  expect(await everything()).toEqual({ ...ALL, functions: ["gallery", "products"] });
  await refund(sessionId, "succeeded");
  await uninstall("--confirm", api.ref, "--close");
  expect(await everything()).toEqual(APP);
});

async function refused(...args: string[]): Promise<CommandFailed> {
  const told = await uninstall(...args).then(() => undefined, (error: unknown) => error);
  if (!(told instanceof CommandFailed)) throw new Error("it was not refused");
  return told;
}

it("leaves the tables where a call that was under way has opened a checkout since the last look", async () => {
  await paid();
  await expect(dropSchemas(owner, [])).rejects.toThrow(/^checkouts that are open: 1 /);
  expect(await everything()).toEqual(ALL);
});

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
    ["a text of a function of the app's names one of ours", async () => {
      await owner.query(
        `create function public.may_export() returns boolean language plpgsql stable as
        $$ begin return exists (select from "billing" . features f where f.key = 'export'); end $$`,
      );
      return ["--confirm", api.ref];
    }, /change or drop these first: function may_export\(\)$/m],
    ["a job of the app's names one of ours", async () => {
      await owner.query(
        "select cron.schedule('report', '* * * * *', 'select from billing.customers')",
      );
      return ["--confirm", api.ref];
    }, /change or drop these first: job report$/m],
    ["what is sold is of the other mode than the key", async () => {
      await owner.query("update billing.organizations set livemode = true where name = 'Number 7'");
      return ["--confirm", api.ref];
    }, /^STRIPE_SECRET_KEY: is of test mode, and the project's organizations \(Number 7\) of/],
    ["the project's address is another's", () => {
      env["SUPABASE_URL"] = "https://bbbbbbbbbbbbbbbbbbbb.supabase.co";
      return ["--confirm", api.ref];
    }, /^SUPABASE_URL: is of another project/],
    ["a payment is neither fulfilled nor paid back", async () => {
      await paid();
      return ["--confirm", api.ref];
    }, /^checkouts that are open: 1 \(.*\); payments neither fulfilled nor paid back yet: 1\. /],
    ["a refund is under way", async () => {
      const { sessionId } = await paid();
      await refund(sessionId, "pending");
      return ["--confirm", api.ref];
    }, /^checkouts that are open: 0; payments neither fulfilled nor paid back yet: 1\. /],
  ])("where %s", async (_what, prepare, reason) => {
    const told = await refused(...await prepare());
    expect(told.stderr).toMatch(reason);
    expect(told.code).toBe(2);
    expect(api.calls.filter(({ method }) => !["GET", "POST"].includes(method))).toEqual([]);
  });

  it("beside a deploy that is at work", async () => {
    await server.on(databaseUrl, async (other) => {
      await other.query("select pg_advisory_lock($1)", [ADVISORY_LOCK]);
      const told = await refused("--confirm", api.ref);
      expect(told.stderr).toMatch(/^another deploy or uninstall of this project is at work/);
      expect(told.code).toBe(1);
    });
    expect(await everything()).toEqual(ALL);
  });
});
