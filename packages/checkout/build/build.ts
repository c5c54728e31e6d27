import { copyFile, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";
import { builtFiles, publishedManifest, readManifest } from "./manifest.ts";

const here = fileURLToPath(new URL("..", import.meta.url));
const project = fileURLToPath(new URL("../../..", import.meta.url));

export interface BuildOptions {
  /** Where the published form is to stand; what is there is removed. */
  readonly outDir: string;
  /** Whether types are made too, which takes several times as long as the rest. */
  readonly types: boolean;
}

/**
 * Makes the published form: ESM with types and source maps, and the manifest that names them. In this project the package is
 * its source, so that nothing needs to be built for a test or a start.
 */
export async function buildPackage({ outDir, types }: BuildOptions): Promise<void> {
  const manifest = readManifest(await readFile(join(here, "package.json"), "utf8"));
  const files = [...builtFiles(manifest)];
  await build({
    cwd: project,
    config: false,
    logLevel: "error",
    entry: Object.fromEntries(
      files.filter(([name]) => name.endsWith(".js"))
        .map(([name, source]) => [name.slice(0, -".js".length), join(here, source)]),
    ),
    outDir,
    platform: "neutral",
    target: "es2022",
    sourcemap: true,
    outputOptions: {
      // By its place in the project, wherever that was built.
      sourcemapPathTransform: (source, map) => relative(project, resolve(dirname(map), source)),
    },
    minify: true,
    // It lies at the top, since declarations of what lies outside of its folder would be written beside their source.
    tsconfig: join(project, "tsconfig.package.json"),
    // The project's own compiler, which has no JavaScript API that the bundler could use by itself.
    dts: types && { sourcemap: false, tsgo: { path: join(project, "node_modules/.bin/tsc") } },
    // Peers and dependencies are named by the package's manifest, not by the project's.
    deps: { neverBundle: [/^[^./]/] },
  });
  await writeFile(
    join(outDir, "package.json"),
    `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`,
  );
  for (const [name, source] of files) {
    if (name.endsWith(".css")) await copyFile(join(here, source), join(outDir, name));
  }
  await copyFile(join(here, "README.md"), join(outDir, "README.md"));
  await copyFile(join(project, "LICENSE"), join(outDir, "LICENSE"));
}
