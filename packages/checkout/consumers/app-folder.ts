import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";
import { buildPackage } from "../build/build.ts";

const apps = fileURLToPath(new URL("apps", import.meta.url));
/** The example is the app of Next.js: what is shown to others is what is tried. */
const next = fileURLToPath(new URL("../../../examples/next", import.meta.url));
/** What somebody who has followed its README leaves there. */
const left = new Set(["node_modules", ".next", ".env.local"].map((name) => join(next, name)));
const isWritten = (path: string) => !left.has(path);
const tools = fileURLToPath(new URL("../../../node_modules/.bin", import.meta.url));
const execute = promisify(execFile);

/** What examples/next/.env.example names, when it is built. */
const nextEnvironment = {
  NEXT_PUBLIC_SUPABASE_URL: "https://example.supabase.co",
  NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY: "sb_publishable_example",
};

const quietly = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel", "error"];
/** https://docs.npmjs.com/cli/commands/npm-pack#json */
const tarballs = z.tuple([
  z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
]);

/** Minutes that nothing here takes; what hangs is ended. */
const TIMEOUT = 300_000;

export interface AppFolder {
  /** Where the package is installed. */
  readonly installed: string;
  /** What the tarball holds. */
  readonly packed: readonly string[];
  /** Runs a program in one of the apps, of those that the apps have installed or this project; answers what it has printed. */
  run(app: string, program: string, ...args: readonly string[]): Promise<string>;
  file(...path: readonly string[]): string;
  remove(): Promise<void>;
}

/** Builds the package, packs it, and installs that in a copy of the apps, beside what they have of their own. */
export async function openApps(): Promise<AppFolder> {
  const folder = await mkdtemp(join(tmpdir(), "checkout-apps-"));
  const bin = join(folder, "node_modules", ".bin");
  const env = {
    ...process.env,
    PATH: [bin, tools, process.env["PATH"] ?? ""].join(delimiter),
    NODE_ENV: "production",
    ...nextEnvironment,
    // https://nextjs.org/telemetry
    NEXT_TELEMETRY_DISABLED: "1",
    DENO_NO_UPDATE_CHECK: "1",
  };
  const run = async (cwd: string, program: string, args: readonly string[]) => {
    try {
      const { stdout } = await execute(program, args, { cwd, env, timeout: TIMEOUT });
      return stdout;
    } catch (error) {
      // What a compiler has to say of it, it prints.
      if (error instanceof Error && "stdout" in error && "stderr" in error) {
        throw new Error(`${error.message}\n${String(error.stdout)}\n${String(error.stderr)}`, {
          cause: error,
        });
      }
      throw error;
    }
  };
  try {
    const built = join(folder, "built");
    const [packed] = await Promise.all([
      (async () => {
        await buildPackage({ outDir: built, types: true });
        return run(folder, "npm", ["pack", built, "--json", "--loglevel", "error"]);
      })(),
      (async () => {
        await cp(apps, folder, { recursive: true });
        await cp(next, join(folder, "next"), { recursive: true, filter: isWritten });
        await run(folder, "npm", ["ci", ...quietly]);
      })(),
    ]);
    const [{ filename, files }] = tarballs.parse(JSON.parse(packed));
    await run(folder, "npm", ["install", "--no-save", ...quietly, join(folder, filename)]);
    return {
      installed: join(folder, "node_modules", "@billingos", "checkout"),
      packed: files.map(({ path }) => path),
      run: (app, program, ...args) => run(join(folder, app), program, args),
      file: (...path) => join(folder, ...path),
      remove: () => rm(folder, { recursive: true }),
    };
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}
