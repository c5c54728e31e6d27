import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { deploy } from "../../scripts/deploy.ts";
import { doctor } from "../../scripts/doctor.ts";
import { checks } from "../../scripts/doctor/checks/index.ts";
import { startStack } from "../../stack/index.ts";
import { operatorEnvironment, writeOperatorFile } from "../../stack/operator-env.ts";
import { MAKE_PARTITIONS } from "../../stack/realtime/partitions.ts";
import { CommandFailed, runCommand } from "../support/command.ts";
import { whilePostgresIsOld } from "../support/old-postgres.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { shopStackOf } from "../support/shop-stack.ts";
import { openShop } from "../support/shop.ts";
import { expectStripesContract } from "../support/stripe-contract.ts";
import { type Break, breaks, type Ground, otherKey } from "./doctor/breaks.ts";

// A stack of its own: the doctor looks at all of it, and other tests leave things that it would find.
const stack = await startStack();
const shopStack = shopStackOf(stack);
afterAll(async () => {
  try {
    await expectStripesContract(shopStack.stripeAdminUrl);
  } finally {
    await stack.stop();
  }
});
const shop = await openShop(shopStack);
afterAll(() => shop.close());
const { id: sessionId } = await shop.create();
await reconcileOf(stack.info);
const ground: Ground = { stack, shop, sessionId, otherKey: otherKey() };
const right = operatorEnvironment(stack);

const report = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({
    name: z.string(),
    status: z.enum(["ok", "warning", "failure"]),
    findings: z.array(z.object({
      name: z.string(),
      severity: z.enum(["warning", "failure"]),
      sentence: z.string().min(10),
      fix: z.string().min(10),
    })),
  })),
});

/** The exit code and what was found; without the advisors, who take seconds, unless wanted. */
async function examined(env: Readonly<Record<string, string>>, advised: boolean) {
  const skip = advised ? [] : ["--skip", "advisors"];
  const said = await runCommand(doctor, env, ["--json", ...skip])
    .then((one) => ({ code: 0, ...one }))
    .catch((error: unknown) => {
      if (error instanceof CommandFailed) return error;
      throw error;
    });
  const { ok, checks: outcomes } = report.parse(JSON.parse(said.stdout));
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  return { code: said.code, ok, outcomes, findings };
}

/** The names of what is found while something is broken; the exit code says how bad that is. */
async function whileBroken({ findings: wanted, spoil, mend }: Break) {
  const otherwise = await spoil(ground);
  try {
    const advised = wanted.includes("advisors.warn");
    const { code, ok, findings } = await examined({ ...right, ...otherwise }, advised);
    const failed = findings.some(({ severity }) => severity === "failure");
    expect({ code, ok }).toEqual({ code: failed ? 1 : 0, ok: !failed });
    return findings.map(({ name }) => name);
  } finally {
    await mend?.(ground);
  }
}

const partitions = async () =>
  (await shop.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'realtime.messages'::regclass`,
  )).map(({ name }) => name);

describe("npm run doctor", () => {
  it("has nothing to say of a healthy stack", async () => {
    const { code, ok, outcomes, findings } = await examined(right, true);
    expect(findings).toEqual([]);
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(outcomes.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
  });

  it.each(breaks)("finds $what: $findings", async (broken) => {
    expect(await whileBroken(broken)).toEqual(broken.findings);
    expect((await examined(right, false)).findings).toEqual([]);
  });

  describe("where no browser has connected for days, and realtime.messages takes no row", () => {
    beforeAll(async () => {
      for (const name of await partitions()) await shop.query(`drop table ${name}`);
    });
    afterAll(() => shop.query(MAKE_PARTITIONS));

    it("has nothing to say of a healthy stack", async () => {
      const insert = "insert into realtime.messages (topic, extension) values ('a', 'broadcast')";
      await expect(shop.query(insert)).rejects.toMatchObject({ code: "23514" });
      expect((await examined(right, false)).findings).toEqual([]);
    });

    it.each(breaks.filter(({ findings: [first] }) => first?.startsWith("realtime.")))(
      "finds $what: $findings",
      async (broken) => {
        expect(await whileBroken(broken)).toEqual(broken.findings);
      },
    );
  });

  it("tells a person each check, each finding's sentence, its name and the fix", async () => {
    await shop.query("update billing.reconcile_runs set finished_at = now() - interval '1 hour'");
    const told = await runCommand(doctor, right, ["--skip", "advisors"]).catch((error: unknown) =>
      error
    );
    expect(told).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^failure {2}reconcile\n {9}failure: reconcile last .* 60 minutes ago.* \(reconcile\.late\)\n {9}fix: look at cron/m,
      ) as unknown,
    });
    expect(told).toMatchObject({
      stdout: expect.stringMatching(/^15 checks, 1 failures, 0 warnings$/m) as unknown,
    });
    await reconcileOf(stack.info);
  });

  it("changes nothing", async () => {
    const tables = await shop.query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c
       where c.relkind = 'r' and c.relnamespace in ('billing'::regnamespace, 'billing_private'::regnamespace)
         or c.oid = any ($1::regclass[])`,
      [await partitions()],
    );
    expect(tables.length).toBeGreaterThan(20);
    const rows = async () => {
      const found: unknown[] = [];
      for (const { name } of tables) {
        const digest = `md5(string_agg(t::text, '' order by t::text))`;
        found.push(await shop.one(`select $1 as name, ${digest} as rows from ${name} t`, [name]));
      }
      return found;
    };
    const before = await rows();
    await examined(right, true);
    expect(await rows()).toEqual(before);
  });
});

