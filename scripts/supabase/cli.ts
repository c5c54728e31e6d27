import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const program = join(
  dirname(createRequire(import.meta.url).resolve("supabase/package.json")),
  "dist",
  "supabase.js",
);

/**
 * Runs the Supabase CLI on a project folder and answers its standard output. It is told nothing of the
 * user (an empty home, so no login, no key ring), and asked to tell nobody anything.
 *
 * @param workdir the folder that holds `supabase/`
 * @throws with the CLI's own words when it fails
 */
export async function supabaseCli(workdir: string, args: readonly string[]): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "billingos-cli-"));
  try {
    const { stdout } = await run(
      process.execPath,
      [program, ...args, "--workdir", workdir, "--agent", "no"],
      { cwd: workdir, env: quietEnvironment(home), maxBuffer: 64 * 1024 * 1024 },
    );
    return stdout;
  } catch (error) {
    throw new Error(`supabase ${args[0] ?? ""} ${args[1] ?? ""} failed\n${output(error)}`, {
      cause: error,
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const quietEnvironment = (home: string) => ({
  PATH: process.env["PATH"] ?? "",
  HOME: home,
  SUPABASE_HOME: home,
  SUPABASE_NO_KEYRING: "1",
  SUPABASE_NO_UPDATE_NOTIFIER: "1",
  SUPABASE_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
});

function output(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const parts = ["stderr" in error ? error.stderr : "", "stdout" in error ? error.stdout : ""];
  return parts.filter((part) => typeof part === "string" && part !== "").join("\n") ||
    error.message;
}
