import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStripeSimulator, type StripeSimulator } from "@billingos/stripe-simulator";
import { Client } from "pg";
import { Stripe } from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { permissions } from "../../../scripts/deploy/permissions.ts";
import { deploy as deployCommand } from "../../../scripts/deploy.ts";
import { handledEventTypes } from "../../../shared/domain/event-command.ts";
import { startStack } from "../../../stack/index.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";
import { type ManagementApi, startManagementApi } from "../../support/management-api.ts";

// One of its own, whose schema is taken out before each test.
const stack = await startStack();
const { apiUrl, databaseUrl, secretKey } = stack.info;
const KEY = "rk_test_deploy";
/** May also write what a catalogue makes. */
const SELLER = "rk_test_seller";
const NARROW = "rk_test_narrow";
const needed = ["event", "product", "price", "charge", "dispute"].map((kind) => `${kind}_read`);
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
].map((kind) => `${kind}_write`);

let owner: Client;
let api: ManagementApi;
let stripe: Stripe;
let simulator: StripeSimulator;
let settings: Record<string, string>;
let folder: string;
/** A catalogue of one price. */
let acme: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "billingos-catalogue-"));
  acme = join(folder, "acme.mjs");
  await writeFile(
    acme,
    `export default {
      organization: { key: "acme", name: "Acme" },
      products: { pro: { name: "Pro", prices: { monthly: { currency: "usd", amount: 2900, interval: "month" } } } },
    };`,
  );
  owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  await owner.query(
    await readFile(new URL("../../support/platform-extensions.sql", import.meta.url), "utf8"),
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await owner.end();
  await stack.stop();
});

beforeEach(async () => {
  simulator = await startStripeSimulator({
    restrictedKeys: {
      [KEY]: [...needed, ...writable],
      [SELLER]: [...needed, ...writable, "product_write", "price_write"],
      [NARROW]: [...needed, "customer_write"],
    },
  });
  api = await startManagementApi({ secretKey });
  const { hostname, port } = new URL(simulator.url);
  stripe = new Stripe(simulator.secretKey, {
    protocol: "http",
    host: hostname,
    port: Number(port),
    telemetry: false,
  });
  settings = {
    SUPABASE_ACCESS_TOKEN: api.token,
    SUPABASE_API_URL: api.url,
    SUPABASE_URL: apiUrl,
    DATABASE_URL: databaseUrl,
    STRIPE_SECRET_KEY: KEY,
    STRIPE_PUBLISHABLE_KEY: "pk_test_deploy",
    STRIPE_API_URL: simulator.url,
    CHECKOUT_ALLOWED_ORIGINS: "https://app.example.com",
    CHECKOUT_DIGEST_KEY: Buffer.from(stack.digestKey).toString("base64url"),
    CHECKOUT_TOKEN_KEYS: JSON.stringify({
      keys: [{ kty: "oct", kid: "1", k: randomBytes(32).toString("base64url") }],
    }),
  };
  await owner.query("delete from cron.job; delete from vault.secrets; delete from net.sent");
  await owner.query(`
    drop policy if exists checkout_session_listeners on realtime.messages;
    drop schema if exists billing, billing_private, supabase_migrations cascade`);
  return () => Promise.all([simulator.close(), api.close()]);
});

const deploy = (...args: string[]) =>
  runCommand(deployCommand, settings, ["--project-ref", api.ref, ...args]);
const failed = async (...args: string[]): Promise<CommandFailed> => {
  try {
    const { stdout } = await deploy(...args);
    throw new Error(`it did not fail:\n${stdout}`);
  } catch (error) {
    if (error instanceof CommandFailed) return error;
    throw error;
  }
};
const rows = async (sql: string) => (await owner.query<Record<string, unknown>>(sql)).rows;
const products = async () => (await stripe.products.list({ limit: 100 })).data;
const endpoints = async () => (await stripe.webhookEndpoints.list({ limit: 100 })).data;

