import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStripeSimulator } from "@billingos/stripe-simulator";
import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import { Client } from "pg";
import { Stripe } from "stripe";
import { deploy as deployCommand } from "../../scripts/deploy.ts";
import { CommandFailed, runCommand } from "./command.ts";
import { startManagementApi } from "./management-api.ts";

/** Restricted keys of a Stripe account, by what they may do. */
export const KEYS = {
  deployer: "rk_test_deploy",
  /** May also write what a catalogue makes. */
  seller: "rk_test_seller",
  narrow: "rk_test_narrow",
  /** A platform's, which may little on connected accounts. */
  platform: "rk_test_platform",
};
const readable = ["event", "product", "price", "charge", "dispute"].map((kind) => `${kind}_read`);
const writable = [
  "customer",
  "tax_id",
  "balance_transaction",
  "payment_intent",
  "setup_intent",
  "payment_method",
  "refund",
  "coupon",
  "subscription",
  "invoice",
  "webhook_endpoint",
  "session",
].map((kind) => `${kind}_write`);
const RESTRICTED = {
  [KEYS.deployer]: [...readable, ...writable],
  [KEYS.seller]: [...readable, ...writable, "product_write", "price_write"],
  [KEYS.narrow]: [...readable, "customer_write"],
  [KEYS.platform]: [
    ...readable,
    ...writable,
    "product_write",
    "price_write",
    "account_read",
    "connect_customer_write",
  ],
};

/** A connected account of the platform. */
export const ACCOUNT = "acct_acme";

/** One price of an organization `acme`. */
const ACME = `export default {
  organization: { key: "acme", name: "Acme" },
  products: { pro: { name: "Pro", prices: { monthly: { currency: "usd", amount: 2900, interval: "month" } } } },
};`;

/** Where the project of a test lies. */
export interface ProjectPlace {
  /** As `postgres`. */
  readonly databaseUrl: string;
  readonly apiUrl: string;
  readonly secretKey: string;
  readonly digestKey: Uint8Array;
}

export type DeployProject = Awaited<ReturnType<typeof openDeployProject>>;

/** A project on the platform, empty of ours, and a Stripe account, with what `npm run deploy` is told of both. */
export async function openDeployProject(
  { databaseUrl, apiUrl, secretKey, digestKey }: ProjectPlace,
) {
  const folder = await mkdtemp(join(tmpdir(), "billingos-catalogue-"));
  const acme = join(folder, "acme.mjs");
  await writeFile(acme, ACME);
  const connectedAcme = join(folder, "connected-acme.mjs");
  await writeFile(
    connectedAcme,
    ACME.replace(`name: "Acme"`, `name: "Acme", stripeAccount: "${ACCOUNT}"`),
  );
  const owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  await owner.query(`
    drop policy if exists checkout_session_listeners on realtime.messages;
    drop schema if exists billing, billing_private, supabase_migrations, cron, net, vault cascade`);
  await owner.query(await readFile(new URL("platform-extensions.sql", import.meta.url), "utf8"));
  const simulator = await startStripeSimulator({ restrictedKeys: RESTRICTED });
  await stripeAdmin(simulator.adminUrl, "POST", "/accounts", { id: ACCOUNT });
  const api = await startManagementApi({ secretKey });
  const { hostname, port } = new URL(simulator.url);
  const stripe = new Stripe(simulator.secretKey, {
    protocol: "http",
    host: hostname,
    port: Number(port),
    telemetry: false,
  });
  const settings: Record<string, string> = {
    SUPABASE_ACCESS_TOKEN: api.token,
    SUPABASE_API_URL: api.url,
    SUPABASE_URL: apiUrl,
    DATABASE_URL: databaseUrl,
    STRIPE_SECRET_KEY: KEYS.deployer,
    STRIPE_PUBLISHABLE_KEY: simulator.publishableKey,
    STRIPE_API_URL: simulator.url,
    CHECKOUT_ALLOWED_ORIGINS: "https://app.example.com",
    CHECKOUT_DIGEST_KEY: Buffer.from(digestKey).toString("base64url"),
    CHECKOUT_TOKEN_KEYS: JSON.stringify({
      keys: [{ kty: "oct", kid: "1", k: randomBytes(32).toString("base64url") }],
    }),
  };
  const deploy = (...args: string[]) =>
    runCommand(deployCommand, settings, ["--project-ref", api.ref, ...args]);
  return {
    folder,
    /** A catalogue of one price, as a file. */
    acme,
    /** The same, which sells on a connected account. */
    connectedAcme,
    owner,
    api,
    stripe,
    /** The environment of the command, to be changed at will. */
    settings,
    deploy,
    async failed(...args: string[]): Promise<CommandFailed> {
      try {
        const { stdout } = await deploy(...args);
        throw new Error(`it did not fail:\n${stdout}`);
      } catch (error) {
        if (error instanceof CommandFailed) return error;
        throw error;
      }
    },
    rows: async (sql: string) => (await owner.query<Record<string, unknown>>(sql)).rows,
    products: async () => (await stripe.products.list({ limit: 100 })).data,
    endpoints: async () => (await stripe.webhookEndpoints.list({ limit: 100 })).data,
    async close() {
      await Promise.all([simulator.close(), api.close(), owner.end()]);
      await rm(folder, { recursive: true });
    },
  };
}
