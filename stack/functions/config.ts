import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface FunctionConfig {
  readonly slug: string;
  /** The file that it begins with, by absolute path. */
  readonly entrypoint: string;
  readonly verifyJwt: boolean;
}

/**
 * The functions of a project: every folder below `supabase/functions` with an `index.ts`, or with an `index.js` where they are bundled,
 * and what `supabase/config.toml` says of it. As on the platform, `verify_jwt` is on unless switched off.
 *
 * @param workdir the folder that holds `supabase/`
 */
export async function readFunctions(workdir: string): Promise<FunctionConfig[]> {
  const folder = join(workdir, "supabase", "functions");
  const toml = await readFile(join(workdir, "supabase", "config.toml"), "utf8");
  const entries = await readdir(folder, { recursive: true });
  return entries
    .filter((path) => /^[a-z0-9-]+[/\\]index\.[tj]s$/.test(path))
    .map((path) => ({ path, slug: dirname(path) }))
    .toSorted((one, other) => one.slug < other.slug ? -1 : 1)
    .map(({ path, slug }) => ({
      slug,
      entrypoint: join(folder, path),
      verifyJwt: setting(toml, slug, "verify_jwt") !== "false",
    }));
}

/** One value of the table `[functions.<slug>]`, as written. */
function setting(toml: string, slug: string, name: string): string | undefined {
  let table = "";
  for (const line of toml.split(/\r?\n/)) {
    const header = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) table = header.replaceAll('"', "").trim();
    const [, key, value] = /^\s*(\w+)\s*=\s*([^#]+)/.exec(line) ?? [];
    if (table === `functions.${slug}` && key === name) return value?.trim();
  }
  return undefined;
}
