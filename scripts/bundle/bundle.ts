import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { functionSlugs } from "../deploy/function-slugs.ts";
import { bundledConfig } from "./config.ts";
import { withoutOtherResources } from "./stripe-resources.ts";

/** The file of a bundled function, below the folder that holds `supabase/`. */
export const entryOf = (slug: string): string => `supabase/functions/${slug}/index.js`;

const clients = fileURLToPath(new URL("supabase-clients.ts", import.meta.url));

/**
 * Bundles the functions of a project with the packages that npm has installed, without what none of them calls: into a folder that
 * can be deployed and run in the place of the project's. What several functions need is in files below `_shared`, and what is imported
 * late in files of its own. White space is left out and names are kept; beside each file is its map to the sources.
 *
 * @param folder the project's, which holds `supabase/`
 * @param target is made; its `metafile.json` says what each file was made of, and what it imports (https://esbuild.github.io/api/#metafile)
 * @throws with what is wrong in a source
 */
export async function bundleFunctions(folder: string, target: string): Promise<void> {
  // Only where there is something to bundle, which is rare.
  const { build } = await import("esbuild");
  const slugs = await functionSlugs(folder);
  const functions = join(target, "supabase", "functions");
  const { metafile, outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: Object.fromEntries(
      slugs.map((slug) => [`${slug}/index`, `supabase/functions/${slug}/index.ts`]),
    ),
    outdir: functions,
    chunkNames: "_shared/[hash]",
    bundle: true,
    splitting: true,
    metafile: true,
    format: "esm",
    target: "esnext",
    // As Deno resolves packages.
    platform: "neutral",
    conditions: ["deno"],
    mainFields: ["module", "main"],
    external: ["node:*"],
    tsconfigRaw: {},
    // Deno makes its imitation of Node's `process` when it is first looked at, which takes it longer than all that it is looked at for:
    // supabase-js warns of an old Node.
    define: { process: "undefined", "globalThis.process": "undefined" },
    plugins: [{
      name: "clients that no function uses",
      setup: (bundler) => {
        const filter = /^@supabase\/(auth|realtime|storage)-js$/;
        bundler.onResolve({ filter }, () => ({ path: clients }));
      },
    }, {
      name: "resources of Stripe that no function uses",
      setup: (bundler) => {
        bundler.onLoad({ filter: /\/stripe\/esm\/stripe\.core\.js$/ }, async ({ path }) => ({
          contents: withoutOtherResources(await readFile(path, "utf8")),
        }));
      },
    }],
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    charset: "utf8",
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "silent",
    write: false,
  });
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path.endsWith(".js") ? withSpacedImports(text) : text);
  }
  const config = await readFile(join(folder, "supabase", "config.toml"), "utf8");
  await writeFile(join(target, "supabase", "config.toml"), bundledConfig(config, slugs));
  // A bundle has nothing left to look up.
  await writeFile(join(target, "deno.json"), "{}\n");
  await writeFile(join(target, "metafile.json"), JSON.stringify(metafile));
}

/**
 * The CLI finds what it has to upload by a pattern in which white space follows `import` (node_modules/supabase), and there is none. What
 * imports is first in a file; that what else is in the last of these lines is moved by it, the map does not say.
 */
function withSpacedImports(text: string): string {
  const [imports = ""] = /^(?:import[^;]*?"[^"]*";\s*)*/.exec(text) ?? [];
  return imports.replaceAll(/\bimport(?=[{"*])/g, "import ") + text.slice(imports.length);
}