it("a dry run says what it would do, and changes nothing", async () => {
  const { stdout } = await deploy("--dry-run", "--organization", "Example");
  expect(stdout).toMatch(/^schema: would apply 20261101000100_foundations$/m);
  expect(stdout).toMatch(/^webhook endpoints: would make the connect endpoint/m);
  expect(stdout).toMatch(/^functions: would upload 13 functions$/m);
  expect(stdout).toMatch(/^nothing was changed$/m);
  expect(new Set(api.calls.map(({ method }) => method))).toEqual(new Set(["GET"]));
  expect(await rows("select to_regnamespace('billing') as billing")).toEqual([{ billing: null }]);
  expect([await endpoints(), await rows("select * from cron.job")]).toEqual([[], []]);
});

describe("an empty project", () => {
  it("has everything after one deploy, and a second one changes nothing", async () => {
    const { stdout } = await deploy("--organization", "Example");
    const [key = ""] = /^sk_test_\w+$/m.exec(stdout) ?? [];
    expect(key).not.toBe("");
    expect(api.schemas).toBe("public, graphql_public, billing");
    expect(Object.fromEntries(api.secrets)).toMatchObject({
      CHECKOUT_TOKEN_KEYS: settings["CHECKOUT_TOKEN_KEYS"],
    });
    expect(api.functions.size).toBe(13);
    expect(await rows("select name, livemode from billing.organizations")).toEqual([{
      name: "Example",
      livemode: false,
    }]);
    // Which key it was: the smoke test has made a session token with it and taken that back.
    expect(
      await rows(
        "select k.prefix, t.revoked_at is null as open from billing.session_tokens t join billing.api_keys k on k.id = t.api_key_id",
      ),
    )
      .toEqual([{ prefix: key.slice(0, 12), open: false }]);

    const made = await endpoints();
    expect(
      made.map(({ url, api_version, metadata: { billingos_checkout: kind } }) => ({
        url,
        api_version,
        kind,
      })).toSorted((a, b) => (a.kind ?? "").localeCompare(b.kind ?? "")),
    ).toEqual(
      ["connect", "platform"].map((kind) => ({
        url: `${apiUrl}/functions/v1/stripe-webhook`,
        api_version: "2026-10-28.endive",
        kind,
      })),
    );
    for (const { enabled_events: events } of made) {
      expect(events.toSorted()).toEqual([...handledEventTypes].toSorted());
    }
    expect(api.secrets.get("STRIPE_WEBHOOK_SECRETS")).toMatch(/^whsec_\w+,whsec_\w+$/);

    const before = { secrets: [...api.secrets], schemas: api.schemas };
    api.calls.length = 0;
    const second = await deploy();
    expect(second.stdout).toMatch(/^schema: nothing to do$/m);
    expect(second.stdout).not.toMatch(/sk_test/);
    expect({ secrets: [...api.secrets], schemas: api.schemas }).toEqual(before);
    expect(await endpoints()).toEqual(made);
    const written = api.calls.filter(({ method }) => method !== "GET").map(({ path }) => path);
    expect(written.length).toBeGreaterThan(11);
    expect(written.filter((path) => !path.startsWith("/functions"))).toEqual([]);
  });

  it("has reconcile called every minute, with the project's key in the header of keys", async () => {
    await deploy("--organization", "Example");
    const [job] = await rows("select jobname, schedule, command from cron.job");
    expect(job).toMatchObject({ jobname: "checkout-reconcile", schedule: "* * * * *" });
    expect(String(job?.["command"])).not.toContain(secretKey);
    // As Supabase Cron would.
    await owner.query(String(job?.["command"]));
    const [sent] = await rows("select url, headers from net.sent");
    expect(sent).toEqual({
      url: `${apiUrl}/functions/v1/checkout-reconcile`,
      headers: { apikey: secretKey },
    });
    const answer = await fetch(String(sent?.["url"]), {
      method: "POST",
      headers: { apikey: secretKey },
    });
    expect(answer.status).toBe(200);

    // A key that was rotated.
    await owner.query(
      "update vault.secrets set secret = 'sb_secret_old' where name = 'checkout_secret_key'",
    );
    expect((await deploy()).stdout).toMatch(/^cron: store checkout_secret_key in Vault$/m);
    expect(await rows("select decrypted_secret from vault.decrypted_secrets order by name"))
      .toEqual([
        { decrypted_secret: apiUrl },
        { decrypted_secret: secretKey },
      ]);
  });
});

