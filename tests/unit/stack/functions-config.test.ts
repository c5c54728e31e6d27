import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readFunctions } from "../../../stack/functions/config.ts";

let workdir: string;

beforeAll(async () => {
  workdir = await mkdtemp(join(tmpdir(), "billingos functions "));
  for (const slug of ["alpha", "beta", "gamma"]) {
    await mkdir(join(workdir, "supabase", "functions", slug, "deep"), { recursive: true });
    await writeFile(join(workdir, "supabase", "functions", slug, "index.ts"), "");
  }
  await writeFile(join(workdir, "supabase", "functions", "alpha", "deep", "index.ts"), "");
  await mkdir(join(workdir, "supabase", "functions", "_shared"));
  await writeFile(
    join(workdir, "supabase", "config.toml"),
    [
      "verify_jwt = false",
      "[functions.alpha]",
      'import_map = "../deno.json"',
      "verify_jwt = false # its own proof",
      "[functions.beta]",
      "# verify_jwt = false",
      "[auth]",
      "verify_jwt = false",
    ].join("\n"),
  );
});
afterAll(() => rm(workdir, { recursive: true }));

it("a function is a folder with an index.ts, and its JWT is verified unless its table says no", async () => {
  const functions = await readFunctions(workdir);
  expect(functions.map(({ slug, verifyJwt }) => [slug, verifyJwt])).toEqual([
    ["alpha", false],
    ["beta", true],
    ["gamma", true],
  ]);
});
