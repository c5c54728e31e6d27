import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Not by `new URL`, which in a test with a page is the page's own and no file's.
export const projectRoot: string = join(dirname(fileURLToPath(import.meta.url)), "../../");

/** Folders that hold what is installed or made, not written. */
const NOT_OURS = new Set([
  "node_modules",
  ".git",
  ".stryker-tmp",
  ".temp",
  ".branches",
  "coverage",
  "dist",
  "screenshots",
]);

/** Paths of the project's own files, relative to its root, with `/` on every system. */
export function projectFiles(accept: (path: string) => boolean, folder = ""): string[] {
  return readdirSync(projectRoot + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    if (entry.isDirectory()) {
      return NOT_OURS.has(entry.name) ? [] : projectFiles(accept, `${path}/`);
    }
    return accept(path) ? [path] : [];
  }).toSorted();
}

export function readProjectFile(path: string): string {
  return readFileSync(projectRoot + path, "utf8");
}
