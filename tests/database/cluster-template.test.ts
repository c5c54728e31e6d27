import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Postgres, startPostgres } from "../../stack/postgres/index.ts";
import { type Contents, templatePath } from "../../stack/postgres/template.ts";
import { withClient } from "../../stack/postgres/with-client.ts";
import { openRunFolder, type RunFolder } from "../../stack/process/run-folder.ts";

let fills = 0;
const contents: Contents = {
  digest: randomUUID(),
  fill: async (databaseUrl) => {
    fills++;
    await rows(databaseUrl, "create table public.filled as select 1 as n");
  },
};
const started: Postgres[] = [];
let folder: RunFolder;
let template: string;

beforeAll(async () => {
  folder = await openRunFolder();
  template = await templatePath({ folder }, contents);
});
afterAll(async () => {
  await Promise.all(started.map((postgres) => postgres.stop()));
  await rm(template, { recursive: true, force: true });
  await folder.remove();
});

async function start(what = contents): Promise<Postgres> {
  const postgres = await startPostgres({ contents: what });
  started.push(postgres);
  return postgres;
}
const rows = (url: string, sql: string): Promise<unknown[]> =>
  withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);

it("a filling that fails leaves no template, and the next start fills anew", async () => {
  const broken = { ...contents, fill: () => Promise.reject(new Error("broken on purpose")) };
  await expect(start(broken)).rejects.toThrow("broken on purpose");
  await expect(readFile(join(template, "password"))).rejects.toThrow(/ENOENT/);
});

it("two servers started at once hold the same, and a third is not filled again", async () => {
  const both = await Promise.all([start(), start()]);
  const filled = fills;
  expect(filled).toBeGreaterThan(0);
  const third = await start();
  expect(fills).toBe(filled);
  for (const { databaseUrl } of [...both, third]) {
    expect(await rows(databaseUrl, "select n from public.filled")).toEqual([{ n: 1 }]);
  }
});

it("what one server writes is in no other, and the template's password opens none", async () => {
  const [one, other] = await Promise.all([start(), start()]);
  await rows(one.databaseUrl, "insert into public.filled values (2)");
  expect(await rows(other.databaseUrl, "select n from public.filled")).toEqual([{ n: 1 }]);
  const password = await readFile(join(template, "password"), "utf8");
  for (const role of ["supabase_admin", "postgres", "authenticator"]) {
    const url = new URL(one.databaseUrl);
    [url.username, url.password] = [role, password];
    await expect(rows(url.href, "select 1")).rejects.toThrow(/password authentication failed/);
  }
});
