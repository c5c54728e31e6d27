import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { permissions } from "../../../scripts/deploy/permissions.ts";
import { type DeployProject, KEYS, openDeployProject } from "../../support/deploy-project.ts";
import { whilePostgresIsOld } from "../../support/old-postgres.ts";
import {
  type PlatformDatabases,
  startPlatformDatabases,
} from "../../support/platform-databases.ts";

let server: PlatformDatabases;
let project: DeployProject;
beforeAll(async () => {
  server = await startPlatformDatabases();
  project = await openDeployProject({
    databaseUrl: await server.create(),
    // Nothing of what is refused or only said calls it.
    apiUrl: "http://127.0.0.1:9",
    secretKey: "sb_secret_one",
    digestKey: randomBytes(32),
  });
});
afterAll(async () => {
  await project.close();
  await server.stop();
});
beforeEach(() => {
  const { api, settings } = project;
  [api.fail, api.status] = [undefined, "ACTIVE_HEALTHY"];
  settings["SUPABASE_ACCESS_TOKEN"] = api.token;
  settings["STRIPE_SECRET_KEY"] = KEYS.deployer;
});

describe("a dry run says what it would do, and changes nothing", () => {
  it("of an empty project", async () => {
    const { stdout } = await project.deploy("--dry-run", "--organization", "Example");
    expect(stdout).toMatch(/^schema: would apply 20261101000100_foundations$/m);
    expect(stdout).toMatch(/^webhook endpoints: would make the connect endpoint/m);
    expect(stdout).toMatch(/^functions: would upload 15 functions$/m);
    expect(stdout).toMatch(/^nothing was changed$/m);
  });

  it("of a catalogue", async () => {
    project.settings["STRIPE_SECRET_KEY"] = KEYS.seller;
    const { stdout } = await project.deploy("--catalogue", project.acme, "--dry-run");
    expect(stdout).toMatch(/^organization: would make the organization Acme$/m);
    expect(stdout).toMatch(/^catalogue: would push \+ Stripe +product pro: create "Pro"$/m);
    expect(stdout).toMatch(/^catalogue: would push \+ database +price monthly: create$/m);
  });
});

it("a Postgres that is older than the schema is refused by its number", async () => {
  const { code, stderr } = await whilePostgresIsOld(
    (sql) => project.owner.query(sql),
    () => project.failed("--organization", "Example"),
  );
  expect(stderr).toMatch(/^the project's Postgres is 14\.12, and this needs 15 or newer/);
  expect(code).toBe(2);
});

it("a project whose Realtime has not run yet is told how to wake it", async () => {
  const send = "function realtime.send(jsonb, text, text, boolean)";
  await project.owner.query(`alter ${send} rename to not_yet`);
  try {
    const { code, stderr } = await project.failed("--organization", "Example");
    expect(stderr).toMatch(new RegExp(`project/${project.api.ref}/realtime/inspector, and come`));
    expect(code).toBe(2);
  } finally {
    await project.owner.query(`alter ${send.replace("send", "not_yet")} rename to send`);
  }
});

it("a restricted key is told all that it lacks", async () => {
  project.settings["STRIPE_SECRET_KEY"] = KEYS.narrow;
  const { code, stderr } = await project.failed("--organization", "Example");
  expect(code).toBe(2);
  const lacking = permissions.filter(({ access, resource, forCatalogue }) =>
    access === "write" && forCatalogue === undefined && resource !== "Customers"
  );
  expect(lacking.length).toBeGreaterThan(5);
  for (const { resource } of lacking) expect(stderr).toContain(`${resource}: write (rak_`);
  expect(stderr).not.toContain("Customers:");
});

it("and what it lacks on connected accounts, where something is sold on one", async () => {
  project.settings["STRIPE_SECRET_KEY"] = KEYS.platform;
  const { code, stderr } = await project.failed("--catalogue", project.connectedAcme);
  expect(code).toBe(2);
  const named = stderr.split(": the restricted key")[1] ?? "";
  expect(named).toContain(
    "on connected accounts: Payment intents: write (rak_payment_intent_write)",
  );
  for (const granted of ["Customers: write", "Webhook endpoints", "Accounts: read"]) {
    expect(named).not.toContain(granted);
  }
  project.settings["STRIPE_SECRET_KEY"] = KEYS.seller;
  const seller = await project.failed("--catalogue", project.connectedAcme);
  expect(seller.stderr).toContain("Accounts: read (rak_account_read)");
  expect(seller.stderr).toContain("on connected accounts: Events: read");
});

it.each<[string, () => string[], RegExp]>([
  ["no name for the first organization", () => [], /--organization: is missing/],
  [
    "a second name for the organization of a catalogue",
    () => ["--catalogue", project.acme, "--organization", "Example"],
    /^--organization: leave it out; the catalogue that is pushed names Acme$/m,
  ],
  [
    "a catalogue for a key that may not write products",
    () => ["--catalogue", project.acme],
    /Products, for a catalogue: write \(rak_product_write\), Prices, for a catalogue: write/,
  ],
  [
    "a catalogue that is not there",
    () => ["--catalogue", join(project.folder, "none.ts")],
    /^--catalogue: there is no /,
  ],
  ["a token that nobody has", () => {
    project.settings["SUPABASE_ACCESS_TOKEN"] = `sbp_${"0".repeat(40)}`;
    return ["--organization", "Example"];
  }, /SUPABASE_ACCESS_TOKEN is not accepted/],
  ["a token that may not", () => {
    project.api.fail = () => 403;
    return ["--organization", "Example"];
  }, /SUPABASE_ACCESS_TOKEN may not GET the project/],
  ["a project that rests", () => {
    project.api.status = "INACTIVE";
    return ["--organization", "Example"];
  }, /the project is INACTIVE/],
  ["a Stripe key that nobody has", () => {
    project.settings["STRIPE_SECRET_KEY"] = "sk_test_nobody";
    return ["--organization", "Example"];
  }, /STRIPE_SECRET_KEY: Stripe does not know/],
])("%s is refused before the first change", async (_what, prepare, reason) => {
  const { code, stderr } = await project.failed(...prepare());
  expect(stderr).toMatch(reason);
  expect(code).toBe(2);
});

it("all of that made not a table, not a call that writes, and nothing at Stripe", async () => {
  expect(await project.rows("select to_regnamespace('billing') as billing")).toEqual([
    { billing: null },
  ]);
  expect(new Set(project.api.calls.map(({ method }) => method))).toEqual(new Set(["GET"]));
  expect([await project.endpoints(), await project.products()]).toEqual([[], []]);
  expect(await project.rows("select * from cron.job")).toEqual([]);
});
