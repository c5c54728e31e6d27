import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ADVISORY_LOCK } from "../../../scripts/deploy/lock.ts";
import { deploy } from "../../../scripts/deploy.ts";
import { digestKeyOf } from "../../../scripts/keys/digest-key.ts";
import { createOrganizationKey } from "../../../scripts/keys/organization-key.ts";
import { type AppProject, startAppProject } from "../../support/app-project.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";

let project: AppProject;

/** A project that sells: refused is what would spoil that, and it is as before afterwards. */
beforeAll(async () => {
  project = await startAppProject();
  const { rows: [row] } = await project.owner.query<{ id: string }>(
    "insert into billing.organizations (name) values ('Example') returning id",
  );
  await createOrganizationKey(project.owner, digestKeyOf(project.env), {
    organizationId: row?.id ?? "",
    name: "deploy",
    livemode: false,
  });
});
afterAll(() => project.close());

const run = (changes: Record<string, string>, ...args: string[]) =>
  runCommand(deploy, { ...project.env, ...changes }, ["--project-ref", project.api.ref, ...args]);

type Prepared = { readonly env?: Record<string, string>; readonly undo?: () => unknown };
const another = () => ({ CHECKOUT_DIGEST_KEY: randomBytes(32).toString("base64url") });
const ofAnApp = (name: string, value: string): Prepared => {
  project.api.secrets.set(name, value);
  return { undo: () => project.api.secrets.delete(name) };
};

it("goes on where nothing is spoilt, also past a secret of the app's that has the same value", async () => {
  const { undo } = ofAnApp("STRIPE_SECRET_KEY", project.secretKey);
  const { stdout } = await run({}, "--dry-run");
  undo?.();
  expect(stdout).toMatch(/^ownership: would write down that 21 functions and secrets are ours$/m);
  expect(stdout).not.toMatch(/set STRIPE_SECRET_KEY/);
});

it.each<readonly [string, readonly string[], () => Prepared | Promise<Prepared>, number, RegExp]>([
  [
    "another digest key, which would close every organization key",
    [],
    () => ({ env: another() }),
    2,
    /^CHECKOUT_DIGEST_KEY: is not the key that this project's organization keys were made with/,
  ],
  [
    "a test key for a project that sells live",
    ["--organization", "Test"],
    async () => {
      await project.owner.query("update billing.organizations set livemode = true");
      return {
        undo: () => project.owner.query("update billing.organizations set livemode = false"),
      };
    },
    2,
    /^STRIPE_SECRET_KEY: is of test mode, and the project's organizations \(Example\) of the other/,
  ],
  [
    "a function of the app's by the name of one of ours",
    [],
    () => {
      project.api.functions.set("products", new Map());
      return { undo: () => project.api.functions.delete("products") };
    },
    2,
    /no deploy has put them there: function products\. /,
  ],
  [
    "a secret of the app's by the name of one of ours",
    [],
    () => ofAnApp("STRIPE_SECRET_KEY", "sk_live_of_the_app"),
    2,
    /no deploy has put them there: secret STRIPE_SECRET_KEY\. /,
  ],
  [
    "webhook secrets of the app's",
    [],
    () => ofAnApp("STRIPE_WEBHOOK_SECRETS", "whsec_of_the_app"),
    2,
    /no deploy has put them there: secret STRIPE_WEBHOOK_SECRETS\. /,
  ],
  [
    "a second deploy beside one that is at work",
    [],
    async () => {
      const other = new Client({ connectionString: project.databaseUrl });
      await other.connect();
      await other.query("select pg_advisory_lock($1)", [ADVISORY_LOCK]);
      return { undo: () => other.end() };
    },
    1,
    /^another deploy or uninstall of this project is at work/,
  ],
])("refuses %s, and has done nothing", async (_what, args, prepare, code, reason) => {
  const { env = {}, undo } = await prepare();
  project.api.calls.length = 0;
  const told = await run(env, ...args).then(() => undefined, (error: unknown) => error);
  await undo?.();
  if (!(told instanceof CommandFailed)) throw new Error("it was not refused");
  expect(told.stderr).toMatch(reason);
  expect(told.code).toBe(code);
  expect(project.api.calls.filter(({ method }) => method !== "GET")).toEqual([]);
  expect(await project.rows("select from billing.deployed_names")).toEqual([]);
});

it.each<readonly [string, () => Prepared, RegExp]>([
  ["--new-digest-key", () => ({ env: another() }), /^digest key: would replace it/m],
  [
    "--take-over",
    () => ofAnApp("STRIPE_SECRET_KEY", "sk_live_of_the_app"),
    /^ownership: would take over secret STRIPE_SECRET_KEY$/m,
  ],
])("goes on where %s says so", async (flag, prepare, sentence) => {
  const { env = {}, undo } = prepare();
  const { stdout } = await run(env, "--dry-run", flag);
  undo?.();
  expect(stdout).toMatch(sentence);
});
