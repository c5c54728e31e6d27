import { createRequire } from "node:module";
import { dirname, join } from "node:path";

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
