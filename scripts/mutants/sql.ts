import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { run } from "../child.mjs";
import type { SqlMutant } from "./sql-mutant.ts";
import { sqlMutants } from "./table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A copy of `supabase/` with the mutant in it, in a folder of its own. */
async function copyWith({ file, from, to }: SqlMutant): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "billingos-mutant-"));
  await cp(join(root, "supabase"), join(folder, "supabase"), { recursive: true });
  const path = join(folder, "supabase", "migrations", file);
  const parts = (await readFile(path, "utf8")).split(from);
  if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times: ${from}`);
  await writeFile(path, parts.join(to));
  return folder;
}

const report = z.object({ numPassedTests: z.number(), numFailedTests: z.number() });

/** Whether a test fails. A run of no test, because the mutant is no SQL say, proves nothing and is an error. */
async function isNoticed(mutant: SqlMutant): Promise<boolean> {
  const folder = await copyWith(mutant);
  try {
    const files = mutant.tests.map((name) => `tests/database/${name}.test.ts`);
    const path = join(folder, "report.json");
    const outcome = await run(
      "vitest",
      ["run", "--project=database", "--reporter=json", `--outputFile=${path}`, ...files],
      { MUTANT_WORKDIR: folder },
    );
    if (outcome === "interrupted") throw new Error("interrupted");
    const { numPassedTests, numFailedTests } = report.parse(
      JSON.parse(await readFile(path, "utf8")),
    );
    if (numPassedTests + numFailedTests === 0) throw new Error(`no test ran: ${mutant.law}`);
    return numFailedTests > 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes each rule out by itself. Answers what no test noticed. */
export async function runSqlMutants(only: string | undefined): Promise<readonly string[]> {
  const chosen = sqlMutants.filter(({ law }) => only === undefined || law.includes(only));
  if (chosen.length === 0) throw new Error("there is no such mutant");
  const unnoticed: string[] = [];
  for (const mutant of chosen) {
    console.log(`\n== without: ${mutant.law}`);
    const noticed = await isNoticed(mutant);
    console.log(noticed ? "noticed" : "NOT NOTICED");
    if (!noticed) unnoticed.push(mutant.law);
  }
  console.log(`\nSQL: ${chosen.length - unnoticed.length} of ${chosen.length} mutants noticed`);
  return unnoticed;
}
