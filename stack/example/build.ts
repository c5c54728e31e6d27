import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import * as z from "zod";
import { projectFiles, projectRoot, readProjectFile } from "../../scripts/source/project-files.ts";
import type { RunFolder } from "../process/run-folder.ts";

/** The files of a page as it is served, by their path without the first slash. */
export type Page = ReadonlyMap<string, Buffer>;

const EXAMPLE = "examples/payment-sheet/";
/** What a build of the page depends on; what is installed is as the lockfile says. */
const SOURCES = [EXAMPLE, "packages/checkout/", "shared/contract/", "shared/domain/"];

const kept = z.record(z.string(), z.string());

/** Changes whenever the built page might. */
export function sourceDigest(): string {
  const hash = createHash("sha256");
  const files = SOURCES.flatMap((folder) => projectFiles(() => true, folder));
  for (const path of ["package-lock.json", ...files]) {
    hash.update(`${path}\0${readProjectFile(path)}\0`);
  }
  return hash.digest("hex").slice(0, 32);
}

/**
 * The page of examples/payment-sheet, built with Vite where its sources have changed since it was, and kept beside the installed
 * packages: a build takes some two seconds of a processor, a kept one some milliseconds.
 *
 * @param folder where it is built, by a process that does not outlive this one
 * @param stop ends the build
 * @param keptIn where the newest build is kept
 * @throws with what Vite said, where the page cannot be built
 */
export async function builtPage(
  folder: Pick<RunFolder, "path" | "adopt">,
  stop: AbortSignal,
  keptIn = join(projectRoot, "node_modules/.cache/payment-sheet"),
): Promise<Page> {
  const name = `${sourceDigest()}.json`;
  const known = await readKept(join(keptIn, name));
  if (known !== undefined) return known;
  const page = await build(folder, stop);
  // Where this user may not write there, it is built at each start.
  await keep(page, keptIn, name).catch(() => undefined);
  return page;
}

async function readKept(file: string): Promise<Page | undefined> {
  try {
    const files = kept.parse(JSON.parse(await readFile(file, "utf8")));
    return new Map(
      Object.entries(files).map(([path, text]) => [path, Buffer.from(text, "base64")]),
    );
  } catch {
    return undefined;
  }
}

/** As one file, so that whoever reads it meanwhile finds the whole or nothing. */
async function keep(page: Page, keptIn: string, name: string): Promise<void> {
  await mkdir(keptIn, { recursive: true });
  const files = Array.from(page, ([path, bytes]) => [path, bytes.toString("base64")]);
  const half = join(keptIn, `${name}.${process.pid}`);
  await writeFile(half, JSON.stringify(Object.fromEntries(files)));
  await rename(half, join(keptIn, name));
  const others = (await readdir(keptIn)).filter((one) => one.endsWith(".json") && one !== name);
  await Promise.all(others.map((one) => rm(join(keptIn, one), { force: true })));
}

/** In a process of its own: it can be ended, and neither this one's variables nor its memory have part in it. */
async function build(
  folder: Pick<RunFolder, "path" | "adopt">,
  stop: AbortSignal,
): Promise<Page> {
  const outDir = join(folder.path, "payment-sheet");
  const root = join(projectRoot, EXAMPLE);
  const vite = dirname(createRequire(join(root, "package.json")).resolve("vite/package.json"));
  const args = ["build", "--outDir", outDir, "--emptyOutDir", "--logLevel", "error"];
  const { PATH = "", HOME = "" } = process.env;
  await new Promise<void>((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [join(vite, "bin/vite.js"), ...args],
      { cwd: root, env: { PATH, HOME, NODE_ENV: "production" }, signal: stop },
      (error, _stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(`the example cannot be built: ${stderr}`, { cause: error }));
      },
    );
    if (child.pid !== undefined) folder.adopt(child.pid, "SIGKILL");
  });
  const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [relative(outDir, path).replaceAll(sep, "/"), await readFile(path)] as const;
  });
  const page = new Map(await Promise.all(files));
  await rm(outDir, { recursive: true });
  return page;
}