const failing = (method: string, path: string) => () => {
  api.fail = (call) => call.method === method && call.path.startsWith(path) ? 503 : undefined;
};

it("stops at each step that fails, says what is done and what is not, and goes on from there", async () => {
  const order = [
    "schema",
    "realtime policy",
    "exposed schema",
    "function secrets",
    "webhook endpoints",
    "functions",
    "cron",
    "organization",
    "catalogue",
    "smoke test",
    "doctor",
  ];
  const breaks: readonly (readonly [string, () => unknown, () => unknown])[] = [
    ["exposed schema", failing("PATCH", "/postgrest"), () => undefined],
    ["function secrets", failing("POST", "/secrets"), () => undefined],
    ["webhook endpoints", failing("POST", "/secrets"), () => undefined],
    ["functions", failing("POST", "/functions/deploy?slug=products"), () => undefined],
    [
      "cron",
      () => owner.query("alter function cron.schedule rename to gone"),
      () => owner.query("alter function cron.gone rename to schedule"),
    ],
    [
      "organization",
      () => owner.query("alter table billing.api_keys rename column prefix to gone"),
      () => owner.query("alter table billing.api_keys rename column gone to prefix"),
    ],
    [
      "catalogue",
      () => owner.query("alter table billing.features rename column name to gone"),
      () => owner.query("alter table billing.features rename column gone to name"),
    ],
    [
      "smoke test",
      () => stack.functions.kill("features"),
      () => stack.functions.restart("features"),
    ],
    [
      "doctor",
      () => owner.query("grant usage on schema billing to anon"),
      () => owner.query("revoke usage on schema billing from anon"),
    ],
  ];
  settings["STRIPE_SECRET_KEY"] = SELLER;
  for (const [step, breakIt, mend] of breaks) {
    if (step === "webhook endpoints") {
      // The step before it sets its own secrets first.
      api.fail = undefined;
      for (const [name, value] of Object.entries(settings)) {
        if (/^(STRIPE|CHECKOUT)_/.test(name)) api.secrets.set(name, value);
      }
    }
    // A broken table has to be there first.
    await breakIt();
    const { code, stderr } = await failed("--catalogue", acme);
    expect(stderr).toMatch(new RegExp(`^${step} failed: `, "m"));
    expect(code).toBe(1);
    const at = order.indexOf(step);
    expect(stderr).toContain(
      `done: ${order.slice(0, at).join(", ")}\nnot done: ${order.slice(at).join(", ")}\n`,
    );
    api.fail = undefined;
    await mend();
  }
  expect((await deploy("--catalogue", acme)).stdout).toMatch(/^done$/m);
  expect(await endpoints()).toHaveLength(2);
  expect(await rows("select key, name from billing.organizations")).toEqual([
    { key: "acme", name: "Acme" },
  ]);
});

