import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Migration, readMigrations } from "../../scripts/deploy/migrations.ts";
import {
  browsersMayListen,
  letBrowsersListen,
  listenersPolicy,
} from "../../scripts/deploy/realtime.ts";
import { applySchema, planSchema } from "../../scripts/deploy/schema.ts";
import { onDatabase } from "../../scripts/operator.ts";
import { applyMigrations, projectFolder } from "../../stack/migrate.ts";
import { supabaseCli } from "../../scripts/supabase/cli.ts";
import { type PlatformDatabases, startPlatformDatabases } from "../support/platform-databases.ts";

let server: PlatformDatabases;
let project: string;
const ours = await readMigrations(projectFolder);

beforeAll(async () => {
  server = await startPlatformDatabases();
});
afterAll(() => server.stop());
beforeEach(async () => {
  project = await server.create();
});

const deploy = (migrations: readonly Migration[] = ours) =>
  server.on(project, async (client) => {
    const told: string[] = [];
    await applySchema(client, migrations, (line) => told.push(line));
    return told;
  });
const rows = (sql: string) =>
  server.on(project, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
const migration = (version: string, sql: string): Migration => ({
  version,
  name: "later",
  sql,
  checksum: createHash("sha256").update(sql).digest("hex"),
});
const later = (sql: string) => [...ours, migration("20991231235959", sql)];
const applied = async () =>
  (await rows("select version from billing.applied_migrations order by version"))
    .map(({ version }) => version);

describe("an empty project", () => {
  it("has every file once, and a second deploy finds nothing to do", async () => {
    expect(ours.length).toBeGreaterThan(10);
    expect(await deploy()).toHaveLength(ours.length);
    expect(await applied()).toEqual(ours.map(({ version }) => version));
    expect(await deploy()).toEqual([]);
    expect(await rows("select to_regnamespace('supabase_migrations') as cli")).toEqual([{
      cli: null,
    }]);
    expect(await server.on(project, browsersMayListen)).toBe(true);
  });

  it("has every file once where two deploys run at once", async () => {
    const both = await Promise.all([deploy(), deploy()]);
    expect(both.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([0, ours.length]);
  });

  it("keeps nothing of a file that fails, and all before it; the next deploy goes on there", async () => {
    const broken = later("create table billing.half (id int); select 1 / 0;");
    await expect(deploy(broken)).rejects.toThrow(
      /20991231235959_later\.sql failed.*division by zero/,
    );
    expect(await applied()).toEqual(ours.map(({ version }) => version));
    expect(await rows("select to_regclass('billing.half') as half")).toEqual([{ half: null }]);
    expect(await deploy(later("create table billing.half (id int);"))).toEqual([
      "applied 20991231235959_later",
    ]);
  });
});

describe("the project of an app", () => {
  let folder: string;
  const push = () => supabaseCli(folder, ["db", "push", "--yes", `--remote=${project}`]);
  const addToApp = (version: string, sql: string) =>
    writeFile(join(folder, "supabase", "migrations", `${version}_app.sql`), sql);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "billingos-app-"));
    await mkdir(join(folder, "supabase", "migrations"), { recursive: true });
    await cp(
      join(projectFolder, "supabase", "config.toml"),
      join(folder, "supabase", "config.toml"),
    );
    await addToApp(
      "20250101000000",
      "create table public.customers (id bigint primary key, note text);\n" +
        "insert into public.customers values (1, 'of the app');\n" +
        "alter default privileges in schema public revoke all on tables from anon;",
    );
    await push();
    return () => rm(folder, { recursive: true, force: true });
  });

  it("keeps its tables, default privileges and history, and its own push goes on", async () => {
    const kept = async () => [
      await rows("select * from public.customers"),
      await rows(
        "select defaclnamespace, defaclobjtype, defaclacl::text from pg_default_acl order by 1, 2, 3",
      ),
      await rows(
        "select version, name from supabase_migrations.schema_migrations order by version",
      ),
    ];
    const before = await kept();
    expect(before[2]).toEqual([{ version: "20250101000000", name: "app" }]);
    await deploy();
    expect(await kept()).toEqual(before);

    await addToApp("20260101000000", "alter table public.customers add column age int;");
    await push();
    expect(await rows("select * from public.customers")).toEqual([{
      id: "1",
      note: "of the app",
      age: null,
    }]);
    expect(await deploy()).toEqual([]);
  });

  it("is left by the history of an earlier push of ours, so that its own push is not refused", async () => {
    project = await server.create();
    await applyMigrations(project);
    expect(await planned()).toMatchObject({
      pending: [],
      pushed: ours.map(({ version }) => ({ version })),
    });
    expect(await deploy()).toEqual([]);
    expect(await applied()).toEqual(ours.map(({ version }) => version));
    await addToApp("20260101000000", "create table public.later (id int);");
    await push();
    expect(await rows("select version from supabase_migrations.schema_migrations order by 1"))
      .toEqual([
        { version: "20250101000000" },
        { version: "20260101000000" },
      ]);
  });
});

