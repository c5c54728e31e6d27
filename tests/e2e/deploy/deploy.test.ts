import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { handledEventTypes } from "../../../shared/domain/event-command.ts";
import { startStack } from "../../../stack/index.ts";
import { type DeployProject, KEYS, openDeployProject } from "../../support/deploy-project.ts";

// One of its own, whose schema is taken out.
const stack = await startStack();
const { apiUrl, secretKey } = stack.info;
afterAll(() => stack.stop());
const open = () => openDeployProject({ ...stack.info, digestKey: stack.digestKey });

describe("an empty project", () => {
  let project: DeployProject;
  /** What the first deploy said. */
  let first: string;
  beforeAll(async () => {
    project = await open();
    first = (await project.deploy("--organization", "Example")).stdout;
  });
  afterAll(() => project.close());
  const rows = (sql: string) => project.rows(sql);

  it("has its settings, functions and first organization after one deploy", async () => {
    const { api, settings } = project;
    const [key = ""] = /^sk_test_\w+$/m.exec(first) ?? [];
    expect(key).not.toBe("");
    expect(api.schemas).toBe("public, graphql_public, billing");
    expect(Object.fromEntries(api.secrets)).toMatchObject({
      CHECKOUT_TOKEN_KEYS: settings["CHECKOUT_TOKEN_KEYS"],
    });
    expect(api.functions.size).toBe(15);
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
  });

  it("has a webhook endpoint for its account and for connected ones, of the handled events and the pinned version", async () => {
    const made = await project.endpoints();
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
    expect(project.api.secrets.get("STRIPE_WEBHOOK_SECRETS")).toMatch(/^whsec_\w+,whsec_\w+$/);
  });

  it("has reconcile called every minute, with the project's key in the header of keys", async () => {
    const [job] = await rows("select jobname, schedule, command from cron.job");
    expect(job).toMatchObject({ jobname: "checkout-reconcile", schedule: "* * * * *" });
    expect(String(job?.["command"])).not.toContain(secretKey);
    // As Supabase Cron would.
    await project.owner.query(String(job?.["command"]));
    const [sent] = await rows("select url, headers from net.sent");
    expect(sent).toEqual({
      url: `${apiUrl}/functions/v1/checkout-reconcile`,
      headers: { prefer: "respond-async", apikey: secretKey },
    });
    const answer = await fetch(String(sent?.["url"]), {
      method: "POST",
      headers: { prefer: "respond-async", apikey: secretKey },
    });
    // The embedded stack's functions have no way to go on after their answer.
    expect(answer.status).toBe(200);
  });

  it("has no demo in it: that is pushed nowhere until it is named", async () => {
    expect(first).toMatch(
      /^catalogue: push nothing, since billing\.catalogue\.ts is still the demo/m,
    );
    expect(await project.products()).toEqual([]);
    project.settings["STRIPE_SECRET_KEY"] = KEYS.seller;
    const { stdout } = await project.deploy("--catalogue", "billing.catalogue.ts", "--dry-run");
    project.settings["STRIPE_SECRET_KEY"] = KEYS.deployer;
    expect(stdout.match(/^catalogue: would push \+ Stripe +product /gm)).toHaveLength(4);
  });

  it("is changed by a second deploy only where it was changed meanwhile", async () => {
    const { api } = project;
    const before = { secrets: [...api.secrets], schemas: api.schemas };
    const made = await project.endpoints();
    // A key that was rotated.
    await project.owner.query(
      "update vault.secrets set secret = 'sb_secret_old' where name = 'checkout_secret_key'",
    );
    api.calls.length = 0;
    const { stdout } = await project.deploy();
    expect(stdout).toMatch(/^cron: store checkout_secret_key in Vault$/m);
    expect(await rows("select decrypted_secret from vault.decrypted_secrets order by name"))
      .toEqual([{ decrypted_secret: apiUrl }, { decrypted_secret: secretKey }]);
    expect(stdout).toMatch(/^schema: nothing to do$/m);
    expect(stdout).toMatch(/^functions: nothing to do$/m);
    expect(stdout).not.toMatch(/sk_test/);
    expect({ secrets: [...api.secrets], schemas: api.schemas }).toEqual(before);
    expect(await project.endpoints()).toEqual(made);
    expect(api.calls.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("gets a function again that somebody has uploaded meanwhile, or taken out", async () => {
    const dryRun = async () => (await project.deploy("--dry-run")).stdout;
    const { versions, functions } = project.api;
    expect(await dryRun()).toMatch(/^functions: nothing to do$/m);
    versions.set("products", 2);
    expect(await dryRun()).toMatch(/^functions: would upload 15 functions$/m);
    versions.set("products", 1);
    const files = functions.get("products") ?? new Map();
    functions.delete("products");
    expect(await dryRun()).toMatch(/^functions: would upload 15 functions$/m);
    functions.set("products", files);
    expect(await dryRun()).toMatch(/^functions: nothing to do$/m);
  });

  it("gives the catalogue's key to the organization that was named before and sells nothing, and is sold to once", async () => {
    project.settings["STRIPE_SECRET_KEY"] = KEYS.seller;
    const { stdout } = await project.deploy("--catalogue", project.acme);
    expect(stdout).toMatch(
      /^organization: give the organization Example, which sells nothing yet, the key acme$/m,
    );
    expect(stdout).not.toMatch(/sk_test/);
    expect(await rows("select key, name from billing.organizations")).toEqual([
      { key: "acme", name: "Acme" },
    ]);
    expect((await project.products()).map(({ name }) => name)).toEqual(["Pro"]);
    const second = await project.deploy("--catalogue", project.acme);
    expect(second.stdout).toMatch(/^catalogue: nothing to do$/m);
    expect(second.stdout).toMatch(/^doctor: ok +catalogue$/m);
    expect(await project.products()).toHaveLength(1);
  });
});

it("stops at each step that fails, says what is done and what is not, and goes on from there", async () => {
  const project = await open();
  onTestFinished(() => project.close());
  const { api, owner, settings, acme } = project;
  const failing = (method: string, path: string) => () => {
    api.fail = (call) => call.method === method && call.path.startsWith(path) ? 503 : undefined;
  };
  const order = [
    "schema",
    "realtime policy",
    "exposed schema",
    "ownership",
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
  settings["STRIPE_SECRET_KEY"] = KEYS.seller;
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
    const { code, stderr } = await project.failed("--catalogue", acme);
    expect(stderr).toMatch(new RegExp(`^${step} failed: `, "m"));
    expect(code).toBe(1);
    const at = order.indexOf(step);
    expect(stderr).toContain(
      `done: ${order.slice(0, at).join(", ")}\nnot done: ${order.slice(at).join(", ")}\n`,
    );
    api.fail = undefined;
    await mend();
  }
  const { stdout } = await project.deploy("--catalogue", acme);
  expect(stdout).toMatch(/^functions: nothing to do$/m);
  expect(stdout).toMatch(/^done$/m);
  expect(await project.endpoints()).toHaveLength(2);
  expect(await project.rows("select key, name from billing.organizations")).toEqual([
    { key: "acme", name: "Acme" },
  ]);
});