describe("the catalogue", () => {
  it("that is still the demo is pushed nowhere until it is named", async () => {
    const { stdout } = await deploy("--organization", "Example");
    expect(stdout).toMatch(
      /^catalogue: push nothing, since billing\.catalogue\.ts is still the demo/m,
    );
    expect(await products()).toEqual([]);
    settings["STRIPE_SECRET_KEY"] = SELLER;
    await deploy("--catalogue", "billing.catalogue.ts");
    expect(await products()).toHaveLength(4);
  });

  it("is shown by a dry run of an empty project, which makes nothing at Stripe", async () => {
    settings["STRIPE_SECRET_KEY"] = SELLER;
    const { stdout } = await deploy("--catalogue", acme, "--dry-run");
    expect(stdout).toMatch(/^organization: would make the organization Acme$/m);
    expect(stdout).toMatch(/^catalogue: would push \+ Stripe +product pro: create "Pro"$/m);
    expect(stdout).toMatch(/^catalogue: would push \+ database +price monthly: create$/m);
    expect(await products()).toEqual([]);
  });

  it("gives its key to an organization that was named before and sells nothing, and is pushed once", async () => {
    await deploy("--organization", "Example");
    settings["STRIPE_SECRET_KEY"] = SELLER;
    const first = await deploy("--catalogue", acme);
    expect(first.stdout).toMatch(
      /^organization: give the organization Example, which sells nothing yet, the key acme$/m,
    );
    expect(first.stdout).not.toMatch(/sk_test/);
    expect(await rows("select key, name from billing.organizations")).toEqual([
      { key: "acme", name: "Acme" },
    ]);
    expect((await products()).map(({ name }) => name)).toEqual(["Pro"]);
    const second = await deploy("--catalogue", acme);
    expect(second.stdout).toMatch(/^catalogue: nothing to do$/m);
    expect(second.stdout).toMatch(/^doctor: ok +catalogue$/m);
    expect(await products()).toHaveLength(1);
  });

  it.each<[string, () => string[], RegExp]>([
    [
      "a second name for its organization",
      () => ["--catalogue", acme, "--organization", "Example"],
      /^--organization: leave it out; the catalogue that is pushed names Acme$/m,
    ],
    [
      "a key that may not write products",
      () => ["--catalogue", acme],
      /Products, for a catalogue: write \(rak_product_write\), Prices, for a catalogue: write/,
    ],
    [
      "a file that is not there",
      () => ["--catalogue", join(folder, "none.ts")],
      /^--catalogue: there is no /,
    ],
  ])("is refused with %s, before the first change", async (_what, args, reason) => {
    const { code, stderr } = await failed(...args());
    expect(stderr).toMatch(reason);
    expect(code).toBe(2);
    expect(await rows("select to_regnamespace('billing') as billing")).toEqual([{ billing: null }]);
  });
});

it("names all that a restricted key lacks, and does nothing", async () => {
  settings["STRIPE_SECRET_KEY"] = NARROW;
  const { code, stderr } = await failed("--organization", "Example");
  expect(code).toBe(2);
  const lacking = permissions.filter(({ access, resource, forCatalogue }) =>
    access === "write" && forCatalogue === undefined && resource !== "Customers"
  );
  expect(lacking.length).toBeGreaterThan(5);
  for (const { resource } of lacking) expect(stderr).toContain(`${resource}: write (rak_`);
  expect(stderr).not.toContain("Customers:");
  expect(await rows("select to_regnamespace('billing') as billing")).toEqual([{ billing: null }]);
});

it.each([
  ["a token that nobody has", () => {
    settings["SUPABASE_ACCESS_TOKEN"] = `sbp_${"0".repeat(40)}`;
  }, /SUPABASE_ACCESS_TOKEN is not accepted/],
  ["a token that may not", () => {
    api.fail = () => 403;
  }, /SUPABASE_ACCESS_TOKEN may not GET the project/],
  ["a project that rests", () => {
    api.status = "INACTIVE";
  }, /the project is INACTIVE/],
  ["a Stripe key that nobody has", () => {
    settings["STRIPE_SECRET_KEY"] = "sk_test_nobody";
  }, /STRIPE_SECRET_KEY: Stripe does not know/],
])("refuses %s before the first change", async (_what, spoil, reason) => {
  spoil();
  const { code, stderr } = await failed("--organization", "Example");
  expect(stderr).toMatch(reason);
  expect(code).toBe(2);
  expect(api.calls.filter(({ method }) => method !== "GET")).toEqual([]);
  expect(await rows("select to_regnamespace('billing') as billing")).toEqual([{ billing: null }]);
});

it("asks for the first organization's name before the first change", async () => {
  const { code, stderr } = await failed();
  expect(stderr).toMatch(/--organization: is missing/);
  expect(code).toBe(2);
  expect(await endpoints()).toEqual([]);
});

it("brings the schema of a running embedded stack up to date, and calls its functions", async () => {
  const local = { DATABASE_URL: databaseUrl, SUPABASE_URL: apiUrl, SUPABASE_SECRET_KEY: secretKey };
  const first = await runCommand(deployCommand, local, ["--local"]);
  expect(first.stdout).toMatch(/^smoke test: reconcile has run$/m);
  const second = await runCommand(deployCommand, local, ["--local"]);
  expect(second.stdout).toMatch(/^schema: nothing to do$/m);
  expect(api.calls).toEqual([]);
});
