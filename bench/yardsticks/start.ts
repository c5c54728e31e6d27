import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoProgram } from "../../stack/functions/deno.ts";
import { projectFolder } from "../../stack/migrate.ts";
import { startChild } from "../../stack/process/child.ts";
import type { RunFolder } from "../../stack/process/run-folder.ts";

export interface Handler {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts a handler of this folder; what it imports is looked up among the installed packages. */
export const startHandler = (
  folder: RunFolder,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<Handler> =>
  serve(folder, fileURLToPath(new URL(`${name}.ts`, import.meta.url)), env, [
    `--config=${projectFolder}/deno.json`,
    "--node-modules-dir=manual",
  ]);

/** Starts a file that has nothing to look up, as a function's bundle has nothing. */
export const startAlone = (
  folder: RunFolder,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Handler> => serve(folder, file, env, ["--no-config", "--no-npm"]);

/** As the stack starts a function; answers when it listens. */
async function serve(
  folder: RunFolder,
  file: string,
  env: Readonly<Record<string, string>>,
  lookup: readonly string[],
): Promise<Handler> {
  const child = await startChild({
    name: file,
    command: denoProgram(),
    args: [
      "serve",
      "--host=127.0.0.1",
      "--port=0",
      ...lookup,
      "--no-lock",
      "--no-check",
      "--no-remote",
      "--no-prompt",
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--allow-sys",
      file,
    ],
    env: {
      ...env,
      DENO_DIR: join(folder.path, "bench-deno"),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    },
    cwd: projectFolder,
    folder,
    stopSignal: "SIGKILL",
    ready: (line) => /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1],
  });
  return {
    url: child.ready,
    stop: async () => {
      await child.stop();
    },
  };
}
