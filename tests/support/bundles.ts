import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import * as z from "zod";
import { entryOf } from "../../scripts/bundle/bundle.ts";

const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      bytes: z.number(),
      inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })),
      imports: z.array(
        z.object({ path: z.string(), kind: z.string(), external: z.boolean().optional() }),
      ),
    }),
  ),
});

/** A file of a bundled function. */
export interface BundledFile {
  /** Below the folder that holds `supabase/`. */
  readonly path: string;
  readonly bytes: number;
  /** What is in it, by paths in the project. */
  readonly sources: readonly string[];
}

/** What bundled functions are made of. */
export interface Bundles {
  /** The files of a function: what it loads to begin with, or with what it imports late as well. */
  filesOf(slug: string, which: "eager" | "all"): readonly BundledFile[];
}

/** @param folder as `bundledFunctions` answers it */
export async function readBundles(folder: string): Promise<Bundles> {
  const { outputs } = metafile.parse(
    JSON.parse(await readFile(join(folder, "metafile.json"), "utf8")),
  );
  // Paths are relative to where it was bundled.
  const named = new Map(
    Object.entries(outputs).map(([path, output]) => [belowSupabase(path), output]),
  );
  return {
    filesOf(slug, which) {
      const reached = new Set([entryOf(slug)]);
      for (const path of reached) {
        const file = named.get(path);
        if (file === undefined) throw new Error(`there is no ${path} in ${folder}`);
        for (const { path: imported, kind, external } of file.imports) {
          if (external !== true && (which === "all" || kind === "import-statement")) {
            reached.add(belowSupabase(imported));
          }
        }
      }
      return Array.from(reached, (path) => {
        const { bytes = 0, inputs = {} } = named.get(path) ?? {};
        const sources = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
        return { path, bytes, sources: sources.map(([source]) => source) };
      });
    },
  };
}

const belowSupabase = (path: string) =>
  posix.join("supabase", path.slice(path.lastIndexOf("/supabase/") + "/supabase/".length));
