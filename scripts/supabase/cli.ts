import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
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

/** Whose projects the CLI works on. */
export interface Platform {
  /** The person's access token. */
  readonly accessToken: string;
  /** Another server that speaks the management API; undefined for Supabase's own. */
  readonly apiUrl: string | undefined;
}

/**
 * Runs the Supabase CLI on a project folder and answers its standard output. It is told nothing of the
 * user (an empty home, so no login, no key ring) but what `platform` says, and asked to tell nobody anything.
 *
 * @param workdir the folder that holds `supabase/`
 * @throws with the CLI's own words when it fails
 */
export async function supabaseCli(
  workdir: string,
  args: readonly string[],
  platform?: Platform,
): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "billingos-cli-"));
  try {
    const profile = platform?.apiUrl === undefined ? [] : await profileOf(platform.apiUrl, home);
    const token = platform === undefined ? {} : { SUPABASE_ACCESS_TOKEN: platform.accessToken };
    const { stdout } = await run(
      process.execPath,
      [program, ...args, "--workdir", workdir, "--agent", "no", ...profile],
      { cwd: workdir, env: { ...quietEnvironment(home), ...token }, maxBuffer: 64 * 1024 * 1024 },
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

/** The CLI takes another API from a file: a profile (https://supabase.com/docs/reference/cli/global-flags). */
async function profileOf(apiUrl: string, home: string): Promise<readonly string[]> {
  const file = join(home, "profile.yaml");
  const urls = ["api_url", "dashboard_url", "docs_url"].map((name) =>
    `${name}: ${JSON.stringify(apiUrl)}`
  );
  await writeFile(file, ["name: other", ...urls, "project_host: supabase.co", ""].join("\n"));
  return ["--profile", file];
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
