import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledFunctions } from "../../../scripts/bundle/kept.ts";
import { functionSlugs } from "../../../scripts/deploy/function-slugs.ts";
import { importsOf } from "../../../scripts/source/imports.ts";
import { supabaseCli } from "../../../scripts/supabase/cli.ts";
import { bootFunctions } from "../../../stack/functions/boot.ts";
import { denoProgram } from "../../../stack/functions/deno.ts";
import { projectFolder } from "../../../stack/migrate.ts";
import { readBundles } from "../../support/bundles.ts";
import { type ManagementApi, startManagementApi } from "../../support/management-api.ts";

const run = promisify(execFile);
const slugs = await functionSlugs(projectFolder);
let api: ManagementApi;
let folder: string;

const upload = (workdir: string) =>
  supabaseCli(workdir, ["functions", "deploy", "--use-api", `--remote=${api.ref}`, "--yes"], {
    accessToken: api.token,
    apiUrl: api.url,
  });

/** Everything that was uploaded, and nothing else of this project, in a folder. */
async function unpack(kind: string): Promise<string> {
  const target = join(folder, kind);
  for (const files of api.functions.values()) {
    for (const [path, text] of files) {
      await mkdir(dirname(join(target, path)), { recursive: true });
      await writeFile(join(target, path), text);
    }
  }
  return target;
}

beforeAll(async () => {
  api = await startManagementApi({ secretKey: "sb_secret_one" });
  folder = await mkdtemp(join(tmpdir(), "billingos test "));
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

describe("what the CLI uploads of the sources", () => {
  beforeAll(() => upload(projectFolder));

  it("are all functions, each with every file that it imports and none that speaks for another", () => {
    expect([...api.functions.keys()].toSorted()).toEqual(slugs);
    for (const [slug, files] of api.functions) {
      expect([...files.keys()]).toEqual(
        expect.arrayContaining(["deno.json", `supabase/functions/${slug}/index.ts`]),
      );
      // A declaration is of use to whoever does not import it, so that a file could be right beside it alone.
      expect([...files.keys()].filter((path) => path.endsWith(".d.ts"))).toEqual([]);
      const missing = [...files].flatMap(([path, text]) =>
        path.endsWith(".ts")
          ? importsOf(path, text)
            .flatMap((name) =>
              name?.startsWith(".") === true ? [posix.join(posix.dirname(path), name)] : []
            )
            .filter((target) => !files.has(target))
          : []
      );
      expect(missing).toEqual([]);
    }
  });

  it("have the API's description with the one function that hands it out", () => {
    const having = [...api.functions].filter(([, files]) => files.has("docs/openapi.json"));
    expect(having.map(([slug]) => slug)).toEqual(["checkout"]);
  });

  it("are of right types without the rest of the project", async () => {
    const alone = await unpack("sources");
    // Packages that npm has installed, where the platform fetches the same.
    await symlink(join(projectFolder, "node_modules"), join(alone, "node_modules"));
    // It ends with another exit code where a type is wrong.
    const checked = run(denoProgram(), [
      "check",
      "--node-modules-dir=manual",
      "--no-lock",
      "--no-remote",
      ...slugs.map((slug) => `supabase/functions/${slug}/index.ts`),
    ], {
      cwd: alone,
      env: { DENO_DIR: join(folder, "cache"), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    });
    await expect(checked).resolves.toMatchObject({ stdout: "" });
  });
});

describe("what the CLI uploads of the bundles", () => {
  let bundled: string;
  beforeAll(async () => {
    api.functions.clear();
    bundled = await bundledFunctions(projectFolder, folder);
    await upload(bundled);
  });

  it("are all functions, each with every file that it imports, late ones too, and nothing else", async () => {
    expect([...api.functions.keys()].toSorted()).toEqual(slugs);
    const bundles = await readBundles(bundled);
    for (const [slug, files] of api.functions) {
      const imported = bundles.filesOf(slug, "all").map(({ path }) => path);
      expect([...files.keys()].toSorted()).toEqual(imported.toSorted());
    }
  });

  it("start and answer with nothing beside them", async () => {
    const workdir = await unpack("bundled");
    await writeFile(join(workdir, "supabase", "config.toml"), "");
    expect(await bootFunctions({ workdir })).toEqual(slugs);
  });
});
