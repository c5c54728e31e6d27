import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { settingsOf } from "../../scripts/deploy/env-file.ts";
import { readMigrations } from "../../scripts/deploy/migrations.ts";

const folder = mkdtempSync(join(tmpdir(), "billingos operator "));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = "SUPABASE_ACCESS_TOKEN=sbp_one\nCHECKOUT_TOKEN_KEYS='{\"keys\":[]}'\n";
it.each<[string, Buffer]>([
  ["Unix writes them", Buffer.from(TEXT)],
  ["Windows ends lines", Buffer.from(TEXT.replaceAll("\n", "\r\n"))],
  ["an editor marks UTF-8", Buffer.from(`\uFEFF${TEXT}`)],
  ["Windows PowerShell writes them", Buffer.from(`\uFEFF${TEXT}`, "utf16le")],
])("settings are read as %s", (_how, bytes) => {
  const file = join(folder, "settings.env");
  writeFileSync(file, bytes);
  expect(settingsOf({}, file)).toEqual({
    SUPABASE_ACCESS_TOKEN: "sbp_one",
    CHECKOUT_TOKEN_KEYS: '{"keys":[]}',
  });
});

it("a migration is the same file where Git has ended its lines as Windows does", async () => {
  const migrations = join(folder, "supabase", "migrations");
  mkdirSync(migrations, { recursive: true });
  const read = (ending: string) => {
    const sql = ["create table a ();", "create table b ();", ""].join(ending);
    writeFileSync(join(migrations, "20261101000100_one.sql"), sql);
    return readMigrations(folder);
  };
  expect(await read("\r\n")).toEqual(await read("\n"));
});
