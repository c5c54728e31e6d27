import { join } from "node:path";
import { bundledFunctions } from "../../scripts/bundle/kept.ts";
import { entryOf } from "../../scripts/bundle/bundle.ts";
import type { RunFolder } from "../process/run-folder.ts";
import type { FunctionConfig } from "./config.ts";

/** What Deno starts for a function. */
export interface Served {
  readonly entrypoint: string;
  /** Where Deno keeps compiled modules: with the bundles, so that they are removed together. */
  readonly cache: string;
}

/**
 * Where a function is to be started from. They are bundled here at once, and again where a function is started once more after
 * its sources have changed. What is bundled already is started as it is.
 *
 * @throws with what is wrong in a source
 */
export async function servedFrom(
  configs: readonly FunctionConfig[],
  workdir: string,
  folder: RunFolder,
): Promise<(slug: string) => Promise<Served>> {
  if (configs.every(({ entrypoint }) => entrypoint.endsWith(".js"))) {
    const cache = join(folder.path, "deno-cache");
    return (slug) => Promise.resolve({ entrypoint: join(workdir, entryOf(slug)), cache });
  }
  const first = await bundledFunctions(workdir, folder.path);
  const started = new Set<string>();
  return async (slug) => {
    const bundles = started.has(slug) ? await bundledFunctions(workdir, folder.path) : first;
    started.add(slug);
    return { entrypoint: join(bundles, entryOf(slug)), cache: join(bundles, "deno") };
  };
}
