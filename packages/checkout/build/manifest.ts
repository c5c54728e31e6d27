import * as z from "zod";

const sourceManifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.literal("module"),
  engines: z.record(z.string(), z.string()),
  exports: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })),
});

type SourceManifest = z.infer<typeof sourceManifest>;

export const readManifest = (text: string): SourceManifest =>
  sourceManifest.parse(JSON.parse(text));

/** What is exported, by the name of the file that it is built into: `index.js` of `src/index.ts`. */
export const builtFiles = ({ exports }: SourceManifest): ReadonlyMap<string, string> =>
  new Map(Object.entries(exports).map(([entry, source]) => [builtName(entry), source]));

/** The manifest as it is published, of the one in the source: each entry names what was built of it. */
export function publishedManifest({ exports, dependencies, ...same }: SourceManifest) {
  return {
    ...same,
    sideEffects: ["*.css"],
    exports: {
      ...Object.fromEntries(Object.keys(exports).map((entry) => [entry, target(entry)])),
      // Bundlers and tools read it, which could not otherwise: https://nodejs.org/api/packages.html#package-entry-points
      "./package.json": "./package.json",
    },
    // The types name zod's, and no built file imports it: each version of the same major fits.
    dependencies: Object.fromEntries(
      Object.entries(dependencies).map(([name, version]) => [name, `^${version}`]),
    ),
  };
}

function builtName(entry: string): string {
  if (entry.endsWith(".css")) return entry.slice(2);
  return entry === "." ? "index.js" : `${entry.slice(2)}.js`;
}

function target(entry: string): string | { readonly types: string; readonly default: string } {
  const name = `./${builtName(entry)}`;
  return name.endsWith(".css") ? name : { types: name.replace(/js$/, "d.ts"), default: name };
}
