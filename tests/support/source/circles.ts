import { posix } from "node:path";
import { importsOf } from "./imports.ts";

/**
 * The files that import each other in a circle, types included, and those between two circles; none where there is
 * none. Files that nothing left imports, and files that import nothing left, are on no circle.
 */
export function circles(sources: ReadonlyMap<string, string>): string[] {
  const imports = new Map([...sources].map(([path, text]) => [path, targets(path, text)]));
  for (let size = -1; size !== imports.size;) {
    size = imports.size;
    const imported = new Set([...imports.values()].flat());
    for (const [path, names] of imports) {
      if (!imported.has(path) || !names.some((name) => imports.has(name))) imports.delete(path);
    }
  }
  return [...imports.keys()].toSorted();
}

function targets(path: string, text: string): string[] {
  return importsOf(path, text)
    .filter((name) => name !== null)
    .filter((name) => name.startsWith("."))
    .map((name) => posix.join(posix.dirname(path), name));
}
