import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleFunctions } from "./bundle.ts";
import { digestOf, functionsDigest } from "./digest.ts";

/** Milliseconds after which bundles that nobody has asked for are removed: long after whoever runs them has begun. */
const UNUSED = 24 * 60 * 60 * 1000;

const projectRoot = fileURLToPath(new URL("../../", import.meta.url));
const keptIn = join(projectRoot, `node_modules/.cache/functions-${process.getuid?.() ?? 0}`);

/**
 * The folder with the bundled functions of a project as its sources are now. It is made where there is none yet, which takes a second
 * or two of a processor, and kept beside the installed packages; where this user may not write there, below a folder of the caller's.
 *
 * @param folder the project's, which holds `supabase/`
 * @param own exists, and is removed by whoever gives it
 * @throws with what is wrong in a source
 */
export async function bundledFunctions(folder: string, own: string): Promise<string> {
  const place = await placeFor(own);
  const name = createHash("sha256").update(`${folder}\0`)
    .update(await functionsDigest(folder, ["package-lock.json"]))
    .update(await digestOf(projectRoot, ["scripts/bundle", "package-lock.json"]))
    .digest("hex").slice(0, 32);
  const bundles = join(place, name);
  if (!await exists(bundles)) await make(folder, bundles);
  const now = new Date();
  await utimes(bundles, now, now).catch(() => undefined);
  return bundles;
}

async function placeFor(own: string): Promise<string> {
  try {
    await mkdir(keptIn, { recursive: true, mode: 0o700 });
    return keptIn;
  } catch {
    const functions = join(own, "functions");
    await mkdir(functions, { recursive: true, mode: 0o700 });
    return functions;
  }
}

/** In one step visible to others, who may be making the same. */
async function make(folder: string, bundles: string): Promise<void> {
  const unfinished = `${bundles}-${randomBytes(6).toString("hex")}`;
  try {
    await bundleFunctions(folder, unfinished);
    await rename(unfinished, bundles);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Somebody else was first.
    if (!await exists(bundles)) throw error;
  }
  await removeUnused(join(bundles, ".."));
}

/** As far as it can: others make and remove bundles meanwhile, and no start fails for it. */
async function removeUnused(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const found = await stat(join(place, name)).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs <= UNUSED) continue;
    await rm(join(place, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

const exists = (path: string) => stat(path).then(() => true, () => false);
