import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { functionSlugs } from "./function-slugs.ts";

const run = promisify(execFile);

/** Bytes; what the platform bundles on its side (https://supabase.com/docs/guides/functions/limits). */
const LIMIT = 5_000_000;

/**
 * Makes a folder whose functions are one file each, with the packages in it, and lets `work` have it until it answers.
 *
 * @throws where one is larger than the platform takes
 */
export async function bundleFunctions<Result>(
  folder: string,
  work: (workdir: string) => Promise<Result>,
): Promise<Result> {
  const workdir = await mkdtemp(join(tmpdir(), "billingos-functions-"));
  try {
    const config = await readFile(join(folder, "supabase", "config.toml"), "utf8");
    await mkdir(join(workdir, "supabase", "functions"), { recursive: true });
    // A bundle has nothing left to look up.
    await writeFile(join(workdir, "deno.json"), "{}\n");
    await writeFile(join(workdir, "supabase", "config.toml"), config);
    const slugs = await functionSlugs(folder);
    await bundle(folder, slugs, join(workdir, "supabase", "functions"));
    for (const slug of slugs) {
      const { size } = await stat(join(workdir, "supabase", "functions", slug, "index.ts"));
      if (size > LIMIT) {
        throw new Error(
          `function ${slug} is ${size} bytes as one file; the platform takes ${LIMIT}`,
        );
      }
    }
    return await work(workdir);
  } finally {
    await rm(workdir, { recursive: true, force: true });
  }
}

/**
 * With the packages that npm has installed, so that what is uploaded is what was tested. It is JavaScript under the name that the
 * platform starts; that the platform checks no types is inferred, and those of the sources were checked before.
 */
async function bundle(folder: string, slugs: readonly string[], target: string): Promise<void> {
  const deno = join(
    dirname(createRequire(import.meta.url).resolve("deno/package.json")),
    "bin.cjs",
  );
  const options = [
    "--quiet",
    "--no-lock",
    "--no-remote",
    "--node-modules-dir=manual",
    "--platform=deno",
    `--outdir=${target}`,
  ];
  const sources = slugs.map((slug) => join("supabase", "functions", slug, "index.ts"));
  await run(process.execPath, [deno, "bundle", ...options, ...sources], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const slug of slugs) {
    await rename(join(target, slug, "index.js"), join(target, slug, "index.ts"));
  }
}