describe("a catalogue that is named", async () => {
  const folder = await mkdtemp(join(tmpdir(), "billingos-catalogue-"));
  afterAll(() => rm(folder, { recursive: true }));
  const file = join(folder, "acme.mjs");
  await writeFile(file, 'export default { organization: { key: "acme", name: "Acme" } };');
  const named = ["--catalogue", file];

  it("and was never pushed is told of, as a warning", async () => {
    const { stdout } = await runCommand(doctor, right, [...named, "--skip", "advisors"]);
    expect(stdout).toMatch(
      /the organization acme of .* is not in .* \(catalogue\.not-pushed\)$/m,
    );
  });

  it("is pushed to the stack that runs by deploy --local, which then has nothing to find", async () => {
    const local = ["--local", "--env-file", await writeOperatorFile(stack), ...named];
    const dry = await runCommand(deploy, {}, [...local, "--dry-run"]);
    expect(dry.stdout).toMatch(/^catalogue: would push .*organization acme: create$/m);
    expect(await shop.query("select from billing.organizations where key = 'acme'")).toEqual([]);
    const { stdout } = await runCommand(deploy, {}, local);
    expect(stdout).toMatch(/^smoke test: reconcile has run$/m);
    expect(stdout).toMatch(/^doctor: 16 checks, 0 failures, 0 warnings$/m);
    expect(await shop.query("select from billing.organizations where key = 'acme'"))
      .toHaveLength(1);
  });
});

describe("the file of a stack that runs", () => {
  it("has all that the doctor needs, and no other user reads it", async () => {
    const file = await writeOperatorFile(stack);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { stdout } = await runCommand(doctor, {}, ["--env-file", file, "--skip", "advisors"]);
    expect(stdout).toMatch(/^15 checks, 0 failures, 0 warnings$/m);
    const lines = await readFile(file, "utf8");
    for (const name of Object.keys(right)) expect(lines).toContain(`${name}='`);
  });
});

describe("npm run doctor with bad input", () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(right).filter(([each]) => each !== name));
  const file = join(tmpdir(), "no-such-file.env");

  it.each<[string, Readonly<Record<string, string>>, string[], RegExp]>([
    ["no database", without("DATABASE_URL"), [], /^DATABASE_URL is not set/],
    ["a database that is none", { ...right, DATABASE_URL: "here" }, [], /^DATABASE_URL is not a/],
    ["no Stripe key", without("STRIPE_SECRET_KEY"), [], /^STRIPE_SECRET_KEY: is not set/],
    [
      "keys of two modes",
      { ...right, STRIPE_PUBLISHABLE_KEY: "pk_live_secretword" },
      [],
      /^STRIPE_PUBLISHABLE_KEY: is of the other mode/,
    ],
    [
      "half a digest key",
      { ...right, CHECKOUT_DIGEST_KEY: "c2hvcnQ" },
      [],
      /^CHECKOUT_DIGEST_KEY is not/,
    ],
    [
      "origins that are none",
      { ...right, CHECKOUT_ALLOWED_ORIGINS: "shop" },
      [],
      /^CHECKOUT_ALLOWED_ORIGINS: entry 1/,
    ],
    ["a file that is not there", right, ["--env-file", file], /^--env-file: .* cannot be read/],
    ["a catalogue that is not there", right, ["--catalogue", file], /^--catalogue: there is no /],
    ["two sources", right, ["--local", "--env-file", file], /^--local or --env-file/],
    [
      "a check that is not there",
      right,
      ["--skip", "everything"],
      /^--skip takes a check: functions, /,
    ],
    ["an option that it does not know", right, ["--fix"], /--fix/],
  ])(
    "refuses %s with a sentence and exit code 2, and looks at nothing",
    async (_name, env, argv, reason) => {
      await expect(runCommand(doctor, env, argv)).rejects.toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringMatching(reason) as unknown,
      });
    },
  );

  it("refuses a Postgres that is older than the schema", async () => {
    await whilePostgresIsOld(
      (sql) => shop.query(sql),
      () =>
        expect(runCommand(doctor, right, [])).rejects.toMatchObject({
          code: 2,
          stdout: "",
          stderr: expect.stringMatching(/^the project's Postgres is 14\.12/) as unknown,
        }),
    );
  });

  it("repeats no value of a variable", async () => {
    const env = { ...right, STRIPE_SECRET_KEY: "sk_secretword" };
    await expect(runCommand(doctor, env, [])).rejects.toMatchObject({
      stderr: expect.not.stringContaining("secretword") as unknown,
    });
  });
});
