import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunFolder } from "../process/run-folder.ts";

/** The npm package that holds Deno for this system. */
export const denoPackage = (): string =>
  `@deno/${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`;

/** The Deno program itself; the package's own launcher would not pass signals on. */
export function denoProgram(): string {
  const { resolve } = createRequire(import.meta.url);
  const name = `${denoPackage()}/package.json`;
  try {
    // The package is a dependency of `deno`, so it is looked for from there.
    const from = createRequire(resolve("deno/package.json"));
    return join(dirname(from.resolve(name)), "deno");
  } catch {
    throw new Error(
      `There is no Deno for this system among the installed packages (${name}). ` +
        "With Docker, `supabase start` runs the same project.",
    );
  }
}

/**
 * Where Deno keeps compiled modules: beside the installed packages, so that the next start is quick,
 * and in the stack's own folder where this user may not write there.
 */
export async function denoCache(folder: RunFolder): Promise<string> {
  const shared = fileURLToPath(
    new URL(`../../node_modules/.cache/deno-${process.getuid?.() ?? 0}`, import.meta.url),
  );
  try {
    await mkdir(shared, { recursive: true });
    return shared;
  } catch {
    const own = join(folder.path, "deno-cache");
    await mkdir(own, { recursive: true });
    return own;
  }
}
