import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** What a function is made of, as far as there is such in a folder; whatever else functions may read is not deployed. */
const SOURCES = [
  "supabase/functions",
  "shared",
  "deno.json",
  "supabase/config.toml",
  // The function `checkout` hands it out.
  "docs/openapi.json",
];

/**
 * SHA-256, in hexadecimal, of the functions in a folder: their sources, or bundles of them, whose maps are not counted.
 *
 * @param more other files and folders that count
 */
export async function functionsDigest(
  folder: string,
  more: readonly string[] = [],
): Promise<string> {
  return digestOf(folder, [...SOURCES, ...more]);
}

/** SHA-256, in hexadecimal, of files and folders, as far as they are there. */
export async function digestOf(folder: string, paths: readonly string[]): Promise<string> {
  const digest = createHash("sha256");
  for (const path of paths) {
    for (const file of await filesOf(folder, path)) {
      const content = await readFile(join(folder, file));
      digest.update(`${file}\0${content.length}\0`).update(content);
    }
  }
  return digest.digest("hex");
}

async function filesOf(folder: string, path: string): Promise<readonly string[]> {
  const found = await stat(join(folder, path)).catch(() => undefined);
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  const entries = await readdir(join(folder, path), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name))).toSorted();
}