const planned = () => server.on(project, (client) => planSchema(client, ours));

describe("what is not of one line with the files is refused, and nothing is done", () => {
  it.each([
    [
      "a file that was changed since",
      later("select 2;"),
      /20991231235959_later\.sql was changed since/,
    ],
    [
      "a project that is of a newer release",
      ours,
      /migration 20991231235959_later, which this folder has not/,
    ],
  ])("%s", async (_what, files, reason) => {
    await deploy(later("select 1;"));
    const before = await rows("select * from billing.applied_migrations");
    await expect(deploy(files)).rejects.toThrow(reason);
    expect(await rows("select * from billing.applied_migrations")).toEqual(before);
  });

  it("somebody else's schema of that name", async () => {
    await rows("create schema billing");
    await expect(planned()).rejects.toThrow(/schema billing that is not this one's/);
    await expect(deploy()).rejects.toThrow(/schema billing that is not this one's/);
  });
});

describe("a project in use", () => {
  beforeEach(async () => {
    await deploy();
    await rows("insert into billing.organizations (name) values ('One'), ('Two')");
  });

  it("is not held up: a file that waits for a lock gives up its place and tries again", async () => {
    const outcome = await server.on(project, async (writer) => {
      await writer.query("begin; update billing.organizations set name = name || '!'");
      const running = deploy(later("alter table billing.organizations add column later int;"));
      // Its first try has given up: whoever queued behind it was let through.
      await server.on(project, async (reader) => {
        await reader.query("set lock_timeout = '60s'");
        await expect.poll(
          async () => (await reader.query("select from pg_locks where not granted")).rowCount,
          { timeout: 60_000 },
        ).toBe(1);
        expect((await reader.query("select name from billing.organizations")).rowCount).toBe(2);
      });
      await writer.query("commit");
      return running;
    });
    expect(outcome).toEqual(["applied 20991231235959_later"]);
  });

  it("has an index built beside its writers, and what an interrupted build left is replaced", async () => {
    const build = later(
      "create unique index concurrently if not exists organizations_later_idx on billing.organizations (livemode);",
    );
    await expect(deploy(build)).rejects.toThrow(/could not create unique index/);
    const valid = () =>
      rows(
        "select indisvalid from pg_index where indexrelid = to_regclass('billing.organizations_later_idx')",
      );
    expect(await valid()).toEqual([{ indisvalid: false }]);
    await rows("update billing.organizations set livemode = true where name = 'Two'");
    expect(await deploy(build)).toHaveLength(1);
    expect(await valid()).toEqual([{ indisvalid: true }]);
  });

  it("has an index built however long that takes, and each file", async () => {
    const [limit] = await rows("show statement_timeout");
    expect(limit).toEqual({ statement_timeout: "2min" });
    await rows(
      `create function billing.unlimited(name text) returns text language plpgsql immutable as $$
      begin
        if current_setting('statement_timeout') <> '0' then raise 'it would be canceled'; end if;
        return name;
      end $$`,
    );
    const file = migration("20991231235958", "select billing.unlimited('a file');");
    const index = migration(
      "20991231235959",
      "create index concurrently if not exists organizations_later_idx on billing.organizations (billing.unlimited(name));",
    );
    expect(
      await onDatabase({ env: {} }, project, async (client) => {
        await applySchema(client, [...ours, file, index], () => undefined);
        return planSchema(client, [...ours, file, index]);
      }),
    ).toEqual({ pending: [], pushed: [] });
  });
});

it.each(["drop table realtime.messages", "drop schema realtime cascade; create schema realtime"])(
  "where Realtime has not made its table yet (%s), all else is applied",
  async (missing) => {
    const superuser = new URL(server.postgres.superuserUrl);
    superuser.pathname = new URL(project).pathname;
    await server.on(superuser.href, (client) => client.query(missing));
    expect(await deploy()).toHaveLength(ours.length);
    expect(await server.on(project, browsersMayListen)).toBe(false);
  },
);

it("where the platform refuses the policy on its table, all else is applied and the statement is told", async () => {
  const asPlatform = (sql: string) =>
    server.on(server.postgres.superuserUrl, (client) => client.query(sql));
  const policy = listenersPolicy(ours);
  await asPlatform("revoke supabase_realtime_admin from postgres");
  try {
    expect(await deploy()).toHaveLength(ours.length);
    expect(await server.on(project, browsersMayListen)).toBe(false);
    await expect(server.on(project, (client) => letBrowsersListen(client, policy, "abc"))).rejects
      .toThrow(
        /project\/abc\/sql\/new.*create policy checkout_session_listeners on realtime\.messages\n.*;/s,
      );
  } finally {
    await asPlatform("grant supabase_realtime_admin to postgres");
  }
  // What the SQL editor does.
  await server.on(project, (client) => letBrowsersListen(client, policy, "abc"));
  expect(await server.on(project, browsersMayListen)).toBe(true);
});
